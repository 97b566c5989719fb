import type { PricedRecord } from '../model/usageRecord';
import { Overflow } from './overflow';

/**
 * Records that wait for the journal, first in, first out. Up to a limit they wait as they are, beyond it summed up;
 * once something is summed up, all that comes later is too, until the sums have been taken out: so what came first is
 * also written first, and a flush knows what was before it.
 */
export class RecordQueue {
  /** Records that were summed up, ever. */
  aggregated = 0;
  readonly #limit: number;
  #records: PricedRecord[] = [];
  #head = 0;
  readonly #overflow: Overflow;
  #draining: Generator<PricedRecord> | null = null;
  #drainingSize = 0;

  constructor(limit: number, windowId: string) {
    this.#limit = limit;
    this.#overflow = new Overflow(windowId);
  }

  get size(): number {
    return this.#records.length - this.#head + this.#overflow.size + this.#drainingSize;
  }

  /** @returns how many more records wait: 0 for a second copy of what is summed up. */
  push(record: PricedRecord): number {
    const before = this.#overflow.size;
    if (before === 0 && this.#records.length - this.#head < this.#limit) {
      this.#records.push(record);
      return 1;
    }
    this.#overflow.add(record);
    const added = this.#overflow.size - before;
    this.aggregated += added;
    return added;
  }

  /** The oldest records, at most `count`. Empty: none wait. */
  take(count: number): PricedRecord[] {
    if (this.#draining === null && this.#records.length === this.#head && this.#overflow.size > 0) {
      this.#drainingSize = this.#overflow.size;
      this.#draining = this.#overflow.drain();
    }
    if (this.#draining !== null) {
      const sums = this.#takeSums(this.#draining, count);
      if (sums.length > 0) return sums;
    }
    const taken = this.#records.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head === this.#records.length) {
      this.#records = [];
      this.#head = 0;
    } else if (this.#head > 8_192 && this.#head * 2 > this.#records.length) {
      // Gives back what was taken, at a cost that is spread over the taking.
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  #takeSums(draining: Generator<PricedRecord>, count: number): PricedRecord[] {
    const taken: PricedRecord[] = [];
    while (taken.length < count) {
      const next = draining.next();
      if (next.done === true) {
        this.#draining = null;
        break;
      }
      taken.push(next.value);
    }
    this.#drainingSize -= taken.length;
    return taken;
  }
}
