import { addMeasures, noMeasures, type Measures } from '../model/measures';
import { monthBounds, monthOf, quarterHourMs, type Month, type QuarterHour } from '../model/time';
import type { CivilTime, DayNumber } from './civilTime';
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

/** Usage of one UTC month. */
interface MonthOfDays {
  /** The part of each civil day that lies in the month. */
  readonly days: Map<DayNumber, Totals>;
  readonly changed: Set<DayNumber>;
}

/**
 * Sums by civil day and of all time. A change costs the days that it lies in, however long the history is: the owner
 * tells of every change.
 */
export class DayTotals {
  readonly #rollups: Rollups;
  readonly #civil: CivilTime;
  readonly #months = new Map<Month, MonthOfDays>();
  readonly #allTime = noTotals();

  constructor(rollups: Rollups, civil: CivilTime) {
    this.#rollups = rollups;
    this.#civil = civil;
  }

  changed(quarters: Iterable<QuarterHour>): void {
    for (const quarter of quarters)
      this.#months.get(monthOf(quarter * quarterHourMs))?.changed.add(this.#civil.dayOfQuarter(quarter));
  }

  /** The first civil day that has usage; null when there is none. */
  firstDay(): DayNumber | null {
    for (const month of this.#rollups.months()) {
      const { days } = this.#month(month);
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
      for (const [day, part] of this.#month(month).days) {
        if (day < from || day > to) continue;
        const other = sums.get(day);
        sums.set(day, other === undefined ? part : sumOf(other, part));
      }
    }
    return sums;
  }

  #month(month: Month): MonthOfDays {
    const bounds = monthBounds(month);
    const first = bounds.from / quarterHourMs;
    const end = bounds.to / quarterHourMs;
    let found = this.#months.get(month);
    if (found === undefined) {
      found = { days: this.#sum(first, end), changed: new Set() };
      this.#months.set(month, found);
      for (const day of found.days.values()) addTotals(this.#allTime, day);
    }
    for (const day of found.changed) {
      const before = found.days.get(day);
      const after = this.#sum(
        Math.max(first, this.#civil.firstQuarterOf(day)),
        Math.min(end, this.#civil.firstQuarterOf(day + 1)),
      ).get(day);
      if (before !== undefined) addTotals(this.#allTime, before, -1);
      if (after === undefined) found.days.delete(day);
      else {
        found.days.set(day, after);
        addTotals(this.#allTime, after);
      }
    }
    found.changed.clear();
    return found;
  }

  #sum(from: QuarterHour, to: QuarterHour): Map<DayNumber, Totals> {
    const days = new Map<DayNumber, Totals>();
    this.#rollups.forEach(from, to, (quarter, names, total) => {
      const number = this.#civil.dayOfQuarter(quarter);
      let day = days.get(number);
      if (day === undefined) days.set(number, (day = noTotals()));
      addMeasures(day.total, total);
      addMeasures(named(day.byModel, names.model), total);
      addMeasures(named(day.byProject, names.project), total);
    });
    return days;
  }
}
