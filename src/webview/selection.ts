import { isInFolders } from '../model/folders';
import type { UsageFilter } from '../model/query';
import type { PeriodMeasures, Snapshot } from '../model/snapshot';
import type { CivilDay } from '../model/time';
import type { PanelState } from '../protocol/panelApi';
import { addDays, dayCount, firstOfMonth, isCivilDay } from './days';

/** The periods that the page offers, in order. */
export const rangeNames = [
  'today',
  'last7Days',
  'last30Days',
  'last90Days',
  'month',
  'allTime',
  'custom',
] as const;
export type RangeName = (typeof rangeNames)[number];

export const filterDimensions = ['model', 'project', 'branch', 'source', 'user'] as const;
export type FilterDimension = (typeof filterDimensions)[number];

/** For each dimension the names to keep; a dimension that is not there keeps all. */
export type Only = Readonly<Partial<Record<FilterDimension, readonly string[]>>>;

export interface Span {
  readonly from: CivilDay;
  /** Inclusive. */
  readonly to: CivilDay;
}

/** Which usage the page shows. */
export interface Selection {
  readonly range: RangeName;
  /** What the person chose; it counts while `range` is `custom`. */
  readonly custom: Span | null;
  readonly only: Only;
  /** Only what was used in this window's workspace. */
  readonly here: boolean;
}

export function selectionOf(state: PanelState): Selection {
  const custom = isCivilDay(state.from) && isCivilDay(state.to) ? ordered(state.from, state.to) : null;
  const range = rangeNames.find((name) => name === state.range) ?? 'last30Days';
  return {
    range: range === 'custom' && custom === null ? 'last30Days' : range,
    custom,
    only: onlyOf(state),
    here: state.here === true,
  };
}

function onlyOf({ only }: PanelState): Only {
  const kept: Partial<Record<FilterDimension, readonly string[]>> = {};
  for (const dimension of filterDimensions) {
    const names: unknown = only?.[dimension];
    if (Array.isArray(names) && names.length > 0)
      kept[dimension] = names.filter((name) => typeof name === 'string');
  }
  return kept;
}

/** The selection with "this project" put into names: the workspace's folders and every project known inside them. */
export function resolved(selection: Selection, folders: readonly string[], { periods }: Snapshot): Selection {
  if (!selection.here || folders.length === 0) return selection;
  const inside = periods.allTime.byProject
    .map(({ name }) => name)
    .filter((name) => isInFolders(name, folders));
  return { ...selection, only: { ...selection.only, project: inside.length > 0 ? inside : folders } };
}

/** A range whose ends came in any order. */
export function ordered(one: CivilDay, other: CivilDay): Span {
  return one <= other ? { from: one, to: other } : { from: other, to: one };
}

export function spanOf({ range, custom }: Selection, { periods }: Snapshot): Span {
  switch (range) {
    case 'custom':
      return custom ?? periods.last30Days;
    case 'last90Days':
      return { from: addDays(periods.today.to, -89), to: periods.today.to };
    case 'today':
    case 'last7Days':
    case 'last30Days':
    case 'month':
    case 'allTime':
      return { from: periods[range].from, to: periods[range].to };
  }
}

export function filterOf(selection: Selection, snapshot: Snapshot): UsageFilter {
  const { from, to } = spanOf(selection, snapshot);
  return isFiltered(selection) ? { from, to, only: selection.only } : { from, to };
}

export function isFiltered({ only }: Selection): boolean {
  return Object.keys(only).length > 0;
}

/** The snapshot's own sums, where it has them for this selection: then nothing need be asked. */
export function knownPeriod(selection: Selection, { periods }: Snapshot): PeriodMeasures | null {
  const { range } = selection;
  return range === 'custom' || range === 'last90Days' || isFiltered(selection) ? null : periods[range];
}

/**
 * What a range is compared with: the same number of days right before it; for the month, the same days of the month
 * before. null: there is nothing before all time.
 */
export function previousSpan({ range }: Pick<Selection, 'range'>, { from, to }: Span): Span | null {
  if (range === 'allTime') return null;
  if (range === 'month') {
    const lastMonthEnd = addDays(from, -1);
    const start = firstOfMonth(lastMonthEnd);
    const same = addDays(start, dayCount(from, to) - 1);
    return { from: start, to: same < lastMonthEnd ? same : lastMonthEnd };
  }
  return { from: addDays(from, -dayCount(from, to)), to: addDays(from, -1) };
}

/** The selection with one dimension's names changed; no names lift the filter. */
export function withOnly(
  selection: Selection,
  dimension: FilterDimension,
  names: readonly string[],
): Selection {
  const others = Object.entries(selection.only).filter(([name]) => name !== dimension);
  const kept = names.length === 0 ? others : [...others, [dimension, names] as const];
  return { ...selection, only: Object.fromEntries(kept) };
}

/** The last days of a long time, which are known long before all of it is; null: it is short enough. */
export function recentPart(filter: UsageFilter & Span): (UsageFilter & Span) | null {
  return dayCount(filter.from, filter.to) <= mostDays
    ? null
    : { ...filter, from: addDays(filter.to, 1 - mostDays) };
}

export type SeriesGrain = 'hour' | 'day' | 'month';

/** Up to this many days are drawn as days; a longer time as months. */
const mostDays = 92;

export function grainOf({ from, to }: Span): SeriesGrain {
  const days = dayCount(from, to);
  return days === 1 ? 'hour' : days <= mostDays ? 'day' : 'month';
}
