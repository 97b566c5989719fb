import { useMemo, useRef, useState } from 'preact/hooks';
import type { UsageBlock } from '../../model/block';
import { totalTokens } from '../../model/measures';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import type { Drill } from '../drill';
import { isActivation, nextIndex } from '../parts/roving';
import { Outcome, Section, TableToggle } from '../parts/section';
import { useWidth } from '../parts/useWidth';
import { filterOf, type Selection } from '../selection';
import { useWords } from '../words';
import { type BlockDay, blockDays } from './blockRows';

interface BlocksProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly tableOpen: boolean;
  readonly onTableOpen: (open: boolean) => void;
  readonly onDrill: (drill: Drill) => void;
}

const daysAtFirst = 7;

/** The 5-hour windows of the range, a line for each day. */
export function Blocks({ selection, snapshot, tableOpen, onTableOpen, onDrill }: BlocksProps) {
  const { strings, show } = useWords();
  const [all, setAll] = useState(false);
  const filter = useMemo(() => filterOf(selection, snapshot), [selection, snapshot]);
  const answer = useAnswer('blocks', filter);
  const blocks = answer.known?.result;
  const days = useMemo(
    () => (blocks === undefined ? null : blockDays(blocks, (epochMs) => show.clockOf(epochMs))),
    [blocks, show],
  );
  const nameOf = ({ startEpochMs, endEpochMs }: UsageBlock): string =>
    `${show.dateTime(startEpochMs)} – ${show.time(endEpochMs)}`;
  const open = (block: UsageBlock): void =>
    onDrill({
      span: { from: show.clockOf(block.firstEpochMs).day, to: show.clockOf(block.lastEpochMs).day },
      only: {},
      within: { kind: 'time', fromEpochMs: block.startEpochMs, toEpochMs: block.endEpochMs },
      label: nameOf(block),
    });
  return (
    <Section
      title={strings.blocksTitle}
      class={answer.pending ? 'blocksSection pending' : 'blocksSection'}
      controls={
        <div class="controls">
          <TableToggle open={tableOpen} onOpen={onTableOpen} />
        </div>
      }
    >
      {days === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : days.length === 0 ? (
        <p class="outcome soft">{strings.noUsage}</p>
      ) : tableOpen ? (
        <BlockTable blocks={blocks ?? []} nameOf={nameOf} />
      ) : (
        <>
          <BlockChart days={all ? days : days.slice(0, daysAtFirst)} nameOf={nameOf} onOpen={open} />
          {days.length > daysAtFirst && (
            <button type="button" class="link more" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? strings.showLess : show.words(strings.showAllDays, days.length)}
            </button>
          )}
        </>
      )}
    </Section>
  );
}

const left = 60;
const rowHeight = 30;
const bottom = 20;

interface BlockChartProps {
  readonly days: readonly BlockDay[];
  readonly nameOf: (block: UsageBlock) => string;
  readonly onOpen: (block: UsageBlock) => void;
}

