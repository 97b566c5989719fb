import { Disposable } from 'vscode';
import {
  apiVersion,
  type RecordedUsage,
  type UsageEntry,
  type UsageLedgerApi,
  type UsageMessage,
  type UsageSummary,
} from '../api';
import type { UsageFilter } from '../model/query';
import type { PricedRecord } from '../model/usageRecord';
import type { EngineClient } from './engineClient';
import { readMessages } from './messageSource';
import type { Recorder } from './recorder';
import type { SnapshotStore } from './snapshotStore';
import { checkDays, lastDays, summaryOf, summaryQuery, summaryWithoutEngine } from './summary';
import { filterOf, usageMessage } from './usageQuery';

export interface ApiParts {
  readonly store: SnapshotStore;
  readonly client: EngineClient;
  readonly recorder: Recorder;
  readonly timeZone: () => string;
}

/** What `activate` returns to other extensions: see src/api.ts. */
export function createApi(parts: ApiParts): UsageLedgerApi {
  const { store, client, recorder, timeZone } = parts;
  const getSummary = async (days: number): Promise<UsageSummary> => {
    checkDays(days);
    const { durable } = await recorder.flush({ save: false });
    const range = { ...lastDays(days, timeZone(), Date.now()), timeZone: timeZone() };
    if (durable === 'journal') return summaryWithoutEngine(store.snapshot, recorder.pending(), range);
    return summaryOf(await client.call('breakdown', summaryQuery(range)), range);
  };
  return {
    apiVersion,
    record: (entry) => recordedUsage(recorder.record(entry), entry),
    flush: () => recorder.flush({ save: true }),
    getSummary,
    getToday: () => getSummary(1),
    streamUsage: (query) => streamUsage(parts, filterOf(query)),
    getPatterns: async (query) => {
      const filter = filterOf(query);
      await recorder.flush({ save: false });
      return client.call('patterns', filter);
    },
    getSnapshot: () => store.snapshot ?? undefined,
    getWriterStats: () => recorder.stats(),
    onDidChange: (listener, thisArgument, disposables) => {
      const stop = store.onChange((change) => {
        if (change === 'snapshot' && store.snapshot !== null) listener.call(thisArgument, store.snapshot);
      });
      const disposable = new Disposable(stop);
      disposables?.push(disposable);
      return disposable;
    },
  };
}

async function* streamUsage(
  { client, recorder }: ApiParts,
  filter: UsageFilter,
): AsyncGenerator<readonly UsageMessage[], void, undefined> {
  await recorder.flush({ save: false });
  for await (const rows of readMessages(client, filter)) yield rows.map(usageMessage);
}

function recordedUsage(record: PricedRecord, entry: UsageEntry): RecordedUsage {
  const { tokens, price } = record;
  const cacheCreationInputTokens = tokens.cacheWrite5m + tokens.cacheWrite1h;
  return {
    id: record.key.slice(record.key.indexOf(':') + 1),
    time: record.epochMs,
    model: record.model,
    providerName: record.provider,
    project: record.project,
    branch: record.branch,
    user: record.user,
    source: record.source,
    conversationId: record.origin.session,
    inputTokens: tokens.input + tokens.cacheRead + cacheCreationInputTokens,
    outputTokens: tokens.output,
    cacheReadInputTokens: tokens.cacheRead,
    cacheCreationInputTokens,
    costNanoDollars: price.cost,
    costAssumed: price.assumed,
    metadata: { ...entry.metadata },
  };
}
