/**
 * The public API of Usage Ledger: what `activate()` returns. This file imports nothing, so that others can copy it as it
 * is. docs/api.md explains it with an example.
 *
 * Names and meanings of token fields follow OpenTelemetry's semantic conventions for generative AI; the attribute each
 * field stands for is named beside it.
 */

/** Grows when something is added; what is there stays as it is. */
export const apiVersion = 1;

/** One model call. Only the model and its tokens are required. */
export interface UsageEntry {
  /** `gen_ai.response.model`, or `gen_ai.request.model` where the response names none. 1 to 200 characters. */
  readonly model: string;
  /**
   * `gen_ai.usage.input_tokens`: ALL input, including what was read from and written to a cache. (Anthropic's own
   * `input_tokens` leaves those out: add them.) Whole numbers from 0 to 1e12, like all tokens.
   */
  readonly inputTokens: number;
  /** `gen_ai.usage.output_tokens`, reasoning included. */
  readonly outputTokens: number;
  /** `gen_ai.usage.cache_read.input_tokens`: the part of `inputTokens` that was served from a cache. */
  readonly cacheReadInputTokens?: number;
  /** `gen_ai.usage.cache_creation.input_tokens`: the part of `inputTokens` that was written to a cache. */
  readonly cacheCreationInputTokens?: number;
  /** The part of `cacheCreationInputTokens` that is kept for an hour instead of five minutes. */
  readonly cacheCreation1hInputTokens?: number;
  /** Web searches the provider made and bills for. */
  readonly webSearchRequests?: number;
  /** `gen_ai.provider.name`: who bills, such as `anthropic`. Default: told from the model's name where that is clear. */
  readonly providerName?: string;
  /** What the provider says the call cost, in US dollars. Default: computed from prices. */
  readonly costUsd?: number;
  /** When: epoch milliseconds or a Date, from the year 2000 to tomorrow. Default: now. */
  readonly time?: number | Date;
  /**
   * Best the provider's own id (`gen_ai.response.id`). The same id given twice counts once, also after a restart and from
   * another extension; so it must be unique in the world. Default: a new one.
   */
  readonly id?: string;
  /** `gen_ai.conversation.id`: groups calls into sessions. Default: one session a window. */
  readonly conversationId?: string;
  /** Absolute folder of the project. Default: the first workspace folder. */
  readonly project?: string;
  /** Default: the branch that is checked out, if VS Code knows it. */
  readonly branch?: string;
  /** Default: the name in the settings, or the system's. */
  readonly user?: string;
  /** Who records: best your extension's id. Default: `api`. */
  readonly source?: string;
  /** The provider's fast mode, billed at a multiple. */
  readonly fast?: boolean;
  /** Inference pinned to the United States, billed at a multiple by some models. */
  readonly usOnly?: boolean;
  /**
   * At most 32 plain values, 4,000 characters in all. Checked and handed back with the record; not stored in the ledger.
   * Never put prompts or answers here.
   */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
}

/** An entry as it was taken: complete and priced. */
export interface RecordedUsage {
  readonly id: string;
  readonly time: number;
  readonly model: string;
  readonly providerName: string;
  readonly project: string;
  readonly branch: string;
  readonly user: string;
  readonly source: string;
  readonly conversationId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreationInputTokens: number;
  /** Nano-dollars, an integer (USD 1 = 1,000,000,000). null: nobody knows the price, which is not zero. */
  readonly costNanoDollars: number | null;
  /** The price is a guess. */
  readonly costAssumed: boolean;
  readonly metadata: Readonly<Record<string, string | number | boolean | null>>;
}

/** Sums over calls. Costs are integers of nano-dollars and leave out the calls that `unpricedMessages` counts. */
export interface UsageTotals {
  readonly messages: number;
  readonly unpricedMessages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly webSearches: number;
  readonly costNanoDollars: number;
  /** The part of the cost whose price is a guess. */
  readonly assumedCostNanoDollars: number;
}

export interface NamedTotals {
  readonly name: string;
  readonly total: UsageTotals;
}

