import { type ErrorMessage, toErrorMessage } from '../model/errors';
import type { RunHealth } from '../model/health';
import type { ScanHealth, ScanState } from '../model/snapshot';
import type { EpochMs } from '../model/time';

/** Examples of bad lines that are kept. */
const keptExamples = 20;
/** Runs that are kept. */
const keptRuns = 20;

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
  /** Why it polls; null while events arrive. */
  watcherReason: string | null = null;
  badLines = 0;
  #running = false;
  #complete: boolean;
  #runs = 0;
  #failures = 0;
  #consecutiveFailures = 0;
  #lastStarted: EpochMs | null = null;
  #lastFinished: EpochMs | null = null;
  #beganMs = 0;
  #scope: RunHealth['scope'] = 'everything';
  #lastDurationMs = 0;
  #lastError: ErrorMessage | null = null;
  #last: SweepCounts = noCounts();
  #examples: BadLine[] = [];
  #history: readonly RunHealth[] = [];
  #bytesRead = 0;
  readonly #runListeners = new Set<(run: RunHealth) => void>();

  /** @param complete whether an earlier life of this ledger has finished a scan. */
  constructor(complete: boolean) {
    this.#complete = complete;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** The last runs, newest first. */
  get history(): readonly RunHealth[] {
    return this.#history;
  }

  /** Runs that failed since the last one that did not. */
  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** Of all runs. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The listener hears of every run when it has ended. */
  onRun(listener: (run: RunHealth) => void): () => void {
    this.#runListeners.add(listener);
    return () => this.#runListeners.delete(listener);
  }

  began(at: EpochMs, scope: RunHealth['scope']): void {
    this.#running = true;
    this.#runs++;
    this.#lastStarted = at;
    this.#beganMs = performance.now();
    this.#scope = scope;
  }

  /**
   * @param whole it was not stopped before its end.
   * @returns what is kept of the run, for the log.
   */
  finished(at: EpochMs, counts: SweepCounts, whole: boolean): RunHealth {
    this.#lastError = null;
    this.#consecutiveFailures = 0;
    this.#last = counts;
    if (this.#scope === 'everything' && whole) this.#complete = true;
    return this.#ended(at, counts);
  }

  failed(at: EpochMs, error: unknown): RunHealth {
    this.#failures++;
    this.#consecutiveFailures++;
    this.#lastError = toErrorMessage(error);
    return this.#ended(at, noCounts());
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
      consecutiveFailures: this.#consecutiveFailures,
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
      ...errorParts(this.#lastError),
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

  #ended(at: EpochMs, counts: SweepCounts): RunHealth {
    this.#running = false;
    this.#lastFinished = at;
    this.#lastDurationMs = performance.now() - this.#beganMs;
    this.#bytesRead += counts.bytesRead;
    const run: RunHealth = {
      startedEpochMs: this.#lastStarted ?? at,
      durationMs: this.#lastDurationMs,
      scope: this.#scope,
      ...counts,
      error: this.#lastError?.message ?? null,
    };
    this.#history = [run, ...this.#history.slice(0, keptRuns - 1)];
    for (const listener of this.#runListeners) listener(run);
    return run;
  }
}

/** How a snapshot tells of what failed last. */
export function errorParts(error: ErrorMessage | null): Pick<ScanHealth, 'lastError' | 'lastErrorReason'> {
  return error === null ? { lastError: null } : { lastError: error.message, lastErrorReason: error.reason };
}
