import { type ErrorMessage, toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { EpochMs } from '../model/time';

/** The least pause between two checkpoints of a ledger that keeps changing: journals and transcripts hold what is newer. */
const leastPauseMs = 30_000;
/** And after something has changed. */
const soonMs = 1_000;
/** A month is written as a whole: the larger it is, the rarer, so that no more than this is written in a minute. */
const bytesPerMinute = 5_000_000;
/** However much there is to write. */
const longestPauseMs = 600_000;

/** Saves the ledger now and then while there is something to save, one save at a time. */
export class Checkpoints {
  /** Resolves with the bytes that it has written. */
  readonly #save: () => Promise<number>;
  readonly #log: Log;
  readonly #leastPauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs: number;
  #running: Promise<void> | null = null;
  #lastEnded = -Infinity;
  #stopped = false;
  /** When the last one was written. */
  lastEpochMs: EpochMs | null = null;
  /** What kept the last checkpoint from being written; null when it was. */
  error: ErrorMessage | null = null;

  constructor(save: () => Promise<number>, log: Log, pauseMs = leastPauseMs) {
    this.#save = save;
    this.#log = log;
    this.#leastPauseMs = pauseMs;
    this.#pauseMs = pauseMs;
  }

  /** For what changes since `beganMs` (of `performance.now()`), and goes on changing: it is time to save. */
  isDue(beganMs: number): boolean {
    return performance.now() - Math.max(beganMs, this.#lastEnded) > this.#leastPauseMs;
  }

  /** There is something to save: soon, unless the last save is just behind. */
  schedule(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    const now = performance.now();
    // What comes while a save is under way is for the one after it.
    const since = this.#running === null ? this.#lastEnded : now;
    const wait = Math.max(Math.min(soonMs, this.#leastPauseMs), since + this.#pauseMs - now);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.now().catch(() => this.schedule());
    }, wait);
  }

  /** Saves all that was folded before this call; rejects with what kept it from being saved. */
  async now(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
    this.#running = this.#run();
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
  }

  /** Begins no other save by itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    try {
      const bytes = await this.#save();
      const fairMs = (bytes / bytesPerMinute) * 60_000;
      this.#pauseMs = Math.min(longestPauseMs, Math.max(this.#leastPauseMs, fairMs));
      this.error = null;
      this.lastEpochMs = Date.now();
    } catch (error) {
      this.error = toErrorMessage(error);
      this.#log('error', 'the ledger could not be saved; it is tried again', {
        error: this.error.message,
        reason: this.error.reason,
      });
      throw error;
    } finally {
      this.#lastEnded = performance.now();
    }
  }
}
