import {
  civilDayOf,
  formatAge,
  formatCompact,
  formatCounted,
  formatMeasuredCost,
  formatShare,
  formatWholeCost,
} from '../model/format';
import type { LimitThreshold } from '../model/limit';
import { type Measures, totalTokens } from '../model/measures';
import { ageMs, moodOf, shareDone } from '../protocol/viewMood';
import type { PanelView } from '../protocol/panelApi';
import type { TemplatePiece, TickerMetric, TickerPart } from './displaySettings';
import type { L10n } from './l10n';

export interface TickerText {
  /** One icon and at most about twenty characters. */
  readonly text: string;
  /** The same for ears: no icons, no abbreviations. */
  readonly spoken: string;
}

/** Figures that the snapshot has not; null where there are none (yet). */
export type AskedFigures = Readonly<Record<'project' | 'branch' | 'session', Measures | null>>;

export const nothingAsked: AskedFigures = { project: null, branch: null, session: null };

export interface TickerInput {
  readonly view: PanelView;
  readonly asked: AskedFigures;
  readonly pieces: readonly TemplatePiece[];
  readonly locale: string;
  readonly l10n: L10n;
}

/** From here on cents go, and from there on the end. */
const comfortableCharacters = 20;
const mostCharacters = 26;

/** What the status bar says, from nothing but what is known. */
export function tickerText(input: TickerInput): TickerText {
  const { view, locale, l10n } = input;
  const text = shortened(input);
  const spoken = l10n.t('Usage Ledger: {0}', spokenFigures(input));
  switch (moodOf(view)) {
    case 'waiting':
      return { text: '$(pulse) –', spoken };
    case 'empty':
      return { text: `$(pulse) ${text}`, spoken: l10n.t('Usage Ledger: no usage found') };
    case 'firstScan': {
      if (view.progress === null) return { text: `$(sync~spin) ${text}`, spoken };
      const share = formatShare(shareDone(view.progress), locale);
      return {
        text: `$(sync~spin) ${share}`,
        spoken: l10n.t('Usage Ledger: {0} of the first scan done', share),
      };
    }
    case 'stale': {
      const age = formatAge(ageMs(view), locale);
      return {
        text: `$(history) ${text} · ${age}`,
        spoken: l10n.t('{0} (figures are {1} old)', spoken, age),
      };
    }
    case 'failing':
      return { text: `$(warning) ${text}`, spoken: l10n.t('{0} (updating fails)', spoken) };
    case 'ready':
      // Never colour alone.
      return reachedLimit(view) === null
        ? { text: `$(pulse) ${text}`, spoken }
        : { text: `$(bell) ${text}`, spoken: l10n.t('{0} (a spending limit is reached)', spoken) };
  }
}

/** The worst threshold that is reached in a period that still runs, of those that nobody has muted. */
export function reachedLimit({ snapshot, nowEpochMs }: PanelView): LimitThreshold | null {
  if (snapshot === null) return null;
  const today = civilDayOf(nowEpochMs, snapshot.timeZone);
  const reached = (snapshot.limits ?? [])
    .filter(({ muted, to }) => !muted && to >= today)
    .map((state) => state.reached);
  return reached.includes('hard') ? 'hard' : reached.includes('soft') ? 'soft' : null;
}

/** The running block, unless it has ended since the snapshot was taken. */
export function runningBlock({
  snapshot,
  nowEpochMs,
}: PanelView): NonNullable<NonNullable<PanelView['snapshot']>['block']> | null {
  const block = snapshot?.block ?? null;
  return block !== null && nowEpochMs < block.endEpochMs ? block : null;
}

function figureOf(part: TickerPart, { view, asked }: TickerInput): Measures | null {
  const { snapshot } = view;
  if (snapshot === null) return null;
  switch (part) {
    case 'today':
      return snapshot.periods.today.total;
    case 'month':
      return snapshot.periods.month.total;
    case 'block':
      return runningBlock(view)?.total ?? null;
    case 'project':
    case 'branch':
    case 'session':
      return asked[part];
  }
}

function shortened(input: TickerInput): string {
  const full = rendered(input, false);
  if (visibleLength(full) <= comfortableCharacters) return full;
  const short = rendered(input, true);
  if (visibleLength(short) <= mostCharacters) return short;
  // Half an icon would be worse than none.
  return `${Array.from(short.replace(icons, ''))
    .slice(0, mostCharacters - 1)
    .join('')
    .trimEnd()}…`;
}

const icons = /\$\([^)]*\)/g;

function visibleLength(text: string): number {
  return Array.from(text.replace(icons, 'i')).length;
}

function rendered(input: TickerInput, whole: boolean): string {
  return input.pieces
    .map((piece) =>
      typeof piece === 'string' ? piece : figureText(figureOf(piece.part, input), piece.metric, input, whole),
    )
    .join('')
    .trim();
}

function figureText(
  total: Measures | null,
  metric: TickerMetric,
  { view, locale }: TickerInput,
  whole: boolean,
): string {
  if (total === null) return '–';
  const cost = (): string =>
    whole && total.unpricedMessages === 0
      ? formatWholeCost(total.costNanoDollars, locale, view.money)
      : formatMeasuredCost(total, locale, true, view.money);
  const tokens = (): string => formatCompact(totalTokens(total), locale);
  switch (metric) {
    case 'cost':
      return cost();
    case 'tokens':
      return tokens();
    case 'both':
      return `${cost()} ${tokens()}`;
  }
}

function spokenFigures(input: TickerInput): string {
  const { view, l10n } = input;
  if (view.snapshot === null) return l10n.t('no figures yet');
  return input.pieces
    .flatMap((piece) => (typeof piece === 'string' ? [] : [spokenFigure(piece.part, piece.metric, input)]))
    .join(', ');
}

function spokenFigure(part: TickerPart, metric: TickerMetric, input: TickerInput): string {
  const { view, locale, l10n } = input;
  const total = figureOf(part, input);
  if (total === null) return ofPart(part, l10n.t('no figure'), l10n);
  const cost = formatMeasuredCost({ ...total, unpricedMessages: 0 }, locale, false, view.money);
  const tokens = formatCounted(l10n.t('{0} {0|token|tokens}'), locale, {
    count: totalTokens(total),
    text: formatCompact(totalTokens(total), locale),
  });
  const figure = metric === 'cost' ? cost : metric === 'tokens' ? tokens : `${cost}, ${tokens}`;
  const told = ofPart(part, figure, l10n);
  return total.unpricedMessages > 0 && metric !== 'tokens'
    ? formatCounted(
        l10n.t('{0}, and {1} {1|message|messages} without a price'),
        locale,
        told,
        total.unpricedMessages,
      )
    : told;
}

function ofPart(part: TickerPart, figure: string, l10n: L10n): string {
  switch (part) {
    case 'today':
      return l10n.t('{0} today', figure);
    case 'project':
      return l10n.t('{0} today in this project', figure);
    case 'branch':
      return l10n.t('{0} today on this branch', figure);
    case 'session':
      return l10n.t('{0} in this session', figure);
    case 'block':
      return l10n.t('{0} in this 5-hour block', figure);
    case 'month':
      return l10n.t('{0} this month', figure);
  }
}
