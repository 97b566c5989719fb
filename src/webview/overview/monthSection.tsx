import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { useMemo, useRef, useState } from 'preact/hooks';
import { nanoPerDollar } from '../../model/cost';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { type MonthPace, paceOf, paceQuery } from '../pace';
import { Outcome, Section, TableToggle } from '../parts/section';
import { nextIndex } from '../parts/roving';
import { useWidth } from '../parts/useWidth';
import type { Only } from '../selection';
import { fill, useWords } from '../words';
import { ValueAxis } from './valueAxis';

interface MonthSectionProps {
  readonly snapshot: Snapshot;
  readonly only: Only;
  readonly nowEpochMs: number;
  readonly tableOpen: boolean;
  readonly onTableOpen: (open: boolean) => void;
}

/** The month added up day by day, the month before beside it, and where it leads to. */
export function MonthSection({ snapshot, only, nowEpochMs, tableOpen, onTableOpen }: MonthSectionProps) {
  const { strings, show } = useWords();
  const today = snapshot.periods.today.to;
  const query = useMemo(() => paceQuery(today, only), [today, only]);
  const answer = useAnswer('breakdown', query);
  const { hour, minute } = show.clockOf(nowEpochMs);
  const rows = answer.known?.result;
  const pace = useMemo(
    () => (rows === undefined ? null : paceOf(rows, today, (hour * 60 + minute) / 1440)),
    [rows, today, hour, minute],
  );
  return (
    <Section
      title={strings.monthTitle}
      class="monthSection"
      controls={
        <div class="controls">
          <TableToggle open={tableOpen} onOpen={onTableOpen} />
        </div>
      }
    >
      {pace === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : tableOpen ? (
        <MonthTable pace={pace} />
      ) : (
        <MonthChart pace={pace} />
      )}
    </Section>
  );
}

const height = 150;
const top = 12;
const bottom = 22;
const left = 44;
const right = 8;

function MonthChart({ pace }: { readonly pace: MonthPace }) {
  const { strings, show } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [active, setActive] = useState<number | null>(null);
  const { current, previous, projectedNanoDollars: projected } = pace;
  const unit = nanoPerDollar / show.unitsPerDollar;
  const days = Math.max(current.days, previous.days);
  const most = Math.max(current.sums.at(-1) ?? 0, projected ?? 0, previous.sums.at(-1) ?? 0) / unit;
  const x = scaleLinear()
    .domain([1, days])
    .range([left, width - right]);
  const y = scaleLinear()
    .domain([0, most > 0 ? most : 1])
    .nice(3)
    .range([height - bottom, top]);
  const ticks = y.ticks(3);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const draw = line<number>(
    (_, index) => x(index + 1),
    (sum) => y(sum / unit),
  );
  const fillBelow = area<number>(
    (_, index) => x(index + 1),
    y(0),
    (sum) => y(sum / unit),
  );
  const last = current.sums.length;
  const read = active ?? last;
  const sum = current.sums[read - 1] ?? 0;
  const then = previous.sums[Math.min(read, previous.sums.length) - 1] ?? 0;
  const dayName = show.day(`${current.month}-${String(read).padStart(2, '0')}`);
  const onKey = (event: KeyboardEvent): void => {
    const to = nextIndex(event.key, read - 1, last);
    if (to === null) return;
    event.preventDefault();
    setActive(to + 1);
  };
  const onMove = (event: PointerEvent): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined) return;
    setActive(Math.max(1, Math.min(last, Math.round(x.invert(event.clientX - box.left)))));
  };
  const readOut = `${dayName}: ${show.cost(sum)}; ${fill(strings.monthBefore, show.month(previous.month))}: ${show.cost(then)}`;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{active === null ? strings.soFar : dayName}</dt>
          <dd class="strong">
            {show.cost(sum)}
            {pace.unpricedMessages > 0 && <span class="unsure">{' +?'}</span>}
          </dd>
        </div>
        <div>
          <dt>
            <svg class="lineKey before" width="16" height="8" aria-hidden="true">
              <path d="M0 4h16" />
            </svg>
            {fill(strings.monthBefore, show.month(previous.month))}
          </dt>
          <dd>{show.cost(then)}</dd>
        </div>
        <div>
          <dt>
            <svg class="lineKey ahead" width="16" height="8" aria-hidden="true">
              <path d="M0 4h16" />
            </svg>
            {strings.projected}
          </dt>
          <dd>{projected === null ? '–' : show.cost(projected)}</dd>
        </div>
      </dl>
      <div class="monthChart" ref={frame}>
        <svg
          width={width}
          height={height}
          role="slider"
          tabindex={0}
          aria-label={strings.monthTitle}
          aria-valuemin={1}
          aria-valuemax={last}
          aria-valuenow={read}
          aria-valuetext={readOut}
          onKeyDown={onKey}
          onPointerMove={onMove}
          onPointerLeave={() => setActive(null)}
          onBlur={() => setActive(null)}
        >
          <g class="axis" aria-hidden="true">
            <ValueAxis
              ticks={ticks}
              y={y}
              from={left}
              to={width - right}
              show={(value) => show.axisCost(value, step)}
            />
            {[1, 8, 15, 22, days].map((day) => (
              <text
                key={day}
                class="tick"
                x={x(day)}
                y={height - 5}
                text-anchor={day === days ? 'end' : 'middle'}
              >
                {day}
              </text>
            ))}
          </g>
          <path class="monthLine before" d={draw(previous.sums) ?? ''} />
          <path class="monthArea" d={fillBelow(current.sums) ?? ''} />
          <path class="monthLine now" d={draw(current.sums) ?? ''} />
          {projected !== null && last < current.days && (
            <path
              class="monthLine ahead"
              d={`M${x(last)} ${y((current.sums.at(-1) ?? 0) / unit)}L${x(current.days)} ${y(projected / unit)}`}
            />
          )}
          <circle class="monthDot" cx={x(read)} cy={y(sum / unit)} r="3.5" />
        </svg>
      </div>
    </>
  );
}

function MonthTable({ pace: { current, previous, projectedNanoDollars } }: { readonly pace: MonthPace }) {
  const { strings, show } = useWords();
  return (
    <div class="wide" tabindex={0} role="group" aria-label={strings.monthTitle}>
      <table>
        <thead>
          <tr>
            <th scope="col">{strings.day}</th>
            <th scope="col" class="number">
              {show.month(current.month)}
            </th>
            <th scope="col" class="number">
              {show.month(previous.month)}
            </th>
          </tr>
        </thead>
        <tbody>
          {projectedNanoDollars !== null && (
            <tr>
              <th scope="row">{strings.projected}</th>
              <td class="number">{show.cost(projectedNanoDollars)}</td>
              <td class="number">{show.cost(previous.sums.at(-1) ?? 0)}</td>
            </tr>
          )}
          {current.sums
            .map((sum, index) => (
              <tr key={index}>
                <th scope="row">{show.count(index + 1)}</th>
                <td class="number">{show.cost(sum)}</td>
                <td class="number">
                  {previous.sums[index] === undefined ? '' : show.cost(previous.sums[index])}
                </td>
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}
