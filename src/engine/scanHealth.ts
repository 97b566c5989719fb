import type { ScanHealth, ScanState } from '../model/snapshot';
import type { EpochMs } from '../model/time';

/** Examples of bad lines that are kept. */
const keptExamples = 20;

/** Counts of one sweep. */
export interface SweepCounts {
  filesSeen: number;
  filesRead: number;
  filesSkipped: number;
  bytesRead: number;
  linesRead: number;
  /** Files that could not be read this time. */
  fileErrors: number;
}

export function noCounts(): SweepCounts {
  return { filesSeen: 0, filesRead: 0, filesSkipped: 0, bytesRead: 0, linesRead: 0, fileErrors: 0 };
}

export interface BadLine {
  readonly path: string;
  readonly offset: number;
  readonly reason: string;
}

/** Keeps score of the sweeps; everything that is shown about them comes from here. */
export class ScanHealthKeeper {
  roots: ScanHealth['roots'] = [];
  watcher: ScanHealth['watcher'] = 'off';
  badLines = 0;
  #running = false;
  #complete: boolean;
  #runs = 0;
  #failures = 0;
  #lastStarted: EpochMs | null = null;
  #lastFinished: EpochMs | null = null;
  #lastDurationMs = 0;
  #lastError: string | null = null;
  #last: SweepCounts = noCounts();
  #examples: BadLine[] = [];

  /** @param complete whether an earlier life of this ledger has finished a scan. */
  constructor(complete: boolean) {
    this.#complete = complete;
  }

  get complete(): boolean {
    return this.#complete;
  }

  began(at: EpochMs): void {
    this.#running = true;
    this.#runs++;
    this.#lastStarted = at;
  }

  finished(at: EpochMs, counts: SweepCounts, everything: boolean): void {
    this.#ended(at);
    this.#lastError = null;
    this.#last = counts;
    if (everything) this.#complete = true;
  }

  failed(at: EpochMs, error: unknown): void {
    this.#ended(at);
    this.#failures++;
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  badLine(line: BadLine): void {
    this.#examples = [...this.#examples.slice(1 - keptExamples), line];
  }

  health(hasUsage: boolean): ScanHealth {
    return {
      state: this.#state(hasUsage),
      complete: this.#complete,
      roots: this.roots,
      runs: this.#runs,
      failures: this.#failures,
      lastStartedEpochMs: this.#lastStarted,
      lastFinishedEpochMs: this.#lastFinished,
      lastDurationMs: this.#lastDurationMs,
      filesSeen: this.#last.filesSeen,
      filesRead: this.#last.filesRead,
      filesSkipped: this.#last.filesSkipped,
      bytesRead: this.#last.bytesRead,
      linesRead: this.#last.linesRead,
      badLines: this.badLines,
      badLineExamples: this.#examples,
      lastError: this.#lastError,
      watcher: this.watcher,
      role: 'leader',
    };
  }

  #state(hasUsage: boolean): ScanState {
    if (this.#lastError !== null) return 'failing';
    // A sweep of a ledger that is complete is no news: the figures stand.
    if (!this.#complete && (this.#running || this.#lastFinished === null)) return 'scanning';
    return hasUsage ? 'ready' : 'empty';
  }

  #ended(at: EpochMs): void {
    this.#running = false;
    this.#lastFinished = at;
    this.#lastDurationMs = at - (this.#lastStarted ?? at);
  }
}
