import { LedgerError } from '../model/errors';
import type { Rates, UserPrice } from '../model/rates';
import type { CanonicalName } from './modelName';
import { canonicalModelName } from './modelName';
import { withAnthropicRatios } from './rateConversion';

/** Above this a rate no longer fits the exact integers; no model is within a factor of a thousand of it. */
const maximumUsdPerMillion = 1_000_000;
const classes = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;

/**
 * The prices that the user has set. The most exact name wins: the name as written, then the same model and date,
 * then the model without a date, which covers all its dates and wrappers. Of two wrappers of one model, the shorter
 * stands for the rest.
 */
export class UserPrices {
  readonly #written = new Map<string, Rates>();
  readonly #canonical = new Map<string, Rates>();

  /** @throws LedgerError `invalid`, naming model and field, for what is no price. */
  constructor(prices: readonly UserPrice[]) {
    prices.forEach(check);
    // The last one set wins below: longest first.
    for (const price of prices.toSorted((a, b) => b.model.length - a.model.length)) {
      const rates = withAnthropicRatios(price);
      this.#written.set(price.model.trim().toLowerCase(), rates);
      const { name, date } = canonicalModelName(price.model);
      this.#canonical.set(date === null ? name : `${name}@${date}`, rates);
    }
  }

  find(model: string, { name, date }: CanonicalName): Rates | null {
    return (
      this.#written.get(model.trim().toLowerCase()) ??
      (date === null ? undefined : this.#canonical.get(`${name}@${date}`)) ??
      this.#canonical.get(name) ??
      null
    );
  }
}

function check(price: UserPrice): void {
  if (price.model.trim() === '') throw new LedgerError('invalid', 'A price without a model');
  for (const name of classes) {
    const usd = price[name];
    if (usd === undefined && name !== 'input' && name !== 'output') continue;
    // Settings are edited by hand: the type is a hope.
    if (typeof usd !== 'number' || !(usd >= 0 && usd <= maximumUsdPerMillion)) {
      throw new LedgerError(
        'invalid',
        `The price of ${price.model} has no valid ${name}: a number of US dollars per million tokens is needed`,
      );
    }
  }
}
