import { formatAge, formatMeasuredCost, formatShare } from '../model/format';
import { ageMs, moodOf, shareDone } from '../protocol/viewMood';
import type { PanelView } from '../protocol/panelApi';
import type { L10n } from './l10n';

export interface TickerText {
  /** One icon and at most about twenty characters. */
  readonly text: string;
  /** The same for ears: no icons, no abbreviations. */
  readonly spoken: string;
}

/** What the status bar says, from nothing but the view. */
export function tickerText(view: PanelView, locale: string, l10n: L10n): TickerText {
  const today = view.snapshot?.periods.today.total;
  const cost = today === undefined ? '–' : formatMeasuredCost(today, locale, true);
  const spokenCost =
    today === undefined
      ? l10n.t('Usage Ledger: no figures yet')
      : today.unpricedMessages > 0
        ? l10n.t(
            'Usage Ledger: {0} today, and {1} messages without a price',
            formatMeasuredCost({ ...today, unpricedMessages: 0 }, locale),
            today.unpricedMessages,
          )
        : l10n.t('Usage Ledger: {0} today', cost);
  switch (moodOf(view)) {
    case 'waiting':
      return { text: '$(pulse) –', spoken: spokenCost };
    case 'empty':
      return { text: `$(pulse) ${cost}`, spoken: l10n.t('Usage Ledger: no usage found') };
    case 'firstScan': {
      if (view.progress === null) return { text: `$(sync~spin) ${cost}`, spoken: spokenCost };
      const share = formatShare(shareDone(view.progress), locale);
      return {
        text: `$(sync~spin) ${share}`,
        spoken: l10n.t('Usage Ledger: {0} of the first scan done', share),
      };
    }
    case 'stale': {
      const age = formatAge(ageMs(view));
      return {
        text: `$(history) ${cost} · ${age}`,
        spoken: l10n.t('{0} (figures are {1} old)', spokenCost, age),
      };
    }
    case 'failing':
      return {
        text: `$(warning) ${cost}`,
        spoken: l10n.t('{0} (updating fails)', spokenCost),
      };
    case 'ready':
      return { text: `$(pulse) ${cost}`, spoken: spokenCost };
  }
}
