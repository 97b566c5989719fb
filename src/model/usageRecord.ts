import type { NanoDollars } from './cost';
import type { EpochMs } from './time';
import type { TokenCounts } from './tokens';

/** Names by which usage can be filtered and grouped; each is a dimension of the rollups. */
export interface Dimensions {
  /** The model's name as its source wrote it. */
  readonly model: string;
  /** Who bills: `anthropic`, `openai` … */
  readonly provider: string;
  /** Absolute working folder; an encoded folder name where a source knows no better; '' if unknown. */
  readonly project: string;
  readonly branch: string;
  /** Where the record came from: `claude-code`, or the extension that recorded it. */
  readonly source: string;
  readonly user: string;
  readonly host: string;
}

export const dimensionNames = ['model', 'provider', 'project', 'branch', 'source', 'user', 'host'] as const;
export type DimensionName = (typeof dimensionNames)[number];

/** Where a copy of a message was read. The copy with the smallest origin decides the message's session. */
export interface Origin {
  /** The transcript's absolute path, or the journal's name. */
  readonly path: string;
  /** First timestamp in the file, in file order. */
  readonly beganEpochMs: EpochMs;
  readonly session: string;
}

/**
 * One copy of one billed model call, as a source read it. Several copies of a call may arrive, in any order, any
 * number of times; the ledger counts the call once (see docs/counting.md).
 */
export interface UsageRecord extends Dimensions {
  /** `message.id`; for a call without one, something that is the same whenever the same bytes are read again. */
  readonly key: string;
  /** Tells apart two calls with one key; '' if unknown. */
  readonly requestId: string;
  /** A subagent's copy: gives way to a parent's copy with the same key and another request. */
  readonly sidechain: boolean;
  readonly epochMs: EpochMs;
  /** Calls that the record stands for, where a source knows no more than their sum; 1 if absent. */
  readonly requests?: number;
  readonly tokens: TokenCounts;
  /** Fast mode, billed at a multiple. */
  readonly fast: boolean;
  /** Inference pinned to the United States, billed at a multiple by some models. */
  readonly usOnly: boolean;
  /** What the source itself says the call cost; null if it says nothing. */
  readonly reportedCost: NanoDollars | null;
  /** No final usage was written: `output` is a placeholder. True only if every copy says so. */
  readonly unfinished: boolean;
  /** Characters of content seen for the call so far (the count alone is kept). */
  readonly contentCharacters: number;
  readonly origin: Origin;
}

/** What pricing says about one record. */
export interface Price {
  /** null: the price is unknown, which is not zero. */
  readonly cost: NanoDollars | null;
  /** The rate is a guess (a similar model, a third-party source): shown wherever the figure is shown. */
  readonly assumed: boolean;
  /** Lower bound of the output that an unfinished message did not record, and what it would cost. */
  readonly missingOutputTokens: number;
  readonly missingCost: NanoDollars;
  /** What cache reads would have cost more at the full input rate. */
  readonly cacheReadSaved: NanoDollars;
  /** What cache writes cost above the full input rate. */
  readonly cacheWriteExtra: NanoDollars;
}

export interface PricedRecord extends UsageRecord {
  readonly price: Price;
}

/** Claude Code's own running total for a session; the largest one seen is kept. */
export interface CostState {
  readonly session: string;
  readonly path: string;
  /** Last timestamp before the line (the line has none of its own). */
  readonly epochMs: EpochMs;
  readonly totalCost: NanoDollars;
  readonly models: readonly CostStateModel[];
}

export interface CostStateModel {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly webSearches: number;
  readonly cost: NanoDollars;
}
