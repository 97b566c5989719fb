import { LedgerError } from '../model/errors';
import { addMeasures, noMeasures, type Measures } from '../model/measures';
import type { BreakdownQuery, BreakdownRow, UsageFilter } from '../model/query';
import { type Month, monthBounds, quarterHourMs, type QuarterHour } from '../model/time';
import { dimensionNames, type DimensionName, type Dimensions } from '../model/usageRecord';
import { dayName, dayNumber, weekdayOf, type CivilTime } from './civilTime';
import type { Rollups } from './rollups';

/** The quarter hours that a filter's days cover in a zone; open ends reach as far as the rollups do. */
export function quarterRange(
  filter: UsageFilter,
  civil: CivilTime,
  rollups: Pick<Rollups, 'months'>,
): { readonly from: QuarterHour; readonly to: QuarterHour } {
  const bound = (month: Month | undefined, side: 'from' | 'to'): QuarterHour =>
    month === undefined ? 0 : monthBounds(month)[side] / quarterHourMs;
  return {
    from:
      filter.from === undefined
        ? bound(rollups.months()[0], 'from')
        : civil.firstQuarterOf(dayNumber(filter.from)),
    to:
      filter.to === undefined
        ? bound(rollups.months().at(-1), 'to')
        : civil.firstQuarterOf(dayNumber(filter.to) + 1),
  };
}

/** @throws LedgerError `invalid`: the rollups know no sessions. */
export function noSessions({ sessions }: UsageFilter): void {
  if (sessions !== undefined)
    throw new LedgerError('invalid', 'only messages and sessions can be filtered by session');
}

/** Tells whether a record's names pass a filter. */
export function nameFilter(only: UsageFilter['only'] = {}): (names: Dimensions) => boolean {
  const tests = dimensionNames.flatMap((dimension) => {
    const wanted = only[dimension];
    return wanted === undefined ? [] : [{ dimension, wanted: new Set(wanted) }];
  });
  return (names) => tests.every(({ dimension, wanted }) => wanted.has(names[dimension]));
}

/** Usage of a range by time bucket and by names, ordered by bucket, then by cost, largest first. */
export function breakdown(query: BreakdownQuery, civil: CivilTime, rollups: Rollups): BreakdownRow[] {
  noSessions(query.filter);
  const range = quarterRange(query.filter, civil, rollups);
  const passes = nameFilter(query.filter.only);
  const bucketOf = bucketNamer(query.grain, civil);
  const rows = new Map<
    string,
    { bucket: string; names: Partial<Record<DimensionName, string>>; total: Measures }
  >();
  rollups.forEach(range.from, range.to, (quarter, names, total) => {
    if (!passes(names)) return;
    const bucket = bucketOf(quarter);
    let key = bucket;
    for (const dimension of query.by) key += `\u0000${names[dimension]}`;
    let row = rows.get(key);
    if (row === undefined) {
      const kept: Partial<Record<DimensionName, string>> = {};
      for (const dimension of query.by) kept[dimension] = names[dimension];
      rows.set(key, (row = { bucket, names: kept, total: noMeasures() }));
    }
    addMeasures(row.total, total);
  });
  return [...rows.values()].sort(
    (a, b) => compareText(a.bucket, b.bucket) || b.total.costNanoDollars - a.total.costNanoDollars,
  );
}

function bucketNamer(grain: BreakdownQuery['grain'], civil: CivilTime): (quarter: QuarterHour) => string {
  switch (grain) {
    case 'total':
      return () => '';
    case 'hour':
      return (quarter) => civil.hourName(quarter);
    case 'day':
      return (quarter) => dayName(civil.dayOfQuarter(quarter));
    case 'weekdayHour':
      return (quarter) => `${weekdayOf(civil.dayOfQuarter(quarter))}T${civil.hourName(quarter).slice(11)}`;
    case 'month':
      return (quarter) => dayName(civil.dayOfQuarter(quarter)).slice(0, 7);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
