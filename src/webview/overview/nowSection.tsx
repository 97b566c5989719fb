import { scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import { plainName } from '../../model/format';
import type { ActiveBlock } from '../../model/block';
import type { HistoryPoint } from '../../model/health';
import type { LimitState } from '../../model/limit';
import { totalTokens } from '../../model/measures';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { Cost } from '../parts/nameCell';
import { Section } from '../parts/section';
import { fill, useWords } from '../words';

interface NowSectionProps {
  readonly snapshot: Snapshot;
  readonly nowEpochMs: number;
}

/** What runs just now: the 5-hour block with its burn rate, and how the limits stand. */
export function NowSection({ snapshot, nowEpochMs }: NowSectionProps) {
  const { strings, run } = useWords();
  const limits = snapshot.limits ?? [];
  return (
    <Section title={strings.nowTitle} class="nowSection">
      <Block block={snapshot.block ?? null} nowEpochMs={nowEpochMs} />
      {limits.length > 0 && (
        <ul class="limits">
          {limits.map((each) => (
            <LimitBar key={each.limit.id} state={each} />
          ))}
        </ul>
      )}
      <p class="sectionFoot">
        <button type="button" class="link" onClick={() => run('setLimit')}>
          {limits.length === 0 ? strings.setLimit : strings.changeLimits}
        </button>
      </p>
    </Section>
  );
}

export function Block({
  block,
  nowEpochMs,
}: {
  readonly block: ActiveBlock | null;
  readonly nowEpochMs: number;
}) {
  const { strings, show } = useWords();
  if (block === null) return <p class="soft quietBlock">{strings.noBlock}</p>;
  const { startEpochMs, endEpochMs, total, burnRate, projected } = block;
  const share = Math.min(1, Math.max(0, (nowEpochMs - startEpochMs) / (endEpochMs - startEpochMs)));
  const left = fill(
    strings.blockEnds,
    show.time(endEpochMs),
    show.duration(Math.max(0, endEpochMs - nowEpochMs)),
  );
  return (
    <div class="block">
      <div class="blockHead">
        <span class="blockValue">
          <Cost total={total} />
        </span>
        <span class="soft">{show.words(strings.tokensOf, show.counted(totalTokens(total)))}</span>
        <Sparkline fromEpochMs={startEpochMs} toEpochMs={endEpochMs} />
      </div>
      <Meter label={strings.blockTitle} share={share} text={left} />
      <div class="meterLine soft">
        <span>{left}</span>
        {burnRate !== null && <span>{fill(strings.burnRate, show.cost(burnRate.costNanoDollars * 60))}</span>}
        {projected !== null && (
          <span>{fill(strings.blockProjected, show.cost(projected.costNanoDollars))}</span>
        )}
      </div>
    </div>
  );
}

/** How today's cost has grown during the block, as far as this machine's leader has seen it. */
function Sparkline({ fromEpochMs, toEpochMs }: { readonly fromEpochMs: number; readonly toEpochMs: number }) {
  const { known } = useAnswer('history', { fromEpochMs, toEpochMs });
  const points = known?.result ?? [];
  const seenMs = points.length < 4 ? 0 : points[0]!.epochMs - points.at(-1)!.epochMs;
  // A leader that has only just begun has no line to show, but a stroke.
  if (seenMs < (toEpochMs - fromEpochMs) / 10) return null;
  const oldestFirst = [...points].reverse();
  const low = oldestFirst[0]!.allTimeNanoDollars;
  const x = scaleLinear().domain([fromEpochMs, toEpochMs]).range([0, 96]);
  const y = scaleLinear()
    .domain([low, Math.max(low + 1, oldestFirst.at(-1)!.allTimeNanoDollars)])
    .range([19, 1]);
  const shape = area<HistoryPoint>(
    ({ epochMs }) => x(epochMs),
    20,
    ({ allTimeNanoDollars }) => y(allTimeNanoDollars),
  );
  return (
    <svg class="sparkline" width="96" height="20" aria-hidden="true">
      <path d={shape(oldestFirst) ?? ''} />
    </svg>
  );
}

interface MeterProps {
  readonly label: string;
  readonly share: number;
  readonly text: string;
  /** Where a warning comes, as a share. */
  readonly mark?: number | null;
  readonly reached?: 'soft' | 'hard' | null;
}

function Meter({ label, share, text, mark = null, reached = null }: MeterProps) {
  const x = `${Math.min(1, share) * 100}%`;
  return (
    <svg
      class={`meter ${reached ?? ''}`}
      width="100%"
      height="6"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, share) * 100)}
      aria-valuetext={text}
    >
      <rect class="track" width="100%" height="6" rx="3" />
      <rect class="meterFill" width={x} height="6" rx="3" />
      {mark !== null && <rect class="meterMark" x={`${mark * 100}%`} width="2" height="6" />}
    </svg>
  );
}

export function LimitBar({ state }: { readonly state: LimitState }) {
  const { strings, show } = useWords();
  const { limit, spentNanoDollars: spent, reached, muted } = state;
  const period = { day: strings.limitDay, week: strings.limitWeek, month: strings.limitMonth }[limit.period];
  const scope = limit.project ?? limit.user;
  const share = limit.hardNanoDollars > 0 ? spent / limit.hardNanoDollars : 1;
  const text = fill(strings.spentOf, show.cost(spent), show.cost(limit.hardNanoDollars));
  const word = reached === 'hard' ? strings.limitOver : reached === 'soft' ? strings.limitNear : '';
  return (
    <li class="limit">
      <div class="meterLine">
        <span>
          {period}
          {scope !== undefined && (
            <bdi class="soft" title={plainName(scope, 400)}>
              {' · '}
              {plainName(scope.split(/[\\/]/).at(-1) ?? scope, 40)}
            </bdi>
          )}
        </span>
        {word !== '' && <span class={reached === 'hard' ? 'tag bad' : 'tag warn'}>{word}</span>}
        {muted && <span class="tag">{strings.limitMuted}</span>}
        <span class="meterEnd">
          {text} <span class="soft">({show.share(share)})</span>
        </span>
      </div>
      <Meter
        label={scope === undefined ? period : `${period}, ${plainName(scope, 60)}`}
        share={share}
        text={text}
        mark={
          limit.softNanoDollars === null
            ? null
            : Math.min(1, limit.softNanoDollars / Math.max(1, limit.hardNanoDollars))
        }
        reached={reached}
      />
    </li>
  );
}
