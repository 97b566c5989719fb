import { Disposable } from 'vscode';
import {
  apiVersion,
  type RecordedUsage,
  type UsageEntry,
  type UsageLedgerApi,
  type UsageSummary,
} from '../api';
import type { PricedRecord } from '../model/usageRecord';
import type { EngineClient } from './engineClient';
import type { Recorder } from './recorder';
import type { SnapshotStore } from './snapshotStore';
import { checkDays, lastDays, summaryOf, summaryQuery, summaryWithoutEngine } from './summary';

export interface ApiParts {
  readonly store: SnapshotStore;
  readonly client: EngineClient;
  readonly recorder: Recorder;
  readonly timeZone: () => string;
}

/** What `activate` returns to other extensions: see src/api.ts. */
export function createApi({ store, client, recorder, timeZone }: ApiParts): UsageLedgerApi {
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
