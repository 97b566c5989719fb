import { type Measures, noMeasures, readMeasures } from '../model/measures';
import { quarterHourMs, type QuarterHour } from '../model/time';
import type { DimensionSet } from './interning';
import type { MonthNumber } from './keyIndex';
import { measureCount, type Row, writeMeasures } from './row';

/** What a visitor sees: `measures` is filled anew for every visit, so copy what you keep. */
export type RollupVisitor = (quarter: QuarterHour, dimensions: DimensionSet, measures: Measures) => void;

/** Rollups of one month as plain columns: what the index file holds. */
export interface RollupColumns {
  readonly dimensions: readonly DimensionSet[];
  /** Quarter hours since the month's first. */
  readonly quarters: Uint16Array<ArrayBuffer>;
  /** Positions in `dimensions`. */
  readonly sets: Uint32Array<ArrayBuffer>;
  /** `measureNames.length` numbers a rollup. */
  readonly values: Float64Array<ArrayBuffer>;
}

export function firstQuarterOf(month: MonthNumber): QuarterHour {
  return Date.UTC(1970, month) / quarterHourMs;
}

const scratch = new Float64Array(measureCount);

/**
 * The rollups of one month in memory: 16 sums for each (quarter hour, names), in flat arrays. A sum whose last message
 * goes away disappears.
 */
export class MonthCube {
  readonly firstQuarter: QuarterHour;
  readonly #sets: DimensionSet[] = [];
  readonly #setOf = new Map<DimensionSet, number>();
  /** Built when a month is first changed: a closed month costs its columns alone. */
  #slots: Map<number, number> | null = new Map();
  #count = 0;
  #quarters = new Uint16Array(64);
  #setColumn = new Uint32Array(64);
  #values = new Float64Array(64 * measureCount);
  #order: Uint32Array | null = null;
  #lastSet: DimensionSet | null = null;
  #lastSetNumber = 0;

  constructor(month: MonthNumber) {
    this.firstQuarter = firstQuarterOf(month);
  }

  static from(month: MonthNumber, columns: RollupColumns): MonthCube {
    const cube = new MonthCube(month);
    for (const set of columns.dimensions) cube.#numberOf(set);
    cube.#count = columns.quarters.length;
    cube.#quarters = columns.quarters;
    cube.#setColumn = columns.sets;
    cube.#values = columns.values;
    cube.#slots = null;
    return cube;
  }

  /** Every combination of names that was ever added; it only grows. */
  get sets(): readonly DimensionSet[] {
    return this.#sets;
  }

  get size(): number {
    return this.#count;
  }

  /** Adds a row, or with −1 takes it away. */
  add(row: Row, times: 1 | -1, quarter: QuarterHour): void {
    writeMeasures(row, scratch);
    this.addValues(quarter, row.dimensions, scratch, times);
  }

  addValues(quarter: QuarterHour, dimensions: DimensionSet, values: ArrayLike<number>, times: 1 | -1): void {
    const set = dimensions === this.#lastSet ? this.#lastSetNumber : this.#numberOf(dimensions);
    const slots = this.#slots ?? this.#buildSlots();
    const id = set * 4096 + quarter - this.firstQuarter;
    let slot = slots.get(id);
    if (slot === undefined) {
      slot = this.#append(quarter - this.firstQuarter, set);
      slots.set(id, slot);
    }
    const offset = slot * measureCount;
    const sums = this.#values;
    for (let index = 0; index < measureCount; index++) sums[offset + index]! += values[index]! * times;
    if (sums[offset] === 0) this.#removeIfEmpty(slot, id, slots);
  }

