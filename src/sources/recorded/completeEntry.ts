import { nanoDollars } from '../../model/cost';
import type { EntryContext } from '../../model/entryContext';
import type { Price, PricedRecord, UsageRecord } from '../../model/usageRecord';
import type { UsageEntry } from '../../api';
import { guessProvider } from '../providerOfModel';

/** The key of a recorded call: its caller's id, kept apart from the ids of other sources. */
export function keyOfId(id: string): string {
  return `api:${id}`;
}

/** Makes a checked entry a record. Its tokens no longer overlap: input is what neither came from nor went to a cache. */
export function completeEntry(entry: UsageEntry, context: EntryContext): UsageRecord {
  const { cacheReadInputTokens = 0, cacheCreationInputTokens = 0, cacheCreation1hInputTokens = 0 } = entry;
  return {
    key: keyOfId(entry.id ?? context.newId()),
    requestId: '',
    sidechain: false,
    epochMs: entry.time === undefined ? context.clock() : Math.floor(Number(entry.time)),
    tokens: {
      // Adding 0 makes −0 a 0.
      input: entry.inputTokens - cacheReadInputTokens - cacheCreationInputTokens + 0,
      output: entry.outputTokens + 0,
      cacheRead: cacheReadInputTokens + 0,
      cacheWrite5m: cacheCreationInputTokens - cacheCreation1hInputTokens + 0,
      cacheWrite1h: cacheCreation1hInputTokens + 0,
      webSearches: (entry.webSearchRequests ?? 0) + 0,
    },
    model: entry.model,
    provider: entry.providerName ?? guessProvider(entry.model),
    project: entry.project ?? context.project,
    branch: entry.branch ?? context.branch,
    source: entry.source ?? context.source,
    user: entry.user ?? context.user,
    host: context.host,
    // Listed as a model of its own, so the name alone may tell.
    fast: entry.fast ?? /claude.*-fast$/i.test(entry.model),
    usOnly: entry.usOnly ?? false,
    reportedCost: entry.costUsd === undefined ? null : nanoDollars(entry.costUsd),
    unfinished: false,
    contentCharacters: 0,
    origin: {
      path: context.windowId,
      beganEpochMs: context.windowBeganEpochMs,
      session: entry.conversationId ?? context.windowId,
    },
  };
}

/** The record with its price. Field by field: a spread of so many takes twenty times as long, and `record()` waits for it. */
export function withPrice(record: UsageRecord, price: Price): PricedRecord {
  const priced: PricedRecord = {
    key: record.key,
    requestId: record.requestId,
    sidechain: record.sidechain,
    epochMs: record.epochMs,
    tokens: record.tokens,
    model: record.model,
    provider: record.provider,
    project: record.project,
    branch: record.branch,
    source: record.source,
    user: record.user,
    host: record.host,
    fast: record.fast,
    usOnly: record.usOnly,
    reportedCost: record.reportedCost,
    unfinished: record.unfinished,
    contentCharacters: record.contentCharacters,
    origin: record.origin,
    price,
  };
  return record.requests === undefined ? priced : { ...priced, requests: record.requests };
}
