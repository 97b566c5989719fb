import { addMeasures, noMeasures, type Measures } from '../model/measures';
import { monthBounds, monthOf, quarterHourMs, type Month, type QuarterHour } from '../model/time';
import { type CivilTime, dayNumber, type DayNumber } from './civilTime';
import type { Rollups } from './rollups';

/** Sums of some stretch of time, by name. */
export interface Totals {
  readonly total: Measures;
  readonly byModel: Map<string, Measures>;
  readonly byProject: Map<string, Measures>;
}

export function noTotals(): Totals {
  return { total: noMeasures(), byModel: new Map(), byProject: new Map() };
}

/** Adds `part` to `sum`, or with −1 takes it away: integers, so nothing is left of what was added before. */
export function addTotals(sum: Totals, part: Totals, times: 1 | -1 = 1): void {
  addMeasures(sum.total, part.total, times);
  addNames(sum.byModel, part.byModel, times);
  addNames(sum.byProject, part.byProject, times);
}

function sumOf(...parts: readonly Totals[]): Totals {
  const sum = noTotals();
  for (const part of parts) addTotals(sum, part);
  return sum;
}

function addNames(sums: Map<string, Measures>, parts: ReadonlyMap<string, Measures>, times: 1 | -1): void {
  for (const [name, part] of parts) {
    const sum = named(sums, name);
    addMeasures(sum, part, times);
    if (sum.messages === 0) sums.delete(name);
  }
}

function named(sums: Map<string, Measures>, name: string): Measures {
  let sum = sums.get(name);
  if (sum === undefined) sums.set(name, (sum = noMeasures()));
  return sum;
}

/** Usage of one UTC month: of all of it in one sum, or of the part of each civil day that lies in it. */
interface MonthSums {
  readonly grain: 'month' | 'day';
  /** By civil day; the sum of a whole month is under its first. */
  readonly sums: Map<DayNumber, Totals>;
  readonly changed: Set<DayNumber>;
}

/**
 * Sums by civil day and of all time. Days are told apart only in months of which somebody asks for days; for the others
 * a sum of the month is enough, and a start is several times as fast. A change costs the days (or the month) that it lies
 * in, however long the history is: the owner tells of every change.
 */
export class DayTotals {
  readonly #rollups: Rollups;
  readonly #civil: CivilTime;
  readonly #months = new Map<Month, MonthSums>();
  readonly #allTime = noTotals();

  constructor(rollups: Rollups, civil: CivilTime) {
    this.#rollups = rollups;
    this.#civil = civil;
  }

  changed(quarters: Iterable<QuarterHour>): void {
    for (const quarter of quarters) {
      const month = monthOf(quarter * quarterHourMs);
      const known = this.#months.get(month);
      known?.changed.add(known.grain === 'day' ? this.#civil.dayOfQuarter(quarter) : firstDayOf(month));
    }
  }

  /** The first civil day that has usage; null when there is none. */
  firstDay(): DayNumber | null {
    for (const month of this.#rollups.months()) {
      const days = this.#days(month);
      if (days.size > 0) return Math.min(...days.keys());
    }
    return null;
  }

  allTime(): Totals {
    for (const month of this.#rollups.months()) this.#month(month);
    return sumOf(this.#allTime);
  }

  /** Sums of the civil days from `from` to `to`, both inclusive, that have usage. Not to be changed. */
  days(from: DayNumber, to: DayNumber): ReadonlyMap<DayNumber, Totals> {
    const sums = new Map<DayNumber, Totals>();
    const firstMs = this.#civil.firstQuarterOf(from) * quarterHourMs;
    const endMs = this.#civil.firstQuarterOf(to + 1) * quarterHourMs;
    for (const month of this.#rollups.months()) {
      const bounds = monthBounds(month);
      if (bounds.to <= firstMs || bounds.from >= endMs) continue;
      for (const [day, part] of this.#days(month)) {
        if (day < from || day > to) continue;
        const other = sums.get(day);
        sums.set(day, other === undefined ? part : sumOf(other, part));
      }
    }
    return sums;
  }

  #days(month: Month): ReadonlyMap<DayNumber, Totals> {
    let found = this.#month(month);
    if (found.grain === 'month') {
      // The same sum in smaller parts: what they are of all time does not change.
      const { first, end } = quartersOf(month);
      const dayOf = (quarter: QuarterHour): DayNumber => this.#civil.dayOfQuarter(quarter);
      found = { grain: 'day', sums: this.#sum(first, end, dayOf), changed: new Set() };
      this.#months.set(month, found);
    }
    return found.sums;
  }

  #month(month: Month): MonthSums {
    let found = this.#months.get(month);
    if (found === undefined) {
      found = { grain: 'month', sums: new Map(), changed: new Set([firstDayOf(month)]) };
      this.#months.set(month, found);
    }
    const { grain, sums, changed } = found;
    for (const day of changed) {
      const before = sums.get(day);
      const after = this.#sumOf(month, day, grain);
      if (before !== undefined) addTotals(this.#allTime, before, -1);
      if (after === undefined) sums.delete(day);
      else {
        sums.set(day, after);
        addTotals(this.#allTime, after);
      }
    }
    changed.clear();
    return found;
  }

  #sumOf(month: Month, day: DayNumber, grain: MonthSums['grain']): Totals | undefined {
    const { first, end } = quartersOf(month);
    if (grain === 'month') return this.#sum(first, end, () => day).get(day);
    const from = Math.max(first, this.#civil.firstQuarterOf(day));
    const to = Math.min(end, this.#civil.firstQuarterOf(day + 1));
    return this.#sum(from, to, () => day).get(day);
  }

  #sum(
    from: QuarterHour,
    to: QuarterHour,
    dayOf: (quarter: QuarterHour) => DayNumber,
  ): Map<DayNumber, Totals> {
    const sums = new Map<DayNumber, Totals>();
    this.#rollups.forEach(from, to, (quarter, names, total) => {
      const day = dayOf(quarter);
      let sum = sums.get(day);
      if (sum === undefined) sums.set(day, (sum = noTotals()));
      addMeasures(sum.total, total);
      addMeasures(named(sum.byModel, names.model), total);
      addMeasures(named(sum.byProject, names.project), total);
    });
    return sums;
  }
}

function firstDayOf(month: Month): DayNumber {
  return dayNumber(`${month}-01`);
}

function quartersOf(month: Month): { readonly first: QuarterHour; readonly end: QuarterHour } {
  const { from, to } = monthBounds(month);
  return { first: from / quarterHourMs, end: to / quarterHourMs };
}
