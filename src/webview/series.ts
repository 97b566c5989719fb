import { addMeasures, type Measures, noMeasures, totalTokens } from '../model/measures';
import type { BreakdownQuery, BreakdownRow } from '../model/query';
import type { NamedMeasures, Snapshot } from '../model/snapshot';
import { daysBetween, monthsBetween } from './days';
import {
  filterOf,
  grainOf,
  isFiltered,
  type Selection,
  type SeriesGrain,
  type Span,
  spanOf,
} from './selection';

export type Metric = 'cost' | 'tokens';

/** What a bar is divided by. A token kind has no cost of its own, so that those bars show tokens. */
export const splits = ['model', 'project', 'kind'] as const;
export type Split = (typeof splits)[number];

/** One bar: a stretch of time and its parts. */
export interface Column {
  /** `2026-11-24`, `2026-11-24T13` or `2026-11`. */
  readonly bucket: string;
  readonly total: Measures;
  readonly parts: ReadonlyMap<string, Measures>;
}

export interface Series {
  readonly grain: SeriesGrain;
  readonly split: Split;
  /** Without gaps, oldest first. */
  readonly columns: readonly Column[];
}

/** The figure of a bar or segment: nano-dollars or tokens. */
export function metricOf(total: Measures, metric: Metric): number {
  return metric === 'cost' ? total.costNanoDollars : totalTokens(total);
}

/** What must be asked for the chart; null if the snapshot has it already. */
export function seriesQuery(selection: Selection, split: Split, snapshot: Snapshot): BreakdownQuery | null {
  const span = spanOf(selection, snapshot);
  const grain = grainOf(span);
  const firstDay = snapshot.days[0]?.day;
  if (
    grain === 'day' &&
    split !== 'project' &&
    !isFiltered(selection) &&
    firstDay !== undefined &&
    span.from >= firstDay &&
    span.to <= snapshot.periods.today.to
  )
    return null;
  return { filter: filterOf(selection, snapshot), grain, by: split === 'kind' ? [] : [split] };
}

export function seriesFromSnapshot(span: Span, split: Split, snapshot: Snapshot): Series {
  const columns = snapshot.days
    .filter(({ day }) => day >= span.from && day <= span.to)
    .map(({ day, total, byModel }) => ({
      bucket: day,
      total,
      parts: split === 'kind' ? kindsOf(total) : partsOf(byModel),
    }));
  return { grain: 'day', split, columns };
}

/** Fills what the rows leave out, so that the time axis is even. */
export function seriesFromRows(span: Span, split: Split, rows: readonly BreakdownRow[]): Series {
  const grain = grainOf(span);
  const columns = new Map<string, { bucket: string; total: Measures; parts: Map<string, Measures> }>();
  const column = (bucket: string): { total: Measures; parts: Map<string, Measures> } => {
    let found = columns.get(bucket);
    if (found === undefined)
      columns.set(bucket, (found = { bucket, total: noMeasures(), parts: new Map<string, Measures>() }));
    return found;
  };
  for (const bucket of bucketsOf(grain, span)) column(bucket);
  for (const { bucket, names, total } of rows) {
    const { parts, total: sum } = column(bucket);
    addMeasures(sum, total);
    if (split === 'kind') continue;
    const name = names[split] ?? '';
    const part = parts.get(name);
    if (part === undefined) parts.set(name, { ...total });
    else addMeasures(part, total);
  }
  // By code unit, which for these names is by time.
  const sorted = [...columns.values()].sort((one, other) => (one.bucket < other.bucket ? -1 : 1));
  return {
    grain,
    split,
    columns: split === 'kind' ? sorted.map((each) => ({ ...each, parts: kindsOf(each.total) })) : sorted,
  };
}

function bucketsOf(grain: SeriesGrain, { from, to }: Span): string[] {
  switch (grain) {
    case 'hour':
      return Array.from({ length: 24 }, (_, hour) => `${to}T${String(hour).padStart(2, '0')}`);
    case 'day':
      return daysBetween(from, to);
    case 'month':
      return monthsBetween(from, to);
  }
}

function partsOf(named: readonly NamedMeasures[]): Map<string, Measures> {
  return new Map(named.map(({ name, total }) => [name, total]));
}

export const tokenKinds = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** The same usage taken apart by what its tokens were; costs belong to no kind. */
function kindsOf(total: Measures): Map<TokenKind, Measures> {
  const parts = new Map<TokenKind, Measures>();
  const add = (kind: TokenKind, tokens: Partial<Measures>): void => {
    const part = { ...noMeasures(), ...tokens };
    if (totalTokens(part) > 0) parts.set(kind, part);
  };
  add('input', { inputTokens: total.inputTokens });
  add('output', { outputTokens: total.outputTokens });
  add('cacheRead', { cacheReadTokens: total.cacheReadTokens });
  add('cacheWrite', {
    cacheWrite5mTokens: total.cacheWrite5mTokens,
    cacheWrite1hTokens: total.cacheWrite1hTokens,
  });
  return parts;
}
