import type { EpochMs } from '../model/time';
import { measureCount, type Row, writeMeasures } from './row';

const scratch = new Float64Array(measureCount);
const leastPlaces = 64;

/** Sees what was used at one instant, in the order of `measureNames`. Must not keep or change `values`. */
export type InstantVisitor = (epochMs: EpochMs, values: Readonly<Float64Array>) => void;

/**
 * What was counted lately, to the millisecond: rollups know quarter hours only. It holds everything from `from` on, in no
 * order, in two blocks of numbers: an array for each instant would take three times as much.
 */
export class RecentCalls {
  /** Infinity: nothing was asked for yet, so nothing is kept. */
  #from: EpochMs = Infinity;
  /** Where the sums of an instant are; places are taken from 0 on without a gap. */
  readonly #places = new Map<EpochMs, number>();
  #instants = new Float64Array(leastPlaces);
  #sums = new Float64Array(leastPlaces * measureCount);

  get from(): EpochMs {
    return this.#from;
  }

  /** Adds a counted row, or with −1 takes it away. */
  count(row: Row, times: 1 | -1): void {
    if (row.epochMs < this.#from) return;
    writeMeasures(row, scratch);
    const place = this.#places.get(row.epochMs) ?? this.#addPlace(row.epochMs);
    const offset = place * measureCount;
    for (let index = 0; index < measureCount; index++) this.#sums[offset + index]! += scratch[index]! * times;
    if (this.#sums[offset] === 0) this.#removePlace(place);
  }

  /** Begins anew: whoever calls this counts all rows from `from` on. */
  restart(from: EpochMs): void {
    this.#places.clear();
    this.#instants = new Float64Array(leastPlaces);
    this.#sums = new Float64Array(leastPlaces * measureCount);
    this.#from = from;
  }

  forgetBefore(from: EpochMs): void {
    if (from <= this.#from) return;
    // From the end: what takes a removed place has been looked at.
    for (let place = this.#places.size - 1; place >= 0; place--)
      if (this.#instants[place]! < from) this.#removePlace(place);
    this.#from = from;
  }

  forEach(visit: InstantVisitor): void {
    for (let place = 0; place < this.#places.size; place++) {
      for (let index = 0; index < measureCount; index++)
        scratch[index] = this.#sums[place * measureCount + index]!;
      visit(this.#instants[place]!, scratch);
    }
  }

  #addPlace(epochMs: EpochMs): number {
    const place = this.#places.size;
    if (place === this.#instants.length) {
      this.#instants = grown(this.#instants, place * 2);
      this.#sums = grown(this.#sums, place * 2 * measureCount);
    }
    this.#places.set(epochMs, place);
    this.#instants[place] = epochMs;
    return place;
  }

  /** The last one takes its place. */
  #removePlace(place: number): void {
    this.#places.delete(this.#instants[place]!);
    const last = this.#places.size;
    if (place !== last) {
      this.#instants[place] = this.#instants[last]!;
      this.#sums.copyWithin(place * measureCount, last * measureCount, (last + 1) * measureCount);
      this.#places.set(this.#instants[place], place);
    }
    this.#sums.fill(0, last * measureCount, (last + 1) * measureCount);
  }
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(values);
  return larger;
}
