import type { Measures } from '../model/measures';
import type { BreakdownQuery, BreakdownRow } from '../model/query';
import type { CivilDay } from '../model/time';
import { addDays, daysBetween, firstOfMonth, lastOfMonth } from './days';
import type { Only } from './selection';

/** One month's cost day by day, added up. */
export interface MonthLine {
  readonly month: string;
  /** Cost from the first to this day, in nano-dollars, one a day. */
  readonly sums: readonly number[];
  readonly days: number;
}

export interface MonthPace {
  /** Up to today. */
  readonly current: MonthLine;
  readonly previous: MonthLine;
  /** What the month comes to if it goes on like this; null while less than a day of it is over. */
  readonly projectedNanoDollars: number | null;
  readonly unpricedMessages: number;
}

/** This month and the one before, by day. */
export function paceQuery(today: CivilDay, only: Only): BreakdownQuery {
  const from = firstOfMonth(addDays(firstOfMonth(today), -1));
  return {
    filter: Object.keys(only).length === 0 ? { from, to: today } : { from, to: today, only },
    grain: 'day',
    by: [],
  };
}

/** @param dayShare how much of today is over, 0 to 1. */
export function paceOf(rows: readonly BreakdownRow[], today: CivilDay, dayShare: number): MonthPace {
  const byDay = new Map<CivilDay, Measures>(rows.map(({ bucket, total }) => [bucket, total]));
  const line = (from: CivilDay, to: CivilDay): MonthLine => {
    let sum = 0;
    return {
      month: from.slice(0, 7),
      sums: daysBetween(from, to).map((day) => (sum += byDay.get(day)?.costNanoDollars ?? 0)),
      days: Number(lastOfMonth(from).slice(8)),
    };
  };
  const first = firstOfMonth(today);
  const current = line(first, today);
  const lastMonthEnd = addDays(first, -1);
  const elapsedDays = current.sums.length - 1 + dayShare;
  let unpricedMessages = 0;
  for (const [day, total] of byDay) if (day >= first) unpricedMessages += total.unpricedMessages;
  return {
    current,
    previous: line(firstOfMonth(lastMonthEnd), lastMonthEnd),
    projectedNanoDollars:
      elapsedDays < 1 ? null : Math.round((current.sums.at(-1)! * current.days) / elapsedDays),
    unpricedMessages,
  };
}
