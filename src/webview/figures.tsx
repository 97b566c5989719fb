import type { ComponentChildren } from 'preact';
import {
  formatCompact,
  formatCost,
  formatCount,
  formatDay,
  formatLongDay,
  formatShare,
} from '../model/format';
import { type Measures, totalTokens } from '../model/measures';
import type { PeriodMeasures, Snapshot } from '../model/snapshot';
import type { RangeName } from './ranges';
import { fill, useWords } from './words';

interface FiguresProps {
  readonly range: RangeName;
  readonly snapshot: Snapshot;
}

/** The four figures that answer most questions. */
export function Figures({ range, snapshot }: FiguresProps) {
  const { strings, locale } = useWords();
  const period = snapshot.periods[range];
  const { total } = period;
  const share = cacheShare(total);
  return (
    <section class="figures" aria-label={strings[range]}>
      <Figure
        label={`${strings.cost} · ${spanOf(period, locale)}`}
        main
        value={
          <>
            {costOf(total, locale)}
            {total.unpricedMessages > 0 && (
              <span class="unsure" title={unpricedText(total, strings, locale)}>
                {' +?'}
              </span>
            )}
          </>
        }
        detail={costDetail(range, snapshot, strings, locale)}
      />
      <Figure
        label={strings.tokens}
        value={
          <span title={formatCount(totalTokens(total), locale)}>
            {formatCompact(totalTokens(total), locale)}
          </span>
        }
        detail={fill(strings.outputTokens, formatCompact(total.outputTokens, locale))}
      />
      <Figure
        label={strings.messages}
        value={formatCount(total.messages, locale)}
        detail={perMessage(total, strings.perMessage, locale)}
      />
      <Figure
        label={strings.cacheReads}
        value={share === null ? '–' : formatShare(share, locale)}
        detail={
          total.cacheReadSavedNanoDollars > 0
            ? fill(strings.saved, formatCost(total.cacheReadSavedNanoDollars, locale))
            : strings.ofPrompt
        }
      />
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly detail: string;
  readonly main?: boolean;
}

function Figure({ label, value, detail, main = false }: FigureProps) {
  return (
    <div class={main ? 'figure main' : 'figure'}>
      <div class="label">{label}</div>
      <div class="value">{value}</div>
      <div class="detail">{detail || '\u00a0'}</div>
    </div>
  );
}

type Strings = ReturnType<typeof useWords>['strings'];

function costOf(total: Measures, locale: string): string {
  return total.unpricedMessages > 0 && total.unpricedMessages === total.messages
    ? '–'
    : formatCost(total.costNanoDollars, locale);
}

export function unpricedText(total: Measures, strings: Strings, locale: string): string {
  return total.unpricedMessages === 1
    ? strings.unpricedOne
    : fill(strings.unpricedMany, formatCount(total.unpricedMessages, locale));
}

function spanOf({ from, to }: PeriodMeasures, locale: string): string {
  return from === to ? formatLongDay(to, locale) : `${formatDay(from, locale)} – ${formatDay(to, locale)}`;
}

function costDetail(range: RangeName, snapshot: Snapshot, strings: Strings, locale: string): string {
  if (range === 'today')
    return fill(strings.yesterday, formatCost(snapshot.periods.yesterday.total.costNanoDollars, locale));
  const period = snapshot.periods[range];
  const days = snapshot.days.filter(
    ({ day, total }) => day >= period.from && day <= period.to && total.messages > 0,
  ).length;
  // The snapshot knows 30 days; a mean over more would need more.
  if (days === 0 || period.from < (snapshot.days[0]?.day ?? '')) return '';
  return fill(strings.perDay, formatCost(period.total.costNanoDollars / days, locale));
}

function perMessage(total: Measures, text: string, locale: string): string {
  const priced = total.messages - total.unpricedMessages;
  return priced === 0 ? '' : fill(text, formatCost(total.costNanoDollars / priced, locale));
}

/** Share of what models read that came from the cache; null if they read nothing. */
export function cacheShare(total: Measures): number | null {
  const read =
    total.inputTokens + total.cacheReadTokens + total.cacheWrite5mTokens + total.cacheWrite1hTokens;
  return read === 0 ? null : total.cacheReadTokens / read;
}
