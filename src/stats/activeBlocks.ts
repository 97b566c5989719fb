import { type ActiveBlock, blockMs } from '../model/block';
import { measureNames, noMeasures } from '../model/measures';
import type { EpochMs, QuarterHour } from '../model/time';
import { activeBlock } from './blocks';
import { PlanWindows } from './planWindows';
import type { Rollups } from './rollups';

/** What the ledger knows to the millisecond. */
export interface ExactTimes {
  /** Holds at least what was counted from an instant on. */
  recent(from: EpochMs): {
    forEach(visit: (epochMs: EpochMs, values: ArrayLike<number>) => void): void;
  };
}

/** The 5-hour block that is running, from memory alone. */
export class ActiveBlocks {
  readonly #exact: ExactTimes;
  readonly #windows: PlanWindows;

  constructor(rollups: Rollups, exact: ExactTimes) {
    this.#exact = exact;
    this.#windows = new PlanWindows(rollups, () => true);
  }

  changed(quarters: Iterable<QuarterHour>): void {
    this.#windows.changed(quarters);
  }

  forget(): void {
    this.#windows.changed([-Infinity]);
  }

  at(nowEpochMs: EpochMs): ActiveBlock | null {
    const startEpochMs = this.#windows.at(nowEpochMs);
    if (startEpochMs === null) return null;
    const endEpochMs = startEpochMs + blockMs;
    if (nowEpochMs >= endEpochMs) return null;
    const total = noMeasures();
    let firstEpochMs = Infinity;
    let lastEpochMs = -Infinity;
    this.#exact.recent(nowEpochMs - blockMs).forEach((epochMs, values) => {
      if (epochMs < startEpochMs || epochMs >= endEpochMs) return;
      firstEpochMs = Math.min(firstEpochMs, epochMs);
      lastEpochMs = Math.max(lastEpochMs, epochMs);
      for (const [index, name] of measureNames.entries()) total[name] += values[index]!;
    });
    return total.messages === 0
      ? null
      : activeBlock({ startEpochMs, endEpochMs, firstEpochMs, lastEpochMs, total }, nowEpochMs);
  }
}
