import { scaleBand, scaleLinear } from 'd3-scale';
import { useRef } from 'preact/hooks';
import { nanoPerDollar } from '../../model/cost';
import { totalTokens } from '../../model/measures';
import { type NameColors, type Segment, segmentsOf } from '../colors';
import { Kept } from '../parts/kept';
import { slotClass } from '../parts/nameCell';
import { isActivation, nextIndex } from '../parts/roving';
import { useWidth } from '../parts/useWidth';
import type { SeriesGrain } from '../selection';
import { type Column, type Metric, type Series, metricOf } from '../series';
import { useWords } from '../words';
import { ValueAxis } from './valueAxis';

interface BarChartProps {
  readonly series: Series;
  readonly colors: NameColors;
  readonly metric: Metric;
  readonly label: string;
  /** What a part is called; null stands for all that have no colour of their own. */
  readonly nameOf: (part: string | null) => string;
  readonly active: string | null;
  readonly onActive: (bucket: string | null) => void;
  readonly onOpen: (bucket: string) => void;
}

const height = 232;
const top = 10;
const bottom = 24;
const left = 52;
const right = 4;
const widestBar = 40;

export function BarChart(props: BarChartProps) {
  const { series, colors, metric, label, nameOf, active, onActive, onOpen } = props;
  const { show } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const { columns, grain } = series;
  const last = columns.at(-1)?.bucket ?? '';
  const most = Math.max(0, ...columns.map(({ total }) => metricOf(total, metric)));
  // An empty chart still has an axis: a dollar, or a thousand tokens.
  const unit = metric === 'cost' ? nanoPerDollar / show.unitsPerDollar : 1;
  const x = scaleBand()
    .domain(columns.map(({ bucket }) => bucket))
    .range([left, Math.max(left + 1, width - right)])
    .paddingInner(columns.length > 12 ? 0.28 : 0.4)
    .paddingOuter(0.15);
  const y = scaleLinear()
    .domain([0, most > 0 ? most / unit : metric === 'cost' ? 1 : 1000])
    .nice(4)
    .range([height - bottom, top]);
  const ticks = y.ticks(4);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const showTick = (value: number): string =>
    metric === 'cost' ? show.axisCost(value, step) : show.compact(value);
  const focused = active ?? last;
  // The last label would stick out where bars are narrow.
  const atEdge = (index: number): boolean => index === columns.length - 1 && x.bandwidth() < 32;

  const bucketLabels = () =>
    labelled(columns, grain, width).map((index) => (
      <text
        key={columns[index]!.bucket}
        class="tick"
        x={atEdge(index) ? width - right : (x(columns[index]!.bucket) ?? 0) + x.bandwidth() / 2}
        y={height - 6}
        text-anchor={atEdge(index) ? 'end' : 'middle'}
      >
        {show.bucket(columns[index]!.bucket, grain)}
      </text>
    ));
  const spoken = (column: Column, segments: readonly Segment[]): string => {
    const value = (amount: number): string => (metric === 'cost' ? show.cost(amount) : show.compact(amount));
    const parts = segments.map((part) => `${nameOf(part.name)} ${value(part.value)}`);
    const head = `${show.longBucket(column.bucket, grain)}: ${show.measuredCost(column.total)}, ${show.compact(
      totalTokens(column.total),
    )}`;
    return parts.length === 0 ? head : `${head}; ${parts.join(', ')}`;
  };
  const move = (event: KeyboardEvent): void => {
    if (isActivation(event)) {
      event.preventDefault();
      onOpen(focused);
      return;
    }
    const at = columns.findIndex(({ bucket }) => bucket === focused);
    const to = nextIndex(event.key, at, columns.length);
    if (to === null) return;
    event.preventDefault();
    const bucket = columns[to]!.bucket;
    onActive(bucket);
    frame.current?.querySelector<SVGElement>(`[data-bucket="${bucket}"]`)?.focus();
  };

  return (
    <div class="chart" ref={frame}>
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label={label}
        onKeyDown={move}
        onPointerLeave={() => onActive(null)}
      >
        <g class="axis" aria-hidden="true">
          <ValueAxis ticks={ticks} y={y} from={left} to={width - right} show={showTick} />
          <Kept
            on={[columns.map(({ bucket }) => bucket), grain, width]}
            by={show}
            draw={() => bucketLabels()}
          />
        </g>
        {columns.map((column) => {
          const segments = segmentsOf(column, colors, metric);
          const state = {
            active: column.bucket === active,
            dimmed: active !== null && column.bucket !== active,
            reachable: column.bucket === focused,
          };
          return (
            <Kept
              key={column.bucket}
              on={[width, columns.length, y.domain(), grain, metric, segments, column.total, state]}
              by={nameOf}
              draw={() => (
                <Bar
                  column={column}
                  segments={segments}
                  at={x(column.bucket) ?? 0}
                  step={x.step()}
                  band={x.bandwidth()}
                  y={(value) => y(value / unit)}
                  {...state}
                  label={spoken(column, segments)}
                  onActive={onActive}
                  onOpen={onOpen}
                />
              )}
            />
          );
        })}
      </svg>
    </div>
  );
}

