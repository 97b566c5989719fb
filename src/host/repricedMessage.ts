import { formatCost, formatCounted, type MoneyFormat } from '../model/format';
import type { Repriced } from '../protocol/engineApi';
import type { L10n } from './l10n';

/** One line on what new prices have changed. */
export function repricedMessage(
  { messages, beforeNanoDollars, afterNanoDollars }: Repriced,
  l10n: L10n,
  locale: string,
  money: MoneyFormat,
): string {
  return formatCounted(
    l10n.t('Prices have changed: {0} {0|message costs|messages cost} {1} instead of {2}'),
    locale,
    messages,
    formatCost(afterNanoDollars, locale, money),
    formatCost(beforeNanoDollars, locale, money),
  );
}
