import type { Limit, LimitState } from '../model/limit';
import type { Snapshot } from '../model/snapshot';
import type { CivilDay, QuarterHour } from '../model/time';
import type { CacheCounts } from './cacheCounts';
import type { Role } from './engine';
import { ActiveBlocks, type ExactTimes } from '../stats/activeBlocks';
import { BlockHistory, type CountedMessages } from '../stats/blockHistory';
import { LimitSpending } from '../stats/limitSpending';
import type { Rollups } from '../stats/rollups';
import { SnapshotRing } from '../stats/snapshotRing';
import { SnapshotBuilder } from '../stats/snapshotBuilder';

/** While a scan runs, new figures are told at most this often. */
const scanPauseMs = 1_000;
/** Between two snapshots of what is being recorded: nobody can see figures change oftener. */
const recordedPauseMs = 250;

export interface FiguresOptions {
  readonly rollups: Rollups;
  readonly ledger: ExactTimes & CountedMessages;
  readonly limits: readonly Limit[];
  readonly isMuted: (limit: string, from: CivilDay) => boolean;
  readonly timeZone: string;
  /** The generation of the last snapshot that an earlier leader told. */
  readonly generation: number;
  readonly cache: CacheCounts;
  readonly health: () => Snapshot['scan'];
  readonly tell: (snapshot: Snapshot) => void;
}

/** The figures that everybody is shown: one snapshot, made anew when something has changed, told not too often. */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #builder: SnapshotBuilder;
  readonly #activeBlocks: ActiveBlocks;
  readonly #blockHistory: BlockHistory;
  readonly ring = new SnapshotRing();
  #limits: LimitSpending;
  #generation: number;
  #snapshot: Snapshot;
  #stale = false;
  #lastToldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: FiguresOptions) {
    this.#options = options;
    this.#generation = options.generation;
    this.#builder = new SnapshotBuilder(options.rollups, options.timeZone);
    this.#activeBlocks = new ActiveBlocks(options.rollups, options.ledger);
    this.#blockHistory = new BlockHistory(options.rollups, options.ledger, (remembered) =>
      options.cache.count(remembered),
    );
    this.#limits = new LimitSpending(options.rollups, this.#builder.civil, options.limits);
    this.#snapshot = this.#build();
  }

  /** As last told. */
  get last(): Snapshot {
    return this.#snapshot;
  }

  get builder(): SnapshotBuilder {
    return this.#builder;
  }

  /** The latest; made anew if something has changed, or a day or a block has ended, since the last. */
  current(): Snapshot {
    const { civil } = this.#builder;
    const { takenEpochMs, block } = this.#snapshot;
    const now = Date.now();
    const over = block !== null && block !== undefined && now >= block.endEpochMs;
    if (this.#stale || over || civil.dayOf(now) !== civil.dayOf(takenEpochMs)) this.tellNow();
    return this.#snapshot;
  }

  /** Sums of these quarter hours have moved: what was remembered of them is of no use any more. */
  changed(quarters: ReadonlySet<QuarterHour>): void {
    if (quarters.size === 0) return;
    this.#builder.changed(quarters);
    this.#activeBlocks.changed(quarters);
    this.#blockHistory.changed(quarters);
    this.#limits.changed(quarters);
    this.#stale = true;
  }

  configure(timeZone: string, limits: readonly Limit[]): void {
    this.#builder.setTimeZone(timeZone);
    this.#limits = new LimitSpending(this.#options.rollups, this.#builder.civil, limits);
    this.#stale = true;
  }

  /** How a limit stands now, in the period that began on `from`; undefined if that is over, or there is no such limit. */
  limit(id: string, from: CivilDay): LimitState | undefined {
    return this.current().limits?.find((state) => state.limit.id === id && state.from === from);
  }

  readonly calls: Pick<Role['calls'], 'blocks' | 'history'> = {
    blocks: (filter) => this.#blockHistory.blocks(filter, this.#builder.civil),
    history: ({ fromEpochMs, toEpochMs }) => {
      this.#options.cache.count(true);
      return this.ring.between(fromEpochMs, toEpochMs);
    },
  };

  /** The ledger was read anew: nothing that is remembered of it holds. */
  forget(): void {
    this.#builder.forget();
    this.#activeBlocks.forget();
    this.#blockHistory.forget();
    this.#limits.forget();
    this.#stale = true;
  }

  tellNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#snapshot = this.#build();
    this.#stale = false;
    this.#lastToldMs = performance.now();
    this.ring.add(this.#snapshot);
    if (!this.#stopped) this.#options.tell(this.#snapshot);
  }

  /** What is found in the next moments is told when the scan ends: a small change is told, and drawn, once. */
  scanBegins(): void {
    this.#lastToldMs = performance.now();
  }

  /** For a scan, which folds one lot after the other and leaves no turn for timers. */
  tellDuringScan(): void {
    if (this.#stale && performance.now() - this.#lastToldMs > scanPauseMs) this.tellNow();
  }

  tellSoon(): void {
    if (!this.#stale || this.#timer !== undefined) return;
    const wait = this.#lastToldMs + recordedPauseMs - performance.now();
    if (wait <= 0) this.tellNow();
    else this.#timer = setTimeout(() => this.tellNow(), wait);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #build(): Snapshot {
    const { health, isMuted } = this.#options;
    const now = Date.now();
    return {
      ...this.#builder.build(++this.#generation, now, health()),
      block: this.#activeBlocks.at(now),
      limits: this.#limits.states(this.#builder.civil.dayOf(now), isMuted),
    };
  }
}
