import { useMemo, useState } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import { type NameColors, kindColors, segmentsOf } from '../colors';
import { Choice, ChoiceList } from '../parts/choice';
import { slotClass } from '../parts/nameCell';
import { Outcome, Section, TableToggle } from '../parts/section';
import {
  type Column,
  type Metric,
  type Series,
  type Split,
  type TokenKind,
  metricOf,
  splits,
} from '../series';
import { useWords } from '../words';
import { BarChart } from './barChart';
import { SeriesTable } from './seriesTable';
import type { SeriesState } from './useSeries';

interface ChartSectionProps {
  readonly series: SeriesState;
  readonly modelColors: NameColors;
  readonly projectColors: NameColors;
  readonly metric: Metric;
  readonly onMetric: (metric: Metric) => void;
  readonly split: Split;
  readonly onSplit: (split: Split) => void;
  readonly tableOpen: boolean;
  readonly onTableOpen: (open: boolean) => void;
  readonly onOpen: (bucket: string, label: string) => void;
}

const titles = {
  cost: { hour: 'costByHour', day: 'costByDay', month: 'costByMonth' },
  tokens: { hour: 'tokensByHour', day: 'tokensByDay', month: 'tokensByMonth' },
} as const;

/** The bars with their legend, which reads out the bar under the pointer or the focus. */
export function ChartSection(props: ChartSectionProps) {
  const { series: state, modelColors, projectColors, split, onSplit, tableOpen, onTableOpen, onOpen } = props;
  const { strings, show } = useWords();
  const [active, setActive] = useState<string | null>(null);
  const { series, answer } = state;
  const metric = split === 'kind' ? 'tokens' : props.metric;
  const title = strings[titles[metric][series?.grain ?? 'day']];
  const column = series?.columns.find(({ bucket }) => bucket === active) ?? null;
  const colors = { model: modelColors, project: projectColors, kind: kindColors }[series?.split ?? split];
  const nameOf = useNames(series?.split ?? split, colors);
  const splitTexts = { model: strings.byModel, project: strings.byProject, kind: strings.byKind };
  return (
    <Section
      title={title}
      class={answer.pending ? 'chartSection pending' : 'chartSection'}
      controls={
        <div class="controls">
          <ChoiceList
            legend={strings.divideBy}
            names={splits}
            chosen={split}
            textOf={(name) => splitTexts[name]}
            onChoose={onSplit}
          />
          {split !== 'kind' && (
            <Choice
              group="metric"
              legend={strings.shownFigure}
              names={['cost', 'tokens']}
              chosen={metric}
              textOf={(name) => strings[name]}
              onChoose={props.onMetric}
            />
          )}
          <TableToggle open={tableOpen} onOpen={onTableOpen} />
        </div>
      }
    >
      {series === null ? (
        <div class="chart">
          <Outcome error={answer.error} retry={answer.retry} />
        </div>
      ) : tableOpen ? (
        <SeriesTable series={series} colors={colors} metric={metric} nameOf={nameOf} />
      ) : (
        <>
          <Legend series={series} column={column} colors={colors} metric={metric} nameOf={nameOf} />
          <BarChart
            series={series}
            colors={colors}
            metric={metric}
            label={`${title}. ${strings.chartHint}`}
            nameOf={nameOf}
            active={active}
            onActive={setActive}
            onOpen={(bucket) => onOpen(bucket, show.longBucket(bucket, series.grain))}
          />
        </>
      )}
    </Section>
  );
}

/** What the parts of a bar are called. */
function useNames(split: Split, colors: NameColors): (part: string | null) => string {
  const { strings } = useWords();
  const count = colors.names.length;
  return useMemo(() => {
    const folders = split === 'project' ? folderLabels(colors.names) : null;
    return (part) => {
      if (part === null) return strings.other;
      if (split === 'kind') return strings[part as TokenKind];
      if (part === '') return strings.noProject;
      return plainName(folders?.get(part) ?? part, 60);
    };
  }, [split, colors, count, strings]);
}

interface LegendProps {
  readonly series: Series;
  /** The bar that is read out; null reads out all of them together. */
  readonly column: Column | null;
  readonly colors: NameColors;
  readonly metric: Metric;
  readonly nameOf: (part: string | null) => string;
}

function Legend({ series, column, colors, metric, nameOf }: LegendProps) {
  const { strings, show } = useWords();
  const { slots, values, unknown, total, unpriced } = useMemo(() => {
    const values = new Map<number | null, number>();
    /** Those with usage that has no price. */
    const unknown = new Set<number | null>();
    const slots = new Set<number | null>();
    for (const each of series.columns)
      for (const { slot } of segmentsOf(each, colors, metric)) slots.add(slot);
    let total = 0;
    let unpriced = 0;
    for (const each of column === null ? series.columns : [column]) {
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
  const text = (value: number): string => (metric === 'cost' ? show.cost(value) : show.compact(value));
  return (
    <div class="legend">
      <div class={column === null ? 'when' : 'when active'}>
        <span class="whenName">
          {column === null ? strings.total : show.longBucket(column.bucket, series.grain)}
        </span>
        <span class="whenValue">
          {text(total)}
          {metric === 'cost' && unpriced > 0 ? ' +?' : ''}
        </span>
      </div>
      <ul class="keys">
        {slots.map((slot) => {
          const value = values.get(slot);
          const name = nameOf(slot === null ? null : (colors.names[slot] ?? ''));
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
                    ? `${value > 0 ? `${text(value)} +` : ''}?`
                    : text(value)}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
