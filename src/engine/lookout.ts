import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../model/logRecord';
import type { Root } from '../sources/claude/locate';
import { TranscriptTree, type TreeListing } from '../sources/claude/tree';
import { type TranscriptWatch, watchTranscripts } from '../sources/claude/watch';
import type { Aggregator, SweepScope } from './aggregator';
import type { ScanHealthKeeper } from './scanHealth';

/** However well changes are told: after so long every file is asked about again. */
const askAllMs = 60_000;
/** How long nothing is looked at, at most, where changes are not told. */
const pollMs = 5_000;
/** One change that was not told may be the file system's clock; a second one is not. */
const missesBelieved = 2;

export interface LookoutOptions {
  readonly health: ScanHealthKeeper;
  readonly aggregator: Pick<Aggregator, 'setCeiling'>;
  readonly log: Log;
  readonly onChange: (scope: SweepScope) => void;
}

/** Knows which transcripts there are: by what the system tells, as far as that can be relied on, and by looking. */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #tree = new TranscriptTree();
  #watch: TranscriptWatch | null = null;
  #lastAskedAllMs = -Infinity;
  /** Everything since the last listing was told. */
  #told = false;
  #misses = 0;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** Folders that are watched. */
  get folders(): number {
    return this.#watch?.folders ?? 0;
  }

  watch(roots: readonly Root[]): void {
    const { health, aggregator, log, onChange } = this.#options;
    void this.close();
    this.#told = false;
    this.#misses = 0;
    health.watcher = 'events';
    health.watcherReason = null;
    aggregator.setCeiling(Infinity);
    this.#watch = watchTranscripts(roots, (paths) => onChange(paths ?? 'everything'), {
      onEvent: (path) => this.#tree.touch(path),
      onPolling: (reason) => {
        health.watcher = 'polling';
        health.watcherReason = reason;
        aggregator.setCeiling(pollMs);
        log('warn', 'changes are found by polling from now on', { reason });
      },
      onError: (error) => log('warn', 'a folder cannot be watched', { error: error.message }),
    });
  }

  /** All transcripts. Those of which nothing was told are not asked about each time. */
  async list(roots: readonly Root[]): Promise<TreeListing> {
    const now = performance.now();
    const allTold = this.#told && this.#watch?.tellsAll === true && now - this.#lastAskedAllMs < askAllMs;
    if (allTold) {
      // Whatever was written before this call is told within one round of the event loop.
      await nextTurn();
      await nextTurn();
    }
    const tells = this.#watch?.tellsAll === true;
    const listing = await this.#tree.list(roots, allTold && tells);
    if (!allTold) this.#lastAskedAllMs = now;
    if (this.#told && tells && listing.untold.length > 0 && ++this.#misses >= missesBelieved)
      this.#watch?.distrust('changes were found of which the system had told nothing');
    this.#told = tells;
    return listing;
  }

  async close(): Promise<void> {
    const watch = this.#watch;
    this.#watch = null;
    await watch?.close();
  }
}
