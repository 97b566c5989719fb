import type { SessionRow } from '../model/query';
import type { EpochMs } from '../model/time';
import { addDays, isCivilDay, lastOfMonth, weekdayOf } from './days';
import { filterDimensions, type Only, type Span } from './selection';

/**
 * What sessions are narrowed to by a click on a mark or a row, within what the page shows anyway. A session belongs
 * to a stretch of time if it was running then.
 */
export interface Drill {
  readonly span: Span | null;
  readonly only: Only;
  readonly within: Within | null;
  /** What was clicked, in words. */
  readonly label: string;
}

export type Within =
  /** `2026-11-24T13` */
  | { readonly kind: 'hour'; readonly hour: string }
  /** `1T13`: Mondays from 13:00. */
  | { readonly kind: 'weekdayHour'; readonly weekdayHour: string }
  | { readonly kind: 'time'; readonly fromEpochMs: EpochMs; readonly toEpochMs: EpochMs };

/** The drill for one bar of the chart. */
export function drillIntoBucket(bucket: string, label: string): Drill {
  const day = bucket.slice(0, 10);
  if (bucket.length === 7)
    return { span: { from: `${bucket}-01`, to: lastOfMonth(`${bucket}-01`) }, only: {}, within: null, label };
  return {
    span: { from: day, to: day },
    only: {},
    within: bucket.length > 10 ? { kind: 'hour', hour: bucket } : null,
    label,
  };
}

/** Whether a session was running in that time. `hourOf` names the civil hour of an instant: `2026-11-24T13`. */
export function runsWithin(
  { startEpochMs, endEpochMs }: Pick<SessionRow, 'startEpochMs' | 'endEpochMs'>,
  within: Within,
  hourOf: (epochMs: EpochMs) => string,
): boolean {
  if (within.kind === 'time') return startEpochMs < within.toEpochMs && endEpochMs >= within.fromEpochMs;
  const first = hourOf(startEpochMs);
  const last = hourOf(endEpochMs);
  if (within.kind === 'hour') return first <= within.hour && within.hour <= last;
  const weekday = Number(within.weekdayHour[0]);
  const hour = within.weekdayHour.slice(1);
  const lastDay = last.slice(0, 10);
  let day = first.slice(0, 10);
  // A week holds every weekday: no more days than that need be looked at.
  for (let days = 0; days < 8 && day <= lastDay; days++, day = addDays(day, 1)) {
    const name = `${day}${hour}`;
    if (weekdayOf(day) === weekday && first <= name && name <= last) return true;
  }
  return false;
}

/** A drill as a page of an earlier time kept it; null if it makes no sense. */
export function drillFrom(kept: unknown): Drill | null {
  if (typeof kept !== 'object' || kept === null) return null;
  const { span, only, within, label } = kept as Partial<Drill>;
  if (typeof label !== 'string' || typeof only !== 'object') return null;
  const names: Partial<Record<(typeof filterDimensions)[number], readonly string[]>> = {};
  for (const dimension of filterDimensions) {
    const list = only[dimension];
    if (Array.isArray(list)) names[dimension] = list.filter((name) => typeof name === 'string');
  }
  return {
    label,
    only: names,
    span:
      typeof span === 'object' && span !== null && isCivilDay(span.from) && isCivilDay(span.to) ? span : null,
    within: isWithin(within) ? within : null,
  };
}

function isWithin(value: unknown): value is Within {
  if (typeof value !== 'object' || value === null) return false;
  const within = value as Record<string, unknown>;
  switch (within['kind']) {
    case 'hour':
      return typeof within['hour'] === 'string';
    case 'weekdayHour':
      return typeof within['weekdayHour'] === 'string' && /^[1-7]T\d\d$/.test(within['weekdayHour']);
    case 'time':
      return typeof within['fromEpochMs'] === 'number' && typeof within['toEpochMs'] === 'number';
    default:
      return false;
  }
}
