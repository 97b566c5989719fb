import { addMeasures, noMeasures, type Measures } from '../model/measures';
import { monthBounds, quarterHourMs, type Month } from '../model/time';
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

export function addTotals(sum: Totals, part: Totals): void {
  addMeasures(sum.total, part.total);
  for (const [name, total] of part.byModel) addMeasures(named(sum.byModel, name), total);
  for (const [name, total] of part.byProject) addMeasures(named(sum.byProject, name), total);
}

function named(sums: Map<string, Measures>, name: string): Measures {
  let sum = sums.get(name);
  if (sum === undefined) sums.set(name, (sum = noMeasures()));
  return sum;
}

interface MonthOfDays {
  readonly whole: Totals;
  /** The part of each civil day that lies in this UTC month. */
  readonly days: ReadonlyMap<DayNumber, Totals>;
}

/**
 * Day sums, remembered month by month: a change costs the month it lies in, however long the history is.
 * The owner calls `forget` for each month that a fold has touched.
 */
export class MonthTotals {
  readonly #rollups: Rollups;
  readonly #civil: CivilTime;
  readonly #months = new Map<Month, MonthOfDays>();

  constructor(rollups: Rollups, civil: CivilTime) {
    this.#rollups = rollups;
    this.#civil = civil;
  }

  forget(months: Iterable<Month>): void {
    for (const month of months) this.#months.delete(month);
  }

  /** The first civil day that has usage; null when there is none. */
  firstDay(): DayNumber | null {
    for (const month of this.#rollups.months()) {
      const days = [...this.#month(month).days.keys()];
      if (days.length > 0) return Math.min(...days);
    }
    return null;
  }

  allTime(): Totals {
    const sum = noTotals();
    for (const month of this.#rollups.months()) addTotals(sum, this.#month(month).whole);
    return sum;
  }

  /** Sums of each of the civil days from `from` to `to`, both inclusive. */
  days(from: DayNumber, to: DayNumber): Map<DayNumber, Totals> {
    const sums = new Map<DayNumber, Totals>();
    for (let day = from; day <= to; day++) sums.set(day, noTotals());
    const firstMs = this.#civil.firstQuarterOf(from) * quarterHourMs;
    const endMs = this.#civil.firstQuarterOf(to + 1) * quarterHourMs;
    for (const month of this.#rollups.months()) {
      const bounds = monthBounds(month);
      if (bounds.to <= firstMs || bounds.from >= endMs) continue;
      for (const [day, part] of this.#month(month).days) {
        const sum = sums.get(day);
        if (sum !== undefined) addTotals(sum, part);
      }
    }
    return sums;
  }

  #month(month: Month): MonthOfDays {
    let found = this.#months.get(month);
    if (found === undefined) this.#months.set(month, (found = this.#sum(month)));
    return found;
  }

  #sum(month: Month): MonthOfDays {
    const days = new Map<DayNumber, Totals>();
    const { from, to } = monthBounds(month);
    this.#rollups.forEach(from / quarterHourMs, to / quarterHourMs, (quarter, names, total) => {
      const number = this.#civil.dayOfQuarter(quarter);
      let day = days.get(number);
      if (day === undefined) days.set(number, (day = noTotals()));
      addMeasures(day.total, total);
      addMeasures(named(day.byModel, names.model), total);
      addMeasures(named(day.byProject, names.project), total);
    });
    const whole = noTotals();
    for (const day of days.values()) addTotals(whole, day);
    return { whole, days };
  }
}
