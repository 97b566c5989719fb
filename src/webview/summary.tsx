import { useMemo, useRef } from 'preact/hooks';
import { folderLabels, plainName } from '../model/format';
import { totalTokens } from '../model/measures';
import type { DayMeasures, NamedMeasures, Snapshot } from '../model/snapshot';
import type { PanelStart } from '../protocol/panelApi';
import { moodOf } from '../protocol/viewMood';
import { Banner } from './frame/banner';
import { EmptyState } from './frame/emptyState';
import type { HostLink } from './hostLink';
import { Block, LimitBar } from './overview/nowSection';
import { Cost, nothingPriced } from './parts/nameCell';
import { Section } from './parts/section';
import { useWidth } from './parts/useWidth';
import { usePage } from './usePage';
import { fill, useWords, WordsContext } from './words';

interface SummaryProps {
  readonly link: HostLink;
  readonly start: PanelStart;
}

/** The page in the side bar: the essentials, one below the other. */
export function Summary({ link, start }: SummaryProps) {
  const { view, words } = usePage(link, start);
  const { strings, run } = words;
  const { snapshot, nowEpochMs } = view;
  const mood = moodOf(view);
  const blank = snapshot === null || (mood !== 'ready' && snapshot.periods.allTime.total.messages === 0);
  return (
    <WordsContext.Provider value={words}>
      <main class="page summary">
        <h1 class="unseen">{strings.title}</h1>
        <Banner view={view} mood={mood} />
        {blank ? (
          <EmptyState view={view} mood={mood} />
        ) : (
          <>
            <Periods snapshot={snapshot} />
            <Section title={strings.nowTitle}>
              <Block block={snapshot.block ?? null} nowEpochMs={nowEpochMs} />
              {(snapshot.limits ?? []).length > 0 && (
                <ul class="limits">
                  {(snapshot.limits ?? []).map((each) => (
                    <LimitBar key={each.limit.id} state={each} />
                  ))}
                </ul>
              )}
            </Section>
            <Top title={strings.models} names={snapshot.periods.last7Days.byModel} folders={false} />
            <Top title={strings.projects} names={snapshot.periods.last7Days.byProject} folders />
            <p>
              <button type="button" class="primary" onClick={() => run('showPanel')}>
                {strings.openPanel}
              </button>
            </p>
          </>
        )}
      </main>
    </WordsContext.Provider>
  );
}

function Periods({ snapshot }: { readonly snapshot: Snapshot }) {
  const { strings, show } = useWords();
  const { today, last7Days, month } = snapshot.periods;
  return (
    <section class="summaryHead" aria-label={strings.today}>
      <div class="label">{strings.today}</div>
      <div class="value">
        <Cost total={today.total} />
      </div>
      <div class="detail">
        {show.words(strings.tokensOf, show.counted(totalTokens(today.total)))}
        {' · '}
        {show.words(strings.messagesOf, today.total.messages)}
      </div>
      <Fortnight days={snapshot.days.slice(-14)} />
      <dl class="facts">
        <div>
          <dt>{strings.last7Days}</dt>
          <dd>
            <Cost total={last7Days.total} />
          </dd>
        </div>
        <div>
          <dt>{strings.month}</dt>
          <dd>
            <Cost total={month.total} />
          </dd>
        </div>
      </dl>
    </section>
  );
}

const height = 48;

/** Two weeks at a glance; the list behind the bars says the same in words. */
function Fortnight({ days }: { readonly days: readonly DayMeasures[] }) {
  const { show } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const most = Math.max(1, ...days.map(({ total }) => total.costNanoDollars));
  const step = width / Math.max(1, days.length);
  return (
    <div class="fortnight" ref={frame}>
      <svg width={width} height={height} aria-hidden="true">
        {days.map(({ day, total }, index) => {
          const high = total.costNanoDollars === 0 ? 1 : Math.max(2, (total.costNanoDollars / most) * height);
          return (
            <g key={day}>
              <title>{`${show.longDay(day)}: ${show.measuredCost(total)}`}</title>
              <rect class="hit" x={index * step} width={step} height={height} />
              <rect
                class={index === days.length - 1 ? 'mark slot0' : 'mark slotPlain'}
                x={index * step + 1}
                y={height - high}
                width={Math.max(1, step - 2)}
                height={high}
                rx="1"
              />
            </g>
          );
        })}
      </svg>
      <ul class="unseen">
        {days.map(({ day, total }) => (
          <li key={day}>{`${show.longDay(day)}: ${show.measuredCost(total)}`}</li>
        ))}
      </ul>
    </div>
  );
}

interface TopProps {
  readonly title: string;
  readonly names: readonly NamedMeasures[];
  readonly folders: boolean;
}

const topCount = 4;

/** The dearest names of the last seven days. */
function Top({ title, names, folders }: TopProps) {
  const { strings } = useWords();
  const labels = useMemo(
    () => (folders ? folderLabels(names.map(({ name }) => name)) : null),
    [folders, names],
  );
  if (names.length === 0) return null;
  const most = Math.max(1, names[0]!.total.costNanoDollars);
  const empty = folders ? strings.noProject : strings.unknown;
  return (
    <Section title={fill(strings.nameAndValue, title, strings.last7Days)}>
      <ul class="top">
        {names.slice(0, topCount).map(({ name, total }) => (
          <li key={name}>
            <div class="meterLine">
              <bdi class="nameText" title={plainName(name, 400)}>
                {name === '' ? empty : plainName(labels?.get(name) ?? name, 80)}
              </bdi>
              <span class="meterEnd">
                <Cost total={total} />
              </span>
            </div>
            <svg class="meter" width="100%" height="3" aria-hidden="true">
              <rect class="track" width="100%" height="3" rx="1.5" />
              {!nothingPriced(total) && (
                <rect
                  class="meterFill"
                  width={`${(total.costNanoDollars / most) * 100}%`}
                  height="3"
                  rx="1.5"
                />
              )}
            </svg>
          </li>
        ))}
      </ul>
    </Section>
  );
}
