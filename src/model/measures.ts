import type { PricedRecord } from './usageRecord';

/** Everything that is summed. One list: SQL columns, sums, differences and exports all follow it. */
export const measureNames = [
  'messages',
  'unpricedMessages',
  'assumedMessages',
  'unfinishedMessages',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'webSearches',
  'costNanoDollars',
  'assumedCostNanoDollars',
  'missingOutputTokens',
  'missingCostNanoDollars',
  'cacheReadSavedNanoDollars',
  'cacheWriteExtraNanoDollars',
] as const;

export type MeasureName = (typeof measureNames)[number];

/** Sums over messages: integers; costs leave unpriced messages out, which `unpricedMessages` counts. */
export type Measures = Record<MeasureName, number>;

export function noMeasures(): Measures {
  return {
    messages: 0,
    unpricedMessages: 0,
    assumedMessages: 0,
    unfinishedMessages: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    webSearches: 0,
    costNanoDollars: 0,
    assumedCostNanoDollars: 0,
    missingOutputTokens: 0,
    missingCostNanoDollars: 0,
    cacheReadSavedNanoDollars: 0,
    cacheWriteExtraNanoDollars: 0,
  };
}

/**
 * Adds `part` to `sum` in place, `times` over (−1 takes it away). Name by name, not in a loop over names: every sum that
 * is shown is made of this, hundreds of thousands of times at a start, and so it is several times as fast.
 */
export function addMeasures(sum: Measures, part: Readonly<Measures>, times = 1): void {
  sum.messages += part.messages * times;
  sum.unpricedMessages += part.unpricedMessages * times;
  sum.assumedMessages += part.assumedMessages * times;
  sum.unfinishedMessages += part.unfinishedMessages * times;
  sum.inputTokens += part.inputTokens * times;
  sum.outputTokens += part.outputTokens * times;
  sum.cacheReadTokens += part.cacheReadTokens * times;
  sum.cacheWrite5mTokens += part.cacheWrite5mTokens * times;
  sum.cacheWrite1hTokens += part.cacheWrite1hTokens * times;
  sum.webSearches += part.webSearches * times;
  sum.costNanoDollars += part.costNanoDollars * times;
  sum.assumedCostNanoDollars += part.assumedCostNanoDollars * times;
  sum.missingOutputTokens += part.missingOutputTokens * times;
  sum.missingCostNanoDollars += part.missingCostNanoDollars * times;
  sum.cacheReadSavedNanoDollars += part.cacheReadSavedNanoDollars * times;
  sum.cacheWriteExtraNanoDollars += part.cacheWriteExtraNanoDollars * times;
}

/** Fills `into` from a list in the order of `measureNames`. */
export function readMeasures(from: ArrayLike<number>, offset: number, into: Measures): void {
  into.messages = from[offset]!;
  into.unpricedMessages = from[offset + 1]!;
  into.assumedMessages = from[offset + 2]!;
  into.unfinishedMessages = from[offset + 3]!;
  into.inputTokens = from[offset + 4]!;
  into.outputTokens = from[offset + 5]!;
  into.cacheReadTokens = from[offset + 6]!;
  into.cacheWrite5mTokens = from[offset + 7]!;
  into.cacheWrite1hTokens = from[offset + 8]!;
  into.webSearches = from[offset + 9]!;
  into.costNanoDollars = from[offset + 10]!;
  into.assumedCostNanoDollars = from[offset + 11]!;
  into.missingOutputTokens = from[offset + 12]!;
  into.missingCostNanoDollars = from[offset + 13]!;
  into.cacheReadSavedNanoDollars = from[offset + 14]!;
  into.cacheWriteExtraNanoDollars = from[offset + 15]!;
}

/** What one counted record adds to every sum it belongs to. */
export function measuresOf(
  record: Pick<PricedRecord, 'requests' | 'tokens' | 'price' | 'unfinished'>,
): Measures {
  const { requests = 1, tokens, price } = record;
  return {
    messages: requests,
    unpricedMessages: price.cost === null ? requests : 0,
    assumedMessages: price.cost !== null && price.assumed ? requests : 0,
    unfinishedMessages: record.unfinished ? requests : 0,
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cacheReadTokens: tokens.cacheRead,
    cacheWrite5mTokens: tokens.cacheWrite5m,
    cacheWrite1hTokens: tokens.cacheWrite1h,
    webSearches: tokens.webSearches,
    costNanoDollars: price.cost ?? 0,
    assumedCostNanoDollars: price.assumed ? (price.cost ?? 0) : 0,
    missingOutputTokens: price.missingOutputTokens,
    missingCostNanoDollars: price.missingCost,
    cacheReadSavedNanoDollars: price.cacheReadSaved,
    cacheWriteExtraNanoDollars: price.cacheWriteExtra,
  };
}

/** Every token of every class (web searches are not tokens). */
export function totalTokens(measures: Readonly<Measures>): number {
  return (
    measures.inputTokens +
    measures.outputTokens +
    measures.cacheReadTokens +
    measures.cacheWrite5mTokens +
    measures.cacheWrite1hTokens
  );
}
