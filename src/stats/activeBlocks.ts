import { type ActiveBlock, blockMs } from '../model/block';
import { measureNames, noMeasures } from '../model/measures';
import { quarterHourMs, type EpochMs, type QuarterHour } from '../model/time';
import { activeBlock } from './blocks';
import { PlanWindows } from './planWindows';
import type { Rollups } from './rollups';

/** What the ledger knows to the millisecond. */
export interface ExactTimes {
  /** Holds at least what was counted from an instant on. */
  recent(from: EpochMs): {
    forEach(visit: (epochMs: EpochMs, values: ArrayLike<number>) => void): void;
  };
  countedBetween(from: EpochMs, to: EpochMs): readonly { readonly epochMs: EpochMs }[];
}

/** The 5-hour block that is running: from memory alone, but for the rare pause that only its milliseconds can judge. */
export class ActiveBlocks {
  readonly #exact: ExactTimes;
  readonly #windows: PlanWindows;
  #nowEpochMs: EpochMs = 0;

  constructor(rollups: Rollups, exact: ExactTimes) {
    this.#exact = exact;
    this.#windows = new PlanWindows(
      rollups,
      () => true,
      (quarter) => this.#timesIn(quarter),
    );
  }

  changed(quarters: Iterable<QuarterHour>): void {
    this.#windows.changed(quarters);
  }

  forget(): void {
    this.#windows.changed([-Infinity]);
  }

  at(nowEpochMs: EpochMs): ActiveBlock | null {
    this.#nowEpochMs = nowEpochMs;
    const window = this.#windows.at(nowEpochMs);
    if (window === null) return null;
    const { startEpochMs, afterEpochMs } = window;
    const endEpochMs = startEpochMs + blockMs;
    if (nowEpochMs >= endEpochMs) return null;
    const total = noMeasures();
    let firstEpochMs = Infinity;
    let lastEpochMs = -Infinity;
    this.#exact.recent(nowEpochMs - blockMs).forEach((epochMs, values) => {
      if (epochMs <= afterEpochMs || epochMs > endEpochMs) return;
      firstEpochMs = Math.min(firstEpochMs, epochMs);
      lastEpochMs = Math.max(lastEpochMs, epochMs);
      for (const [index, name] of measureNames.entries()) total[name] += values[index]!;
    });
    return total.messages === 0
      ? null
      : activeBlock({ startEpochMs, endEpochMs, firstEpochMs, lastEpochMs, total }, nowEpochMs);
  }

  #timesIn(quarter: QuarterHour): { readonly first: EpochMs; readonly last: EpochMs } {
    const from = quarter * quarterHourMs;
    const to = from + quarterHourMs;
    let first = Infinity;
    let last = -Infinity;
    const see = (epochMs: EpochMs): void => {
      if (epochMs < from || epochMs >= to) return;
      first = Math.min(first, epochMs);
      last = Math.max(last, epochMs);
    };
    const recentFrom = this.#nowEpochMs - blockMs;
    if (from >= recentFrom) this.#exact.recent(recentFrom).forEach(see);
    else for (const { epochMs } of this.#exact.countedBetween(from, to)) see(epochMs);
    return { first, last };
  }
}
