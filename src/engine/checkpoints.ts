import { type ErrorMessage, toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { EpochMs } from '../model/time';

/** The pause between two checkpoints of a ledger that keeps changing: journals and transcripts hold what is newer. */
const pauseMs = 30_000;

/** Saves the ledger now and then while there is something to save, one save at a time. */
export class Checkpoints {
  readonly #save: () => Promise<void>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #lastEnded = -Infinity;
  #stopped = false;
  /** When the last one was written. */
  lastEpochMs: EpochMs | null = null;
  /** What kept the last checkpoint from being written; null when it was. */
  error: ErrorMessage | null = null;

  constructor(save: () => Promise<void>, log: Log) {
    this.#save = save;
    this.#log = log;
  }

  /** For what changes since `beganMs` (of `performance.now()`), and goes on changing: it is time to save. */
  isDue(beganMs: number): boolean {
    return performance.now() - Math.max(beganMs, this.#lastEnded) > pauseMs;
  }

  /** There is something to save: soon, unless the last save is just behind. */
  schedule(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    const wait = Math.max(1_000, this.#lastEnded + pauseMs - performance.now());
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
      await this.#save();
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