function BlockChart({ days, nameOf, onOpen }: BlockChartProps) {
  const { strings, show } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [reached, setReached] = useState<number | null>(null);
  const [active, setActive] = useState<UsageBlock | null>(null);
  const hour = (width - left) / 24;
  const height = days.length * rowHeight + bottom;
  // In time order, for the arrow keys; a block over midnight is one mark, on its first day.
  const blocks = days
    .flatMap(({ pieces }) => pieces.filter(({ first }) => first).map(({ block }) => block))
    .reverse();
  const most = Math.max(1, ...blocks.map(({ total }) => total.costNanoDollars));
  const focusable = blocks.find(({ startEpochMs }) => startEpochMs === reached) ?? blocks.at(-1);
  const onKey = (event: KeyboardEvent): void => {
    if (focusable === undefined) return;
    if (isActivation(event)) {
      event.preventDefault();
      onOpen(focusable);
      return;
    }
    const to = nextIndex(event.key, blocks.indexOf(focusable), blocks.length);
    if (to === null) return;
    event.preventDefault();
    setReached(blocks[to]!.startEpochMs);
    frame.current?.querySelector<SVGElement>(`[data-block="${blocks[to]!.startEpochMs}"]`)?.focus();
  };
  const every = hour < 14 ? 6 : 3;
  return (
    <>
      <p class="readOut">
        {active === null ? (
          <span class="soft">{strings.blocksHint}</span>
        ) : (
          <>
            <span class="soft">{nameOf(active)}</span> <strong>{show.measuredCost(active.total)}</strong>{' '}
            <span class="soft">{show.words(strings.tokensOf, show.counted(totalTokens(active.total)))}</span>
          </>
        )}
      </p>
      <div class="blocks" ref={frame}>
        <svg
          width={width}
          height={height}
          role="group"
          aria-label={`${strings.blocksTitle}. ${strings.chartHint}`}
          onKeyDown={onKey}
        >
          <g aria-hidden="true">
            {days.map(({ day }, index) => (
              <text key={day} class="tick" x={0} y={index * rowHeight + rowHeight / 2} dy="0.35em">
                {show.day(day)}
              </text>
            ))}
            {[0, 3, 6, 9, 12, 15, 18, 21, 24]
              .filter((at) => at % every === 0)
              .map((at) => (
                <g key={at}>
                  <line
                    class="grid"
                    x1={left + at * hour}
                    x2={left + at * hour}
                    y1={0}
                    y2={height - bottom}
                  />
                  {at < 24 && (
                    <text class="tick" x={left + at * hour + 3} y={height - 5}>
                      {show.hour(at)}
                    </text>
                  )}
                </g>
              ))}
          </g>
          {days.flatMap(({ day, pieces }, index) =>
            pieces.map(({ block, fromHour, toHour, used, first }) => {
              const y = index * rowHeight + 4;
              const share = block.total.costNanoDollars / most;
              return (
                <g
                  key={`${day}${block.startEpochMs}`}
                  class="blockMark"
                  {...(first
                    ? {
                        role: 'button',
                        tabindex: block === focusable ? 0 : -1,
                        'aria-label': `${nameOf(block)}: ${show.measuredCost(block.total)}, ${show.compact(totalTokens(block.total))}`,
                        'data-block': String(block.startEpochMs),
                        onFocus: () => {
                          setReached(block.startEpochMs);
                          setActive(block);
                        },
                        onBlur: () => setActive(null),
                      }
                    : { 'aria-hidden': true })}
                  onPointerEnter={() => setActive(block)}
                  onPointerLeave={() => setActive(null)}
                  onClick={() => onOpen(block)}
                >
                  <rect
                    class="blockFrame"
                    x={left + fromHour * hour + 0.5}
                    y={y}
                    width={Math.max(2, (toHour - fromHour) * hour - 2)}
                    height={rowHeight - 8}
                    rx="3"
                  />
                  {used !== null && (
                    <rect
                      class="blockUsed"
                      x={left + used.fromHour * hour + 0.5}
                      y={y + rowHeight - 13}
                      width={Math.max(3, (used.toHour - used.fromHour) * hour)}
                      height={4}
                      rx="2"
                      opacity={0.35 + 0.65 * share}
                    />
                  )}
                  {first && (toHour - fromHour) * hour > 52 && (
                    <text
                      class="blockText"
                      aria-hidden="true"
                      x={left + fromHour * hour + 6}
                      y={y + 8}
                      dy="0.35em"
                    >
                      {show.measuredCost(block.total)}
                    </text>
                  )}
                </g>
              );
            }),
          )}
        </svg>
      </div>
    </>
  );
}

function BlockTable({
  blocks,
  nameOf,
}: { readonly blocks: readonly UsageBlock[] } & Pick<BlockChartProps, 'nameOf'>) {
  const { strings, show } = useWords();
  return (
    <div class="wide" tabindex={0} role="group" aria-label={strings.blocksTitle}>
      <table>
        <thead>
          <tr>
            <th scope="col">{strings.blockTitle}</th>
            <th scope="col" class="number">
              {strings.messages}
            </th>
            <th scope="col" class="number">
              {strings.tokens}
            </th>
            <th scope="col" class="number">
              {strings.cost}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...blocks].reverse().map((block) => (
            <tr key={block.startEpochMs}>
              <th scope="row">{nameOf(block)}</th>
              <td class="number">{show.count(block.total.messages)}</td>
              <td class="number">{show.compact(totalTokens(block.total))}</td>
              <td class="number strong">{show.measuredCost(block.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
