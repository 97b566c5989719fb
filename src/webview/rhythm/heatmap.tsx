import { useMemo, useRef, useState } from 'preact/hooks';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import type { Drill } from '../drill';
import { isActivation, nextIndex } from '../parts/roving';
import { Outcome, Section, TableToggle } from '../parts/section';
import { useWidth } from '../parts/useWidth';
import { filterOf, type Selection } from '../selection';
import type { Metric } from '../series';
import { fill, useWords } from '../words';
import { type WeekHour, weekHours } from './weekHours';

interface HeatmapProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly metric: Metric;
  readonly tableOpen: boolean;
  readonly onTableOpen: (open: boolean) => void;
  readonly onDrill: (drill: Drill) => void;
}

/** When in the week the work is done. */
export function Heatmap({ selection, snapshot, metric, tableOpen, onTableOpen, onDrill }: HeatmapProps) {
  const { strings, show } = useWords();
  const query = useMemo(
    () => ({ filter: filterOf(selection, snapshot), grain: 'weekdayHour' as const, by: [] }),
    [selection, snapshot],
  );
  const answer = useAnswer('breakdown', query);
  const rows = answer.known?.result;
  const hours = useMemo(() => (rows === undefined ? null : weekHours(rows, metric)), [rows, metric]);
  const text = ({ value, total }: WeekHour): string =>
    metric === 'tokens' ? show.compact(value) : total === null ? show.cost(0) : show.measuredCost(total);
  const nameOf = ({ weekday, hour }: WeekHour): string =>
    `${show.weekday(weekday, 'long')}, ${show.hours(hour)}`;
  return (
    <Section
      title={metric === 'cost' ? strings.heatmapCost : strings.heatmapTokens}
      class={answer.pending ? 'heatmapSection pending' : 'heatmapSection'}
      controls={
        <div class="controls">
          <TableToggle open={tableOpen} onOpen={onTableOpen} />
        </div>
      }
    >
      {hours === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : tableOpen ? (
        <WeekTable hours={hours} text={text} />
      ) : (
        <WeekGrid
          hours={hours}
          text={text}
          nameOf={nameOf}
          onOpen={(hour) =>
            onDrill({
              span: null,
              only: {},
              within: { kind: 'weekdayHour', weekdayHour: hour.bucket },
              label: nameOf(hour),
            })
          }
        />
      )}
    </Section>
  );
}

const left = 44;
const top = 4;
const bottom = 20;

interface WeekGridProps {
  readonly hours: readonly WeekHour[];
  readonly text: (hour: WeekHour) => string;
  readonly nameOf: (hour: WeekHour) => string;
  readonly onOpen: (hour: WeekHour) => void;
}

function WeekGrid({ hours, text, nameOf, onOpen }: WeekGridProps) {
  const { strings, show } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const busiest = hours.reduce((most, each) => (each.value > most.value ? each : most), hours[0]!);
  const [active, setActive] = useState<string | null>(null);
  const [reached, setReached] = useState<string | null>(null);
  const cell = (width - left) / 24;
  const high = Math.max(16, Math.min(30, cell));
  const height = top + 7 * high + bottom;
  const read = hours.find(({ bucket }) => bucket === active) ?? null;
  const focusable = reached ?? busiest.bucket;
  const onKey = (event: KeyboardEvent): void => {
    const at = hours.findIndex(({ bucket }) => bucket === focusable);
    if (isActivation(event)) {
      event.preventDefault();
      onOpen(hours[at]!);
      return;
    }
    const to = nextIndex(event.key, at, hours.length, 24);
    if (to === null) return;
    event.preventDefault();
    setReached(hours[to]!.bucket);
    frame.current?.querySelector<SVGElement>(`[data-bucket="${hours[to]!.bucket}"]`)?.focus();
  };
  const every = cell < 14 ? 6 : cell < 26 ? 3 : 2;
  return (
    <>
      <p class="readOut">
        {busiest.value === 0 ? (
          <span class="soft">{strings.noUsage}</span>
        ) : read === null ? (
          <span class="soft">{fill(strings.busiestHour, nameOf(busiest), text(busiest))}</span>
        ) : (
          <>
            <span class="soft">{nameOf(read)}</span> <strong>{text(read)}</strong>{' '}
            {read.total !== null && (
              <span class="soft">{show.words(strings.messagesOf, read.total.messages)}</span>
            )}
          </>
        )}
      </p>
      <div class="heatmap" ref={frame}>
        <svg
          width={width}
          height={height}
          role="group"
          aria-label={`${strings.heatmapCost}. ${strings.gridHint}`}
          onKeyDown={onKey}
          onPointerLeave={() => setActive(null)}
        >
          <g aria-hidden="true">
            {Array.from({ length: 7 }, (_, index) => (
              <text key={index} class="tick" x={0} y={top + index * high + high / 2} dy="0.35em">
                {show.weekday(index + 1, 'short')}
              </text>
            ))}
            {Array.from({ length: 24 }, (_, hour) => hour)
              .filter((hour) => hour % every === 0)
              .map((hour) => (
                <text key={hour} class="tick" x={left + hour * cell + 2} y={height - 5}>
                  {show.hour(hour)}
                </text>
              ))}
          </g>
          {hours.map((each) => (
            <g
              key={each.bucket}
              class={`weekHour level${each.level}${each.bucket === active ? ' active' : ''}`}
              role="button"
              tabindex={each.bucket === focusable ? 0 : -1}
              aria-label={`${nameOf(each)}: ${text(each)}`}
              data-bucket={each.bucket}
              onPointerEnter={() => setActive(each.bucket)}
              onFocus={() => {
                setActive(each.bucket);
                setReached(each.bucket);
              }}
              onBlur={() => setActive(null)}
              onClick={() => onOpen(each)}
            >
              <rect
                class="cell"
                x={left + each.hour * cell + 1}
                y={top + (each.weekday - 1) * high + 1}
                width={cell - 2}
                height={high - 2}
                rx="2"
              />
              <rect
                class="heat"
                x={left + each.hour * cell + 1}
                y={top + (each.weekday - 1) * high + 1}
                width={cell - 2}
                height={high - 2}
                rx="2"
              />
            </g>
          ))}
        </svg>
      </div>
    </>
  );
}

function WeekTable({ hours, text }: Pick<WeekGridProps, 'hours' | 'text'>) {
  const { strings, show } = useWords();
  return (
    <div class="wide" tabindex={0} role="group" aria-label={strings.heatmapCost}>
      <table>
        <thead>
          <tr>
            <th scope="col">{strings.hour}</th>
            {[1, 2, 3, 4, 5, 6, 7].map((weekday) => (
              <th key={weekday} scope="col" class="number">
                {show.weekday(weekday, 'short')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: 24 }, (_, hour) => (
            <tr key={hour}>
              <th scope="row">{show.hours(hour)}</th>
              {[0, 1, 2, 3, 4, 5, 6].map((day) => {
                const each = hours[day * 24 + hour]!;
                return (
                  <td key={day} class="number">
                    {each.total === null ? '' : text(each)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
