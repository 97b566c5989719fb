import { formatCompact, formatCost, formatMeasuredCost, plainName } from '../model/format';
import { totalTokens } from '../model/measures';
import { longLabel } from './labels';
import { type ModelColors, segmentsOf } from './colors';
import type { Metric, Series } from './series';
import { useWords } from './words';

interface SeriesTableProps {
  readonly series: Series;
  readonly colors: ModelColors;
  readonly metric: Metric;
}

/** The chart in figures, newest first, without the times in which nothing happened. */
export function SeriesTable({ series, colors, metric }: SeriesTableProps) {
  const { strings, locale } = useWords();
  const rows = series.columns.filter(({ total }) => total.messages > 0).reverse();
  const slots = new Set<number | null>();
  for (const row of rows) for (const { slot } of segmentsOf(row, colors, metric)) slots.add(slot);
  const ordered = [...slots].sort((one, two) => (one ?? Infinity) - (two ?? Infinity));
  const show = (value: number): string =>
    metric === 'cost' ? formatCost(value, locale) : formatCompact(value, locale);
  const unit = { hour: strings.hour, day: strings.day, month: strings.monthColumn }[series.grain];
  if (rows.length === 0) return <p class="chartBlank soft">{strings.noUsage}</p>;
  return (
    <div class="wide" tabindex={0} role="region" aria-label={strings.showTable}>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            <th scope="col" class="number">
              {strings.total}
            </th>
            {ordered.map((slot) => (
              <th key={slot ?? 'other'} scope="col" class="number">
                {slot === null ? strings.other : plainName(colors.models[slot] ?? '', 40)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const values = new Map(
              segmentsOf(row, colors, metric).map(({ slot, value }) => [slot, value] as const),
            );
            return (
              <tr key={row.bucket}>
                <th scope="row">{longLabel(row.bucket, series.grain, locale)}</th>
                <td class="number strong">
                  {metric === 'cost'
                    ? formatMeasuredCost(row.total, locale)
                    : formatCompact(totalTokens(row.total), locale)}
                </td>
                {ordered.map((slot) => {
                  const value = values.get(slot);
                  return (
                    <td key={slot ?? 'other'} class="number">
                      {value === undefined ? '' : show(value)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
