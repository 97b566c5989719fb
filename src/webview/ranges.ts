import type { BreakdownQuery } from '../model/query';
import type { PeriodMeasures, PeriodName, Snapshot } from '../model/snapshot';

/** The periods that the page offers, in order; each is one of the snapshot's. */
export const rangeNames = [
  'today',
  'last7Days',
  'last30Days',
  'month',
  'allTime',
] as const satisfies PeriodName[];
export type RangeName = (typeof rangeNames)[number];

export const defaultRange: RangeName = 'last30Days';

export function rangeNamed(name: string | undefined): RangeName {
  return rangeNames.find((range) => range === name) ?? defaultRange;
}

export type SeriesGrain = 'hour' | 'day' | 'month';

/** Up to this many days are drawn as days; a longer time as months. */
const mostDays = 62;

export function grainOf(range: RangeName, period: PeriodMeasures): SeriesGrain {
  if (range === 'today') return 'hour';
  return dayCount(period.from, period.to) <= mostDays ? 'day' : 'month';
}

/** What must be asked for the chart of this range; null if the snapshot has it already. */
export function seriesQuery(range: RangeName, snapshot: Snapshot): BreakdownQuery | null {
  const period = snapshot.periods[range];
  const grain = grainOf(range, period);
  const firstDay = snapshot.days[0]?.day;
  if (grain === 'day' && firstDay !== undefined && period.from >= firstDay) return null;
  return { filter: { from: period.from, to: period.to }, grain, by: ['model'] };
}

/** Every civil day from `from` to `to`, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = utc(from); at <= utc(to); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

export function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  const last = to.slice(0, 7);
  let [year, month] = from.split('-').map(Number) as [number, number];
  for (;;) {
    const name = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (name > last) return months;
    months.push(name);
    if (++month > 12) {
      month = 1;
      year++;
    }
  }
}

function dayCount(from: string, to: string): number {
  return Math.round((utc(to) - utc(from)) / 86_400_000) + 1;
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
