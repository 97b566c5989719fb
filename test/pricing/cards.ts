import type { RateCard, Rates, UserPrice } from '../../src/model/rates';
import type { TokenCounts } from '../../src/model/tokens';
import { noTokens } from '../../src/model/tokens';
import { priceRecord } from '../../src/pricing/price';
import { RateCards } from '../../src/pricing/rateCards';

export const now = Date.UTC(2026, 10, 24, 12);
export const on = (day: string) => Date.parse(`${day}T12:00:00Z`);

export function cards(...userPrices: UserPrice[]): RateCards {
  return new RateCards({ userPrices });
}

/** US dollars per million: input, output, cache read, 5-minute write, 1-hour write. */
export function usd(rates: Rates | null | undefined): number[] | null {
  if (rates === null || rates === undefined) return null;
  return [rates.input, rates.output, rates.cacheRead, rates.cacheWrite5m, rates.cacheWrite1h].map(
    (nanoDollars) => nanoDollars / 1e9,
  );
}

export function cost(card: RateCard, tokens: Partial<TokenCounts>, fast = false): number {
  const record = {
    tokens: { ...noTokens, ...tokens },
    fast,
    usOnly: false,
    reportedCost: null,
    unfinished: false,
    contentCharacters: 0,
  };
  return priceRecord(record, card, 'auto').cost!;
}