  /** Gives back the room that is only needed to add: nothing is going to be for a while. */
  shrink(): void {
    if (this.#slots === null) return;
    this.#slots = null;
    this.#quarters = this.#quarters.slice(0, this.#count);
    this.#setColumn = this.#setColumn.slice(0, this.#count);
    this.#values = this.#values.slice(0, this.#count * measureCount);
  }

  /** The column arrays, cut to size; they are copies. */
  columns(): RollupColumns {
    return {
      dimensions: [...this.#sets],
      quarters: this.#quarters.slice(0, this.#count),
      sets: this.#setColumn.slice(0, this.#count),
      values: this.#values.slice(0, this.#count * measureCount),
    };
  }

  /** Visits the rollups of an inclusive range of quarter hours, in their order. */
  forEach(from: QuarterHour, to: QuarterHour, visit: RollupVisitor): void {
    const order = this.#order ?? this.#sort();
    const measures = noMeasures();
    const first = from - this.firstQuarter;
    const last = to - this.firstQuarter;
    for (let at = this.#lowerBound(order, first); at < order.length; at++) {
      const slot = order[at]!;
      const quarter = this.#quarters[slot]!;
      if (quarter > last) return;
      readMeasures(this.#values, slot * measureCount, measures);
      visit(this.firstQuarter + quarter, this.#sets[this.#setColumn[slot]!]!, measures);
    }
  }

  range(): { readonly from: QuarterHour; readonly to: QuarterHour } | null {
    if (this.#count === 0) return null;
    const order = this.#order ?? this.#sort();
    const quarterAt = (at: number): QuarterHour => this.firstQuarter + this.#quarters[order[at]!]!;
    return { from: quarterAt(0), to: quarterAt(order.length - 1) };
  }

  #lowerBound(order: Uint32Array, quarter: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#quarters[order[middle]!]! < quarter) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let slot = 0; slot < this.#count; slot++) order[slot] = slot;
    const quarters = this.#quarters;
    order.sort((one, other) => quarters[one]! - quarters[other]!);
    this.#order = order;
    return order;
  }

  #numberOf(set: DimensionSet): number {
    let number = this.#setOf.get(set);
    if (number === undefined) {
      number = this.#sets.push(set) - 1;
      this.#setOf.set(set, number);
    }
    this.#lastSet = set;
    this.#lastSetNumber = number;
    return number;
  }

  #buildSlots(): Map<number, number> {
    const slots = new Map<number, number>();
    for (let slot = 0; slot < this.#count; slot++)
      slots.set(this.#setColumn[slot]! * 4096 + this.#quarters[slot]!, slot);
    this.#slots = slots;
    return slots;
  }

  #append(quarter: number, set: number): number {
    const slot = this.#count++;
    if (slot >= this.#quarters.length) {
      const capacity = Math.max(64, slot * 2);
      this.#quarters = grown(this.#quarters, new Uint16Array(capacity));
      this.#setColumn = grown(this.#setColumn, new Uint32Array(capacity));
      this.#values = grown(this.#values, new Float64Array(capacity * measureCount));
    }
    this.#quarters[slot] = quarter;
    this.#setColumn[slot] = set;
    this.#order = null;
    return slot;
  }

  #removeIfEmpty(slot: number, id: number, slots: Map<number, number>): void {
    const offset = slot * measureCount;
    // No messages but a sum left would be an error of ours: it stays, for verify() to find.
    for (let index = 0; index < measureCount; index++) if (this.#values[offset + index] !== 0) return;
    slots.delete(id);
    const last = --this.#count;
    if (slot !== last) {
      this.#quarters[slot] = this.#quarters[last]!;
      this.#setColumn[slot] = this.#setColumn[last]!;
      this.#values.copyWithin(offset, last * measureCount, (last + 1) * measureCount);
      slots.set(this.#setColumn[slot] * 4096 + this.#quarters[slot], slot);
    }
    this.#values.fill(0, last * measureCount, (last + 1) * measureCount);
    this.#order = null;
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}

/** The rollups of all months. */
export class Cube {
  readonly #months: ReadonlyMap<MonthNumber, { readonly cube: MonthCube }>;
  #sorted: readonly MonthNumber[] = [];

  constructor(months: ReadonlyMap<MonthNumber, { readonly cube: MonthCube }>) {
    this.#months = months;
  }

  /**
   * Visits every rollup of an inclusive range of quarter hours, months and quarters ascending. Equal names are always
   * the same object. The cost is that of the range, not of history.
   */
  forEach(from: QuarterHour, to: QuarterHour, visit: RollupVisitor): void {
    const months = this.#ascending();
    let low = 0;
    let high = months.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firstQuarterOf(months[middle]! + 1) <= from) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < months.length && firstQuarterOf(months[at]!) <= to; at++)
      this.#months.get(months[at]!)?.cube.forEach(from, to, visit);
  }

  #ascending(): readonly MonthNumber[] {
    // Months are never taken away, so a list of as many is the same list.
    if (this.#sorted.length !== this.#months.size)
      this.#sorted = [...this.#months.keys()].sort((one, other) => one - other);
    return this.#sorted;
  }

  /** First and last quarter hour with usage; null if there is none. */
  range(): { readonly from: QuarterHour; readonly to: QuarterHour } | null {
    let from = Infinity;
    let to = -Infinity;
    for (const { cube } of this.#months.values()) {
      const range = cube.range();
      if (range === null) continue;
      from = Math.min(from, range.from);
      to = Math.max(to, range.to);
    }
    return from === Infinity ? null : { from, to };
  }
}
