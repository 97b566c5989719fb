import type { Log } from '../model/logRecord';
import type { Snapshot } from '../model/snapshot';
import type { UsageRecord } from '../model/usageRecord';
import type { EngineSettings, EngineStart } from '../protocol/engineApi';
import type { Ledger } from '../ledger/ledger';
import type { Root } from '../sources/claude/locate';
import { Aggregator, type SweepScope } from './aggregator';
import { AttentionKeeper } from './attention';
import type { Role, Tell } from './engine';
import type { Figures } from './figures';
import { Lookout } from './lookout';
import { ScanHealthKeeper } from './scanHealth';
import { Transcripts } from './transcripts';
import type { WritePath } from './writePath';

export interface ScanningOptions {
  readonly start: EngineStart;
  readonly ledger: Ledger;
  readonly writePath: WritePath;
  readonly figures: () => Figures;
  readonly healthNow: () => Snapshot['scan'];
  /** Takes records in, priced. */
  readonly fold: (records: readonly UsageRecord[]) => void;
  /** A sweep has ended. */
  readonly onSwept: () => void;
  readonly isStopped: () => boolean;
  readonly tell: Tell;
  readonly log: Log;
}

/** When and where transcripts are read: by the clock, by what the watcher sees, and by who looks. */
export class Scanning {
  readonly health: ScanHealthKeeper;
  readonly aggregator: Aggregator;
  readonly lookout: Lookout;
  readonly #options: ScanningOptions;
  readonly #attention: AttentionKeeper;
  readonly #transcripts: Transcripts;

  constructor(options: ScanningOptions) {
    const { start, ledger, writePath, isStopped, log } = options;
    this.#options = options;
    this.health = new ScanHealthKeeper(ledger.meta('scanComplete') === 'yes');
    this.aggregator = new Aggregator({
      sweep: async (scope) => {
        const changed = await this.#transcripts.sweep(scope);
        if (!isStopped()) options.onSwept();
        return changed;
      },
      minIntervalMs: start.settings.minIntervalMs,
      maxIntervalMs: start.settings.maxIntervalMs,
      log,
    });
    this.lookout = new Lookout({
      health: this.health,
      aggregator: this.aggregator,
      log,
      onChange: (scope) => {
        if (!isStopped()) this.#requestQuietly(scope);
      },
    });
    this.#attention = new AttentionKeeper(this.aggregator);
    this.#transcripts = new Transcripts({
      start,
      ledger,
      health: this.health,
      healthNow: options.healthNow,
      lookout: this.lookout,
      checkpoints: writePath.checkpoints,
      journals: writePath.journals,
      figures: options.figures,
      fold: options.fold,
      unsaved: () => writePath.unsaved,
      isStopped,
      tell: options.tell,
      log,
    });
  }

  /** Where transcripts may lie. */
  get roots(): readonly Root[] {
    return this.#transcripts.roots;
  }

  begin(): void {
    this.lookout.watch(this.roots);
    this.aggregator.start();
  }

  /** Resolves when everything has been looked at. */
  async lookNow(): Promise<void> {
    await this.aggregator.request('everything');
  }

  lookSoon(): void {
    this.#requestQuietly('everything');
  }

  /** The same, and every file is read from its beginning. */
  async readAnew(): Promise<void> {
    this.#transcripts.readAnew();
    await this.lookNow();
  }

  readonly calls: Pick<Role['calls'], 'cancelScan' | 'attention'> = {
    cancelScan: () => {
      this.#transcripts.cancel();
      return null;
    },
    attention: (attention) => {
      this.#attention.told(attention);
      return null;
    },
  };

  windowGone(windowId: string): void {
    this.#attention.gone(windowId);
  }

  configure({ minIntervalMs, maxIntervalMs, user, extraRoots }: EngineSettings): void {
    this.aggregator.setIntervals(minIntervalMs, maxIntervalMs);
    if (!this.#transcripts.configure(user, extraRoots)) return;
    if (this.#options.start.background) this.lookout.watch(this.roots);
    this.lookSoon();
  }

  async stop(): Promise<void> {
    await Promise.all([this.lookout.close(), this.aggregator.stop()]);
  }

  #requestQuietly(scope: SweepScope): void {
    // A failed sweep has been logged, and is tried again by the timer.
    this.aggregator.request(scope).catch(() => undefined);
  }
}
