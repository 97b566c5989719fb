import type { Snapshot } from '../model/snapshot';
import { monthOf, type Month, quarterHourMs, type QuarterHour } from '../model/time';
import type { Rollups } from '../stats/rollups';
import { SnapshotBuilder } from '../stats/snapshotBuilder';

/** While a scan runs, new figures are told at most this often. */
const scanPauseMs = 1_000;
/** Between two snapshots of what is being recorded: nobody can see figures change oftener. */
const recordedPauseMs = 250;

export interface FiguresOptions {
  readonly rollups: Rollups;
  readonly timeZone: string;
  /** The generation of the last snapshot that an earlier leader told. */
  readonly generation: number;
  readonly health: () => Snapshot['scan'];
  readonly tell: (snapshot: Snapshot) => void;
}

/** The figures that everybody is shown: one snapshot, made anew when something has changed, told not too often. */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #builder: SnapshotBuilder;
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
    this.#snapshot = this.#build();
  }

  /** As last told. */
  get last(): Snapshot {
    return this.#snapshot;
  }

  get builder(): SnapshotBuilder {
    return this.#builder;
  }

  /** The latest; made anew if something has changed, or a day has ended, since the last. */
  current(): Snapshot {
    const { civil } = this.#builder;
    if (this.#stale || civil.dayOf(Date.now()) !== civil.dayOf(this.#snapshot.takenEpochMs)) this.tellNow();
    return this.#snapshot;
  }

  /** Sums of these quarter hours have moved: what was remembered of their months is of no use any more. */
  changed(quarters: ReadonlySet<QuarterHour>): void {
    if (quarters.size === 0) return;
    const months = new Set<Month>();
    for (const quarter of quarters) months.add(monthOf(quarter * quarterHourMs));
    this.#builder.changed(months);
    this.#stale = true;
  }

  /** Something else than the sums has changed. */
  outdate(): void {
    this.#stale = true;
  }

  tellNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#snapshot = this.#build();
    this.#stale = false;
    this.#lastToldMs = performance.now();
    if (!this.#stopped) this.#options.tell(this.#snapshot);
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
    return this.#builder.build(++this.#generation, Date.now(), this.#options.health());
  }
}
