import type { ComponentChildren } from 'preact';
import { type Measures, totalTokens } from '../../model/measures';
import { changeOf } from '../comparison';
import { dayCount } from '../days';
import { Cost } from '../parts/nameCell';
import { fill, useWords } from '../words';
import type { NamedTotals, PreviousTotal } from './useTotals';

interface FiguresProps {
  readonly totals: NamedTotals;
  readonly previous: PreviousTotal | null;
  /** The range is today, which is compared with yesterday up to the same time. */
  readonly today: boolean;
}

/** The four figures that answer most questions, each beside what it was the time before. */
export function Figures({ totals: { total, span }, previous, today }: FiguresProps) {
  const { strings, show } = useWords();
  const share = cacheShare(total);
  const before = previous?.total ?? null;
  const priced = total.messages - total.unpricedMessages;
  const days = dayCount(span.from, span.to);
  const beforeSpan = previous === null ? '' : today ? strings.yesterdayByNow : show.span(previous.span);
  const change = (
    now: number,
    then: number | undefined,
    text: (value: number) => string,
  ): ComponentChildren =>
    then === undefined ? null : (
      <Change now={now} before={then} beforeText={text(then)} beforeSpan={beforeSpan} />
    );
  return (
    <section class="figures" aria-label={strings.overview}>
      <Figure
        label={`${strings.cost} · ${show.span(span)}`}
        main
        value={<Cost total={total} />}
        change={change(total.costNanoDollars, before?.costNanoDollars, (value) => show.cost(value))}
        detail={days > 1 && priced > 0 ? fill(strings.perDay, show.cost(total.costNanoDollars / days)) : ''}
      />
      <Figure
        label={strings.tokens}
        value={<span title={show.count(totalTokens(total))}>{show.compact(totalTokens(total))}</span>}
        change={change(totalTokens(total), before === null ? undefined : totalTokens(before), (value) =>
          show.compact(value),
        )}
        detail={fill(strings.outputTokens, show.compact(total.outputTokens))}
      />
      <Figure
        label={strings.messages}
        value={show.count(total.messages)}
        change={change(total.messages, before?.messages, (value) => show.count(value))}
        detail={priced === 0 ? '' : fill(strings.perMessage, show.cost(total.costNanoDollars / priced))}
      />
      <Figure
        label={strings.cacheReads}
        value={share === null ? '–' : show.share(share)}
        change={null}
        detail={
          total.cacheReadSavedNanoDollars + total.cacheWriteExtraNanoDollars > 0
            ? fill(
                strings.cacheSavings,
                show.cost(total.cacheReadSavedNanoDollars),
                show.cost(total.cacheWriteExtraNanoDollars),
              )
            : strings.ofPrompt
        }
      />
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly change: ComponentChildren;
  readonly detail: string;
  readonly main?: boolean;
}

function Figure({ label, value, change, detail, main = false }: FigureProps) {
  return (
    <div class={main ? 'figure main' : 'figure'}>
      <div class="label">{label}</div>
      <div class="valueLine">
        <span class="value">{value}</span>
        {change}
      </div>
      <div class="detail">{detail || '\u00a0'}</div>
    </div>
  );
}

interface ChangeProps {
  readonly now: number;
  readonly before: number;
  readonly beforeText: string;
  readonly beforeSpan: string;
}

/** An arrow, a share, and in full what it is compared with. */
function Change({ now, before, beforeText, beforeSpan }: ChangeProps) {
  const { strings, show } = useWords();
  const change = changeOf(now, before);
  if (change === null) return null;
  const size = change > 9.99 ? `×${show.count(Math.round(change + 1))}` : show.share(Math.abs(change));
  const hint = fill(strings.comparedWith, beforeText, beforeSpan);
  const [mark, spoken] =
    Math.abs(change) < 0.005
      ? (['=', strings.unchanged] as const)
      : change > 0
        ? (['↑', fill(strings.moreBy, size)] as const)
        : (['↓', fill(strings.lessBy, size)] as const);
  return (
    <span class="change" title={hint}>
      <span aria-hidden="true">{mark === '=' ? mark : `${mark} ${size}`}</span>
      <span class="unseen">
        {spoken}. {hint}
      </span>
    </span>
  );
}

/** Share of what models read that came from the cache; null if they read nothing. */
function cacheShare(total: Measures): number | null {
  const read =
    total.inputTokens + total.cacheReadTokens + total.cacheWrite5mTokens + total.cacheWrite1hTokens;
  return read === 0 ? null : total.cacheReadTokens / read;
}
