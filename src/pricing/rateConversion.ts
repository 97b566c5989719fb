import type { NanoDollars } from '../model/cost';
import { nanoDollars } from '../model/cost';
import type { Rates } from '../model/rates';
import type { UsdRates } from './supplement';

/** US dollars per million tokens where only some classes have a price. */
export interface PartialUsdRates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite5m?: number | undefined;
  readonly cacheWrite1h?: number | undefined;
}

export const noRates: Rates = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

export function fromUsd(rates: UsdRates): Rates {
  return {
    input: nanoDollars(rates.input),
    output: nanoDollars(rates.output),
    cacheRead: nanoDollars(rates.cacheRead),
    cacheWrite5m: nanoDollars(rates.cacheWrite5m),
    cacheWrite1h: nanoDollars(rates.cacheWrite1h),
  };
}

/** Anthropic documents its cache prices as multiples of the input price: 0.1, 1.25 and 2. */
export function withAnthropicRatios(rates: PartialUsdRates): Rates {
  return fromUsd({
    input: rates.input,
    output: rates.output,
    cacheRead: rates.cacheRead ?? rates.input * 0.1,
    cacheWrite5m: rates.cacheWrite5m ?? rates.input * 1.25,
    cacheWrite1h: rates.cacheWrite1h ?? rates.input * 2,
  });
}

/** Who prices no cache charges cached tokens as input; who prices one kind of cache write has no other. */
export function withInputAsFallback(rates: PartialUsdRates): Rates {
  const cacheWrite5m = rates.cacheWrite5m ?? rates.input;
  return fromUsd({
    input: rates.input,
    output: rates.output,
    cacheRead: rates.cacheRead ?? rates.input,
    cacheWrite5m,
    cacheWrite1h: rates.cacheWrite1h ?? cacheWrite5m,
  });
}

/** Nano-dollars per search. */
export function searchPrice(usdPerThousand: number): NanoDollars {
  return nanoDollars(usdPerThousand / 1000);
}
