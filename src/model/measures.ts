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

/** Adds `part` to `sum` in place, `times` over (−1 takes it away). */
export function addMeasures(sum: Measures, part: Readonly<Measures>, times = 1): void {
  for (const name of measureNames) sum[name] += part[name] * times;
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
