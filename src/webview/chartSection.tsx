import { useMemo, useState } from 'preact/hooks';
import { formatCompact, formatCost, plainName } from '../model/format';
import { BarChart } from './barChart';
import { type ModelColors, segmentsOf } from './colors';
import { Icon } from './icon';
import { longLabel, slotClass } from './labels';
import { type Column, type Metric, type Series, metricOf } from './series';
import { SeriesTable } from './seriesTable';
import type { SeriesState } from './useSeries';
import { fill, useWords } from './words';

interface ChartSectionProps {
  readonly series: SeriesState;
  readonly colors: ModelColors;
  readonly metric: Metric;
  readonly onMetric: (metric: Metric) => void;
  readonly tableOpen: boolean;
  readonly onTableOpen: (open: boolean) => void;
}

const titles = {
  cost: { hour: 'costByHour', day: 'costByDay', month: 'costByMonth' },
  tokens: { hour: 'tokensByHour', day: 'tokensByDay', month: 'tokensByMonth' },
} as const;

/** The bars with their legend, which reads out the bar under the pointer or the focus. */
export function ChartSection(props: ChartSectionProps) {
  const { series: state, colors, metric, onMetric, tableOpen, onTableOpen } = props;
  const { strings, locale } = useWords();
  const [active, setActive] = useState<string | null>(null);
  const { series, error } = state;
  const title = strings[titles[metric][series?.grain ?? 'day']];
  const column = series?.columns.find(({ bucket }) => bucket === active) ?? null;
  return (
    <section class="chartSection" aria-label={title}>
      <div class="sectionHead">
        <h2>{title}</h2>
        <fieldset class="ranges small">
          <legend class="unseen">{title}</legend>
          {(['cost', 'tokens'] as const).map((each) => (
            <label key={each} class="range">
              <input
                type="radio"
                name="metric"
                value={each}
                checked={each === metric}
                onChange={() => onMetric(each)}
              />
              <span data-text={strings[each]}>{strings[each]}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          class="quiet"
          aria-pressed={tableOpen}
          title={tableOpen ? strings.hideTable : strings.showTable}
          onClick={() => onTableOpen(!tableOpen)}
        >
          <Icon name={tableOpen ? 'chart' : 'table'} />
          <span>{tableOpen ? strings.hideTable : strings.showTable}</span>
        </button>
      </div>
      {series === null ? (
        <p class={error === null ? 'chartBlank soft' : 'chartBlank'} role="status">
          {error === null ? strings.loading : fill(strings.loadFailed, error)}
        </p>
      ) : (
        <>
          {!tableOpen && <Legend series={series} column={column} colors={colors} metric={metric} />}
          {tableOpen ? (
            <SeriesTable series={series} colors={colors} metric={metric} />
          ) : (
            <BarChart
              series={series}
              colors={colors}
              metric={metric}
              label={`${title}. ${strings.chartHint}`}
              active={active}
              onActive={setActive}
              locale={locale}
            />
          )}
        </>
      )}
    </section>
  );
}

interface LegendProps {
  readonly series: Series;
  /** The bar that is read out; null reads out all of them together. */
  readonly column: Column | null;
  readonly colors: ModelColors;
  readonly metric: Metric;
}

function Legend({ series, column, colors, metric }: LegendProps) {
  const { strings, locale } = useWords();
  const shown = column === null ? series.columns : [column];
  const { slots, values, unknown, total, unpriced } = useMemo(() => {
    const values = new Map<number | null, number>();
    /** Those with usage that has no price. */
    const unknown = new Set<number | null>();
    const slots = new Set<number | null>();
    for (const each of series.columns)
      for (const { slot } of segmentsOf(each, colors, metric)) slots.add(slot);
    let total = 0;
    let unpriced = 0;
    for (const each of shown) {
      total += metricOf(each.total, metric);
      unpriced += each.total.unpricedMessages;
      for (const segment of segmentsOf(each, colors, metric)) {
        values.set(segment.slot, (values.get(segment.slot) ?? 0) + segment.value);
        if (segment.unpriced) unknown.add(segment.slot);
      }
    }
    return {
      values,
      unknown,
      total,
      unpriced,
      slots: [...slots].sort((one, two) => (one ?? Infinity) - (two ?? Infinity)),
    };
  }, [series, column, colors, metric]);
  const show = (value: number): string =>
    metric === 'cost' ? formatCost(value, locale) : formatCompact(value, locale);
  return (
    <div class="legend">
      <div class={column === null ? 'when' : 'when active'}>
        <span class="whenName">
          {column === null ? strings.total : longLabel(column.bucket, series.grain, locale)}
        </span>
        <span class="whenValue">
          {show(total)}
          {metric === 'cost' && unpriced > 0 ? ' +?' : ''}
        </span>
      </div>
      <ul class="keys">
        {slots.map((slot) => {
          const value = values.get(slot);
          const name = slot === null ? strings.other : plainName(colors.models[slot] ?? '', 60);
          return (
            <li key={slot ?? 'other'} class={value === undefined ? 'key absent' : 'key'}>
              <span class={`swatch ${slotClass(slot)}`} />
              <bdi class="keyName" title={name}>
                {name}
              </bdi>
              <span class="keyValue">
                {value === undefined
                  ? '–'
                  : metric === 'cost' && unknown.has(slot)
                    ? `${value > 0 ? `${show(value)} +` : ''}?`
                    : show(value)}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
