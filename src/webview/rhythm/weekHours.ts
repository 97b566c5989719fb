import type { Measures } from '../../model/measures';
import type { BreakdownRow } from '../../model/query';
import { type Metric, metricOf } from '../series';

/** One hour of the week, over all weeks of the range. */
export interface WeekHour {
  /** 1 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  /** `1T13` */
  readonly bucket: string;
  readonly total: Measures | null;
  readonly value: number;
  /** 0 for nothing, then 1 to 5. */
  readonly level: number;
}

const levels = 5;

/** All 168 hours, Monday's first. Levels go by the square root, since a few hours are far above the others. */
export function weekHours(rows: readonly BreakdownRow[], metric: Metric): WeekHour[] {
  const byBucket = new Map(rows.map(({ bucket, total }) => [bucket, total]));
  const most = Math.max(0, ...rows.map(({ total }) => metricOf(total, metric)));
  return Array.from({ length: 168 }, (_, index) => {
    const weekday = Math.floor(index / 24) + 1;
    const hour = index % 24;
    const bucket = `${weekday}T${String(hour).padStart(2, '0')}`;
    const total = byBucket.get(bucket) ?? null;
    const value = total === null ? 0 : metricOf(total, metric);
    const level = value === 0 ? 0 : Math.max(1, Math.ceil(levels * Math.sqrt(value / most)));
    return { weekday, hour, bucket, total, value, level };
  });
}