/** A run of civil days in the user's time zone, `2026-11-24` and such, both ends included. */
export interface UsageSummary {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly total: UsageTotals;
  /** Largest cost first. */
  readonly byModel: readonly NamedTotals[];
  readonly byProject: readonly NamedTotals[];
}

/** What ticker and panel show: one consistent set of figures. Sessions of Claude Code included. */
export interface UsageSnapshot {
  /** Grows with every snapshot. */
  readonly generation: number;
  readonly takenEpochMs: number;
  readonly timeZone: string;
  readonly periods: Readonly<
    Record<
      'today' | 'yesterday' | 'last7Days' | 'last30Days' | 'month' | 'allTime',
      Omit<UsageSummary, 'timeZone'>
    >
  >;
}

export interface FlushOutcome {
  /** `ledger`: counted and on disk. `journal`: on disk, and counted as soon as the background engine can be reached. */
  readonly durable: 'ledger' | 'journal';
  readonly records: number;
}

/** How the writer is doing, since it was made. All counts are of records unless they say otherwise. */
export interface WriterStats {
  /** How records are written now; `sync` also while the writer has fallen back to it by itself. */
  readonly mode: 'async' | 'sync';
  /** null: as configured; otherwise why the writer has fallen back. */
  readonly degraded: 'no-engine' | 'stalled' | null;
  readonly accepted: number;
  /** Accepted, not yet in a journal. */
  readonly queued: number;
  /** In a journal. */
  readonly journaled: number;
  /** Written on the extension host's thread, because the write in the background was late. */
  readonly overtaken: number;
  /** In the ledger, as the engine has confirmed. */
  readonly flushed: number;
  /** Appends to the journal, and the records of the largest. */
  readonly batches: number;
  readonly largestBatch: number;
  /** Flushes that had something to flush; those of them that the engine did not confirm; the largest in records. */
  readonly flushes: number;
  readonly flushesUnconfirmed: number;
  readonly largestFlush: number;
  readonly retries: number;
  /** Times that writing had to move on to the place named. */
  readonly fallbacks: { readonly backup: number; readonly emergency: number; readonly none: number };
  readonly place: 'primary' | 'backup' | 'emergency' | 'memory';
  /** Segments brought back from backup and emergency. */
  readonly broughtHome: number;
  /** Were summed up because more waited than memory may hold: totals stay exact, single messages are averaged. */
  readonly aggregated: number;
  /** Could not be written anywhere when the writer was shut down. Nothing else is ever dropped. */
  readonly dropped: number;
  readonly errors: { readonly transient: number; readonly persistent: number; readonly unexpected: number };
  readonly lastError: { readonly epochMs: number; readonly code: string; readonly message: string } | null;
  readonly lastFlushEpochMs: number | null;
}

/** Which usage. Days are civil days such as `2026-11-24` in the user's time zone, both ends included. */
export interface UsageQuery {
  readonly from?: string;
  readonly to?: string;
  /** Names to keep; all where a list is absent. */
  readonly models?: readonly string[];
  readonly providerNames?: readonly string[];
  readonly projects?: readonly string[];
  readonly branches?: readonly string[];
  readonly sources?: readonly string[];
  readonly users?: readonly string[];
  readonly hosts?: readonly string[];
}

/** One counted call. Tokens are named as in `UsageEntry`: `inputTokens` is ALL input. */
export interface UsageMessage {
  readonly id: string;
  readonly time: number;
  readonly model: string;
  readonly providerName: string;
  readonly project: string;
  readonly branch: string;
  readonly user: string;
  readonly host: string;
  readonly source: string;
  readonly conversationId: string;
  /** Calls that this row stands for: 1, but for old summaries that were imported and know no finer. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly cacheCreationInputTokens: number;
  readonly webSearchRequests: number;
  /** null: nobody knows the price, which is not zero. */
  readonly costNanoDollars: number | null;
  readonly costAssumed: boolean;
}

export interface UsageShare {
  readonly name: string;
  readonly messages: number;
  readonly tokens: number;
  readonly costNanoDollars: number;
  /** Of the cost, 0 to 1; of the tokens where nothing has a price. */
  readonly share: number;
}

