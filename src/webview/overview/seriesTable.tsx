import { totalTokens } from '../../model/measures';
import { type NameColors, segmentsOf } from '../colors';
import type { Metric, Series } from '../series';
import { useWords } from '../words';

interface SeriesTableProps {
  readonly series: Series;
  readonly colors: NameColors;
  readonly metric: Metric;
  readonly nameOf: (part: string | null) => string;
}

/** The chart in figures, newest first, without the times in which nothing happened. */
export function SeriesTable({ series, colors, metric, nameOf }: SeriesTableProps) {
  const { strings, show } = useWords();
  const rows = series.columns.filter(({ total }) => total.messages > 0).reverse();
  const slots = new Set<number | null>();
  for (const row of rows) for (const { slot } of segmentsOf(row, colors, metric)) slots.add(slot);
  const ordered = [...slots].sort((one, two) => (one ?? Infinity) - (two ?? Infinity));
  const text = (value: number): string => (metric === 'cost' ? show.cost(value) : show.compact(value));
  const unit = { hour: strings.hour, day: strings.day, month: strings.monthColumn }[series.grain];
  if (rows.length === 0) return <p class="outcome soft">{strings.noUsage}</p>;
  return (
    <div class="wide" tabindex={0} role="group" aria-label={strings.showTable}>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">{unit}</th>
            <th scope="col" class="number">
              {strings.total}
            </th>
            {ordered.map((slot) => (
              <th key={slot ?? 'other'} scope="col" class="number">
                {nameOf(slot === null ? null : (colors.names[slot] ?? ''))}
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
                <th scope="row">{show.longBucket(row.bucket, series.grain)}</th>
                <td class="number strong">
                  {metric === 'cost' ? show.measuredCost(row.total) : show.compact(totalTokens(row.total))}
                </td>
                {ordered.map((slot) => {
                  const value = values.get(slot);
                  return (
                    <td key={slot ?? 'other'} class="number">
                      {value === undefined ? '' : text(value)}
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
