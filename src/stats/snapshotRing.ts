import type { HistoryPoint } from '../model/health';
import { totalTokens } from '../model/measures';
import type { Snapshot } from '../model/snapshot';
import type { EpochMs } from '../model/time';

/** An hour of one snapshot a second. */
const defaultCapacity = 3_600;
/** Numbers of one point, in the order of `HistoryPoint`. */
const width = 5;

/**
 * The main figures of the snapshots that were told, in one block of memory that never grows: when it is full, the oldest
 * drops out. It begins empty with each leader. Safe to use from anywhere by belonging to one thread.
 */
export class SnapshotRing {
  readonly #capacity: number;
  readonly #values: Float64Array;
  /** Points ever added. */
  #added = 0;

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
    this.#values = new Float64Array(capacity * width);
  }

  get size(): { readonly entries: number; readonly capacity: number; readonly bytes: number } {
    return { entries: this.#entries, capacity: this.#capacity, bytes: this.#values.byteLength };
  }

  add({ takenEpochMs, periods: { today, allTime } }: Snapshot): void {
    const offset = (this.#added++ % this.#capacity) * width;
    this.#values[offset] = takenEpochMs;
    this.#values[offset + 1] = today.total.costNanoDollars;
    this.#values[offset + 2] = totalTokens(today.total);
    this.#values[offset + 3] = allTime.total.costNanoDollars;
    this.#values[offset + 4] = totalTokens(allTime.total);
  }

  /** Points of an inclusive range of time, newest first. The clock may have been set back: each point is looked at. */
  between(fromEpochMs: EpochMs, toEpochMs: EpochMs): HistoryPoint[] {
    const points: HistoryPoint[] = [];
    for (let number = this.#added - 1; number >= this.#added - this.#entries; number--) {
      const offset = (number % this.#capacity) * width;
      const epochMs = this.#values[offset]!;
      if (epochMs < fromEpochMs || epochMs > toEpochMs) continue;
      points.push({
        epochMs,
        todayNanoDollars: this.#values[offset + 1]!,
        todayTokens: this.#values[offset + 2]!,
        allTimeNanoDollars: this.#values[offset + 3]!,
        allTimeTokens: this.#values[offset + 4]!,
      });
    }
    return points;
  }

  get #entries(): number {
    return Math.min(this.#added, this.#capacity);
  }
}