export interface UsageShareOfTime {
  /** An hour of the day, 0 to 23, or an ISO weekday, 1 (Monday) to 7. */
  readonly at: number;
  readonly messages: number;
  readonly tokens: number;
  readonly costNanoDollars: number;
  readonly share: number;
}

/** A regularity in figures. Changes are ratios: 0.5 is half as much again; null where there was nothing before. */
export type UsageFinding =
  | { readonly kind: 'users'; readonly count: number; readonly users: readonly UsageShare[] }
  | { readonly kind: 'busiestHours'; readonly hours: readonly UsageShareOfTime[] }
  | { readonly kind: 'busiestWeekdays'; readonly weekdays: readonly UsageShareOfTime[] }
  | {
      /** The last days up to the end of the range, against as many before. */
      readonly kind: 'trend';
      readonly days: 7 | 30 | 90;
      readonly from: string;
      readonly costNanoDollars: number;
      readonly costBeforeNanoDollars: number;
      readonly tokens: number;
      readonly tokensBefore: number;
      readonly messages: number;
      readonly messagesBefore: number;
      readonly change: number | null;
    }
  | {
      /** `deviations`: robust standard deviations above the median of the days with usage. */
      readonly kind: 'unusualDay';
      readonly day: string;
      readonly costNanoDollars: number;
      readonly medianNanoDollars: number;
      readonly deviations: number;
      readonly topModel: string;
      readonly topProject: string;
    }
  | {
      /** Shares of the last 30 days and of the 30 before them. */
      readonly kind: 'modelShift';
      readonly model: string;
      readonly share: number;
      readonly shareBefore: number;
      readonly costNanoDollars: number;
    }
  | {
      /** Of the last 30 days against the 30 before them. */
      readonly kind: 'projectGrowth';
      readonly project: string;
      readonly costNanoDollars: number;
      readonly costBeforeNanoDollars: number;
      readonly change: number | null;
    }
  | {
      /** `readShare`: of all input, what was read from a cache. */
      readonly kind: 'cacheEfficiency';
      readonly readShare: number;
      readonly readsPerWrite: number | null;
      readonly savedNanoDollars: number;
      readonly writeExtraNanoDollars: number;
    };

export interface UsagePatterns {
  /** null: nothing was used. */
  readonly range: { readonly from: string; readonly to: string } | null;
  readonly timeZone: string;
  readonly activeDays: number;
  readonly total: UsageTotals;
  readonly findings: readonly UsageFinding[];
}

export interface Disposable {
  dispose(): void;
}

export interface UsageLedgerApi {
  readonly apiVersion: number;
  /**
   * Takes one call's usage. Returns at once; the record survives the death of the extension host 50 ms later at most.
   * @throws {TypeError | RangeError} whose message begins with the name of the wrong field. Nothing is kept then.
   */
  record(entry: UsageEntry): RecordedUsage;
  /**
   * Resolves when all that was recorded before is on disk.
   * @throws {Error} when no folder can be written; the records are then still kept in memory, and tried again.
   */
  flush(): Promise<FlushOutcome>;
  /** The last `days` civil days, today included (1 to 3,660), with all that was recorded before the call. */
  getSummary(days: number): Promise<UsageSummary>;
  /** Today, with all that was recorded before the call. */
  getToday(): Promise<UsageSummary>;
  /**
   * Every counted call that the query keeps, oldest first, in chunks of at most 1,000: memory stays the same however many
   * there are. The next chunk is read when it is asked for; leaving the loop early frees everything.
   * @throws {TypeError | RangeError} whose message begins with the name of the wrong field of the query.
   */
  streamUsage(query?: UsageQuery): AsyncGenerator<readonly UsageMessage[], void, undefined>;
  /** Regularities in the usage, as figures. Throws like `streamUsage`. */
  getPatterns(query?: UsageQuery): Promise<UsagePatterns>;
  /** The last known figures, without waiting; undefined before there are any. */
  getSnapshot(): UsageSnapshot | undefined;
  getWriterStats(): WriterStats;
  /** New figures are there. Shaped like a `vscode.Event`. */
  readonly onDidChange: (
    listener: (snapshot: UsageSnapshot) => unknown,
    thisArgument?: unknown,
    disposables?: Disposable[],
  ) => Disposable;
}
