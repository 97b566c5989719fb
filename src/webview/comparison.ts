import { addMeasures, type Measures, noMeasures } from '../model/measures';
import type { BreakdownQuery, BreakdownRow } from '../model/query';
import type { Snapshot } from '../model/snapshot';
import { dayCount } from './days';
import { isFiltered, previousSpan, type Selection, spanOf } from './selection';

/** The question for the figures that a range is compared with; null where there is nothing to compare with. */
export function previousQuery(selection: Selection, snapshot: Snapshot): BreakdownQuery | null {
  const span = spanOf(selection, snapshot);
  const before = previousSpan(selection, span);
  if (before === null) return null;
  return {
    filter: isFiltered(selection) ? { ...before, only: selection.only } : before,
    // An unfinished day is compared with what the day before had come to by then.
    grain: isUnfinishedDay(selection, snapshot) ? 'hour' : 'total',
    by: [],
  };
}

/** @param clock `T13:30`: the civil time of now, up to which an unfinished day is compared. */
export function previousTotal(
  rows: readonly BreakdownRow[],
  { grain }: BreakdownQuery,
  clock: { readonly hour: number; readonly minute: number },
): Measures {
  const sum = noMeasures();
  for (const { bucket, total } of rows) {
    if (grain !== 'hour') addMeasures(sum, total);
    else {
      const hour = Number(bucket.slice(11));
      if (hour < clock.hour) addMeasures(sum, total);
      else if (hour === clock.hour) addMeasures(sum, portion(total, clock.minute / 60));
    }
  }
  return sum;
}

/** Today, and nothing but today. */
export function isUnfinishedDay(selection: Selection, snapshot: Snapshot): boolean {
  const { from, to } = spanOf(selection, snapshot);
  return dayCount(from, to) === 1 && to === snapshot.periods.today.to;
}

/** What the figure grew by, as a share of what it was; null where it grew from nothing. */
export function changeOf(now: number, before: number): number | null {
  return before === 0 ? null : (now - before) / before;
}

function portion(total: Readonly<Measures>, share: number): Measures {
  return Object.fromEntries(
    Object.entries(total).map(([name, value]) => [name, Math.round(value * share)]),
  ) as Measures;
}
