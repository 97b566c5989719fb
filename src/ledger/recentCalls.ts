import type { EpochMs } from '../model/time';
import { measureCount, type Row, writeMeasures } from './row';

const scratch = new Float64Array(measureCount);

/** Sees what was used at one instant, in the order of `measureNames`. Must not keep or change `values`. */
export type InstantVisitor = (epochMs: EpochMs, values: Readonly<Float64Array>) => void;

/**
 * What was counted lately, to the millisecond: rollups know quarter hours only. It holds everything from `from` on, in no
 * order.
 */
export class RecentCalls {
  /** Infinity: nothing was asked for yet, so nothing is kept. */
  #from: EpochMs = Infinity;
  readonly #instants = new Map<EpochMs, Float64Array>();

  get from(): EpochMs {
    return this.#from;
  }

  /** Adds a counted row, or with −1 takes it away. */
  count(row: Row, times: 1 | -1): void {
    if (row.epochMs < this.#from) return;
    writeMeasures(row, scratch);
    let sums = this.#instants.get(row.epochMs);
    if (sums === undefined) this.#instants.set(row.epochMs, (sums = new Float64Array(measureCount)));
    for (let index = 0; index < measureCount; index++) sums[index]! += scratch[index]! * times;
    if (sums[0] === 0) this.#instants.delete(row.epochMs);
  }

  /** Begins anew: whoever calls this counts all rows from `from` on. */
  restart(from: EpochMs): void {
    this.#instants.clear();
    this.#from = from;
  }

  forgetBefore(from: EpochMs): void {
    if (from <= this.#from) return;
    for (const epochMs of [...this.#instants.keys()]) if (epochMs < from) this.#instants.delete(epochMs);
    this.#from = from;
  }

  forEach(visit: InstantVisitor): void {
    for (const [epochMs, values] of this.#instants) visit(epochMs, values);
  }
}
