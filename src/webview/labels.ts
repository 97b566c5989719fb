import {
  formatCompact,
  formatCost,
  formatDay,
  formatHour,
  formatLongDay,
  formatMeasuredCost,
  formatMonth,
  plainName,
} from '../model/format';
import { totalTokens } from '../model/measures';
import { type ModelColors, segmentsOf } from './colors';
import type { SeriesGrain } from './ranges';
import type { Column } from './series';

export function slotClass(slot: number | null): string {
  return slot === null ? 'slotOther' : `slot${slot}`;
}

/** What a bar stands for, on the axis. */
export function shortLabel(bucket: string, grain: SeriesGrain, locale: string): string {
  switch (grain) {
    case 'hour':
      return formatHour(Number(bucket.slice(11)), locale);
    case 'day':
      return formatDay(bucket, locale);
    case 'month':
      return formatMonth(bucket, locale);
  }
}

/** What a bar stands for, in full. */
export function longLabel(bucket: string, grain: SeriesGrain, locale: string): string {
  switch (grain) {
    case 'hour': {
      const hour = Number(bucket.slice(11));
      return `${formatHour(hour, locale)} – ${formatHour((hour + 1) % 24, locale)}`;
    }
    case 'day':
      return formatLongDay(bucket, locale);
    case 'month':
      return formatMonth(bucket, locale);
  }
}

/** A bar in words. */
export function spokenColumn(
  column: Column,
  {
    grain,
    colors,
    locale,
    other,
  }: { grain: SeriesGrain; colors: ModelColors; locale: string; other: string },
): string {
  const parts = segmentsOf(column, colors, 'cost').map(
    ({ model, value }) => `${model === null ? other : plainName(model, 60)} ${formatCost(value, locale)}`,
  );
  const head = `${longLabel(column.bucket, grain, locale)}: ${formatMeasuredCost(column.total, locale)}, ${formatCompact(
    totalTokens(column.total),
    locale,
  )}`;
  return parts.length === 0 ? head : `${head}; ${parts.join(', ')}`;
}
