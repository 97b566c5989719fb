import { addMeasures, type Measures, noMeasures, totalTokens } from '../model/measures';
import type { BreakdownRow } from '../model/query';
import type { NamedMeasures, PeriodMeasures, Snapshot } from '../model/snapshot';
import { daysBetween, grainOf, monthsBetween, type RangeName, type SeriesGrain } from './ranges';

export type Metric = 'cost' | 'tokens';

/** One bar: a stretch of time and the models in it. */
export interface Column {
  /** `2026-11-24`, `2026-11-24T13` or `2026-11`. */
  readonly bucket: string;
  readonly total: Measures;
  readonly parts: ReadonlyMap<string, Measures>;
}

export interface Series {
  readonly grain: SeriesGrain;
  /** Without gaps, oldest first. */
  readonly columns: readonly Column[];
}

/** The figure of a bar or segment: nano-dollars or tokens. */
export function metricOf(total: Measures, metric: Metric): number {
  return metric === 'cost' ? total.costNanoDollars : totalTokens(total);
}

export function seriesFromSnapshot(range: RangeName, snapshot: Snapshot): Series {
  const period = snapshot.periods[range];
  const columns = snapshot.days
    .filter(({ day }) => day >= period.from && day <= period.to)
    .map(({ day, total, byModel }) => ({ bucket: day, total, parts: partsOf(byModel) }));
  return { grain: 'day', columns };
}

/** Fills what the rows leave out, so that the time axis is even. */
export function seriesFromRows(
  range: RangeName,
  period: PeriodMeasures,
  rows: readonly BreakdownRow[],
): Series {
  const grain = grainOf(range, period);
  const columns = new Map<string, { bucket: string; total: Measures; parts: Map<string, Measures> }>();
  const column = (bucket: string): { total: Measures; parts: Map<string, Measures> } => {
    let found = columns.get(bucket);
    if (found === undefined)
      columns.set(bucket, (found = { bucket, total: noMeasures(), parts: new Map<string, Measures>() }));
    return found;
  };
  for (const bucket of bucketsOf(grain, period)) column(bucket);
  for (const { bucket, names, total } of rows) {
    const { parts, total: sum } = column(bucket);
    addMeasures(sum, total);
    const name = names.model ?? '';
    const part = parts.get(name);
    if (part === undefined) parts.set(name, { ...total });
    else addMeasures(part, total);
  }
  // By code unit, which for these names is by time.
  const ordered = [...columns.values()].sort((one, other) => (one.bucket < other.bucket ? -1 : 1));
  return { grain, columns: ordered };
}

function bucketsOf(grain: SeriesGrain, { from, to }: PeriodMeasures): string[] {
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
