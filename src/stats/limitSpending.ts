import type { Limit, LimitState } from '../model/limit';
import type { CivilDay, QuarterHour } from '../model/time';
import type { Dimensions } from '../model/usageRecord';
import { dayName, firstOfMonth, type CivilTime, type DayNumber, weekdayOf } from './civilTime';
import type { Rollups } from './rollups';

/** What each limit's scope has spent, summed day by day: a change costs the days that it lies in. */
export class LimitSpending {
  readonly #rollups: Rollups;
  readonly #civil: CivilTime;
  readonly #limits: readonly Limit[];
  readonly #scopes: readonly ((names: Dimensions) => boolean)[];
  /** By day, the nano-dollars of each limit in the order of `#limits`. */
  readonly #days = new Map<DayNumber, readonly number[]>();

  constructor(rollups: Rollups, civil: CivilTime, limits: readonly Limit[]) {
    this.#rollups = rollups;
    this.#civil = civil;
    this.#limits = limits;
    this.#scopes = limits.map(scopeOf);
  }

  changed(quarters: Iterable<QuarterHour>): void {
    if (this.#days.size === 0) return;
    for (const quarter of quarters) this.#days.delete(this.#civil.dayOfQuarter(quarter));
  }

  forget(): void {
    this.#days.clear();
  }

  /** How each limit stands in the period that `today` lies in. */
  states(today: DayNumber, isMuted: (limit: string, from: CivilDay) => boolean): LimitState[] {
    this.#forgetBefore(Math.min(firstOfMonth(today), startOfWeek(today)));
    return this.#limits.map((limit, index) => {
      const { from, to } = periodOf(limit, today);
      let spentNanoDollars = 0;
      // A clock that was ahead may have left usage on days to come: the period ends when it ends.
      for (let day = from; day <= to; day++) spentNanoDollars += this.#day(day)[index] ?? 0;
      return {
        limit,
        from: dayName(from),
        to: dayName(to),
        spentNanoDollars,
        reached: reached(limit, spentNanoDollars),
        muted: isMuted(limit.id, dayName(from)),
      };
    });
  }

  #day(day: DayNumber): readonly number[] {
    let sums = this.#days.get(day);
    if (sums === undefined) this.#days.set(day, (sums = this.#sum(day)));
    return sums;
  }

  #sum(day: DayNumber): readonly number[] {
    const sums = this.#limits.map(() => 0);
    const [from, to] = [this.#civil.firstQuarterOf(day), this.#civil.firstQuarterOf(day + 1)];
    this.#rollups.forEach(from, to, (_quarter, names, { costNanoDollars }) => {
      for (const [index, includes] of this.#scopes.entries())
        if (includes(names)) sums[index]! += costNanoDollars;
    });
    return sums;
  }

  #forgetBefore(first: DayNumber): void {
    for (const day of [...this.#days.keys()]) if (day < first) this.#days.delete(day);
  }
}

/** Both days inclusive. */
export function periodOf(
  { period }: Pick<Limit, 'period'>,
  today: DayNumber,
): { readonly from: DayNumber; readonly to: DayNumber } {
  switch (period) {
    case 'day':
      return { from: today, to: today };
    case 'week':
      return { from: startOfWeek(today), to: startOfWeek(today) + 6 };
    case 'month':
      // 31 days after the first of a month lies in the next month, whatever its length.
      return { from: firstOfMonth(today), to: firstOfMonth(firstOfMonth(today) + 31) - 1 };
  }
}

function startOfWeek(day: DayNumber): DayNumber {
  return day - weekdayOf(day) + 1;
}

function reached(limit: Limit, spentNanoDollars: number): LimitState['reached'] {
  if (spentNanoDollars >= limit.hardNanoDollars) return 'hard';
  return limit.softNanoDollars !== null && spentNanoDollars >= limit.softNanoDollars ? 'soft' : null;
}

function scopeOf({ project, user }: Limit): (names: Dimensions) => boolean {
  const isInside = project === undefined ? () => true : isInFolder(project);
  return (names) => (user === undefined || names.user === user) && isInside(names.project);
}

/** A project's spending is that of its folder with all folders in it. */
function isInFolder(folder: string): (project: string) => boolean {
  const normal = isWindowsPath(folder) ? normalWindowsPath : (path: string) => path;
  const wanted = normal(folder).replace(/(?<=.)[\\/]+$/, '');
  const inside = wanted.endsWith('/') ? wanted : `${wanted}/`;
  const known = new Map<string, boolean>();
  return (project) => {
    let result = known.get(project);
    if (result === undefined) {
      const path = normal(project);
      known.set(project, (result = path === wanted || path.startsWith(inside)));
    }
    return result;
  };
}

function isWindowsPath(path: string): boolean {
  return /^[a-z]:[\\/]|^\\\\/i.test(path);
}

function normalWindowsPath(path: string): string {
  return path.replaceAll('\\', '/').toLowerCase();
}
