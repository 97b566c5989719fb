import type { NanoDollars } from '../model/cost';
import type { CostMode, RateCard, Rates } from '../model/rates';
import type { TokenCounts } from '../model/tokens';
import { promptTokens } from '../model/tokens';
import type { Price, UsageRecord } from '../model/usageRecord';

/** What of a record its price depends on. */
export type Priceable = Pick<
  UsageRecord,
  'requests' | 'tokens' | 'fast' | 'usOnly' | 'reportedCost' | 'unfinished' | 'contentCharacters'
>;

/** To be raised when the same record comes to another price by the same card: messages of the past are then priced anew. */
export const pricingRules = 1;

/**
 * Characters of content to a token, for a lower bound of what an unfinished message did not record. High on purpose:
 * over real finished messages the median is 2.1 and 95% stay below 3.4; newer tokenizers make still more tokens.
 */
const charactersPerToken = 4;

/** Rates are per million tokens; multipliers count in thousandths, so that 1.1 is exact. */
const tokensPerRate = 1_000_000;
const thousandths = 1000;

/**
 * The price of one message. All amounts are integers, each rounded once, half up, from an exact sum over the token
 * classes. `card` null or without rates: the cost is unknown (null) unless the source reports one and `mode` takes it.
 */
export function priceRecord(record: Priceable, card: RateCard | null, mode: CostMode): Price {
  const { requests = 1, tokens } = record;
  const rates = card === null ? null : ratesFor(card, tokens, requests);
  const missingOutputTokens = record.unfinished
    ? Math.max(0, Math.floor(record.contentCharacters / charactersPerToken) - tokens.output)
    : 0;
  const reported = mode === 'calculate' ? null : record.reportedCost;
  if (card === null || rates === null) {
    return {
      cost: reported,
      assumed: false,
      missingOutputTokens,
      missingCost: 0,
      cacheReadSaved: 0,
      cacheWriteExtra: 0,
    };
  }
  const multiplier = multiplierOf(record, card);
  const computes = reported === null && mode !== 'reported';
  return {
    cost: computes ? computedCost(tokens, rates, card, multiplier) : reported,
    assumed: computes && isAssumed(record, card),
    missingOutputTokens,
    missingCost: missingOutputTokens === 0 ? 0 : amount([missingOutputTokens], [rates.output], multiplier),
    cacheReadSaved:
      tokens.cacheRead === 0 ? 0 : amount([tokens.cacheRead], [rates.input - rates.cacheRead], multiplier),
    cacheWriteExtra:
      tokens.cacheWrite5m + tokens.cacheWrite1h === 0
        ? 0
        : amount(
            [tokens.cacheWrite5m, tokens.cacheWrite1h],
            [rates.cacheWrite5m - rates.input, rates.cacheWrite1h - rates.input],
            multiplier,
          ),
  };
}

/**
 * The rates of the whole request: a prompt above a limit moves all of it, output included, to the premium. Of several
 * requests only the sum is known, so their average decides.
 */
function ratesFor(card: RateCard, tokens: TokenCounts, requests: number): Rates | null {
  if (card.longContext.length > 0) {
    const prompt = promptTokens(tokens) / requests;
    // Largest limit first, as the card promises.
    for (const tier of card.longContext) if (prompt > tier.abovePromptTokens) return tier.rates;
  }
  return card.base;
}

function computedCost(tokens: TokenCounts, rates: Rates, card: RateCard, multiplier: bigint): NanoDollars {
  const tokenCost = amount(
    [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h],
    [rates.input, rates.output, rates.cacheRead, rates.cacheWrite5m, rates.cacheWrite1h],
    multiplier,
  );
  // Searches are not tokens: no multiplier. Whole nano-dollars, so adding them leaves the one rounding alone.
  return tokens.webSearches === 0 ? tokenCost : tokenCost + tokens.webSearches * card.webSearch;
}

/**
 * Besides guessed rates: pinning to the United States is billed at a multiple that only secondary sources state, and
 * fast mode without a known multiple is billed at an unknown one (the base rate is then too low, never too high).
 */
function isAssumed(record: Priceable, card: RateCard): boolean {
  return (
    card.assumed || (record.usOnly && card.usMultiplier !== 1) || (record.fast && card.fastMultiplier === 1)
  );
}

const one = BigInt(thousandths * thousandths);

/** In millionths: the product of two numbers of thousandths. */
function multiplierOf(record: Priceable, card: RateCard): bigint {
  const fast = record.fast ? card.fastMultiplier : 1;
  const us = record.usOnly ? card.usMultiplier : 1;
  if (fast === 1 && us === 1) return one;
  return BigInt(Math.round(fast * thousandths)) * BigInt(Math.round(us * thousandths));
}

/**
 * Sum of tokens times rates, times the multiplier, in whole nano-dollars, half up (away from zero for a negative sum).
 * Doubles as long as they hold every intermediate exactly, which is nearly always; BigInt beyond.
 */
function amount(counts: readonly number[], rates: readonly NanoDollars[], multiplier: bigint): NanoDollars {
  if (multiplier === one) {
    let sum = 0;
    let size = 0;
    for (let index = 0; index < counts.length; index++) {
      const product = counts[index]! * rates[index]!;
      sum += product;
      size += Math.abs(product);
    }
    // Once `size` is a safe integer, so was every product and partial sum: rounding is monotonic.
    if (size <= Number.MAX_SAFE_INTEGER) {
      const rest = Math.abs(sum) % tokensPerRate;
      const whole = (Math.abs(sum) - rest) / tokensPerRate + (rest * 2 >= tokensPerRate ? 1 : 0);
      return sum < 0 ? 0 - whole : whole;
    }
  }
  let sum = 0n;
  for (let index = 0; index < counts.length; index++) sum += BigInt(counts[index]!) * BigInt(rates[index]!);
  sum *= multiplier;
  const divisor = BigInt(tokensPerRate) * one;
  const half = divisor / 2n;
  return Number(sum < 0n ? -((-sum + half) / divisor) : (sum + half) / divisor);
}