interface BarProps {
  readonly column: Column;
  readonly segments: readonly Segment[];
  readonly at: number;
  readonly step: number;
  readonly band: number;
  readonly y: (value: number) => number;
  readonly active: boolean;
  readonly dimmed: boolean;
  /** The one bar that Tab reaches; arrow keys go on from there. */
  readonly reachable: boolean;
  readonly label: string;
  readonly onActive: (bucket: string | null) => void;
  readonly onOpen: (bucket: string) => void;
}

function Bar(props: BarProps) {
  const { column, segments, at, step, band, y, active, dimmed, reachable, label, onActive, onOpen } = props;
  const { bucket } = column;
  const barWidth = Math.min(band, widestBar);
  const barLeft = at + (band - barWidth) / 2;
  const slotLeft = at - (step - band) / 2;
  let below = 0;
  const visible = segments.filter(({ value }) => value > 0);
  const marks = visible.map((segment, index) => {
    const from = y(below);
    below += segment.value;
    // A hair between segments tells them apart without colour; what is there is never less than visible.
    const hair = index === 0 ? 0 : 1;
    const to = Math.min(y(below), from - hair - 0.75);
    return (
      <path
        key={segment.slot ?? 'other'}
        class={`mark ${slotClass(segment.slot)}`}
        d={block(barLeft, to, barWidth, from - hair - to, index === visible.length - 1 ? 2 : 0)}
      />
    );
  });
  const unpriced = column.total.unpricedMessages > 0;
  return (
    <g
      class={`bar${active ? ' active' : ''}${dimmed ? ' dimmed' : ''}`}
      role="button"
      tabindex={reachable ? 0 : -1}
      aria-label={label}
      data-bucket={bucket}
      onPointerEnter={() => onActive(bucket)}
      onFocus={() => onActive(bucket)}
      onBlur={() => onActive(null)}
      onClick={() => onOpen(bucket)}
    >
      <rect class="hit" x={slotLeft} y={top} width={step} height={height - top - bottom} />
      {marks}
      {unpriced && (
        <text class="tick" x={at + band / 2} y={y(below) - 4} text-anchor="middle" aria-hidden="true">
          ?
        </text>
      )}
    </g>
  );
}

/** A rectangle whose upper corners are round. */
function block(x: number, y: number, width: number, high: number, radius: number): string {
  const r = Math.max(0, Math.min(radius, width / 2, high));
  return `M${x} ${y + high}V${y + r}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}V${y + high}Z`;
}

/** Which bars get a label on the axis: evenly spaced; the last one always, or for hours the first. */
function labelled(columns: readonly Column[], grain: SeriesGrain, width: number): number[] {
  const room = Math.max(1, Math.floor((width - left - right) / 72));
  const least = Math.max(1, Math.ceil(columns.length / room));
  if (grain === 'hour') {
    const every = [1, 2, 3, 4, 6].find((hours) => hours >= least) ?? 12;
    return columns.map((_, index) => index).filter((index) => index % every === 0);
  }
  const every = least;
  const picked: number[] = [];
  for (let index = columns.length - 1; index >= 0; index -= every) picked.push(index);
  return picked.reverse();
}
