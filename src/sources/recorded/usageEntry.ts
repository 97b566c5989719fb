/**
 * One model call, as another extension records it (the public twin is in src/api.ts; docs/api.md explains the fields).
 * Names follow OpenTelemetry's conventions for generative AI where those have one, and so do meanings:
 * `inputTokens` includes what was read from and written to a cache.
 */
export interface UsageEntry {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens?: number;
  readonly cacheCreationInputTokens?: number;
  /** The part of `cacheCreationInputTokens` that is kept for an hour. */
  readonly cacheCreation1hInputTokens?: number;
  readonly webSearchRequests?: number;
  readonly providerName?: string;
  /** US dollars, as the provider stated them. */
  readonly costUsd?: number;
  /** Epoch milliseconds or a Date. */
  readonly time?: number | Date;
  readonly id?: string;
  readonly conversationId?: string;
  readonly project?: string;
  readonly branch?: string;
  readonly user?: string;
  readonly source?: string;
  readonly fast?: boolean;
  readonly usOnly?: boolean;
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
}

export const maxModelCharacters = 200;
export const maxTextCharacters = 1_000;
export const maxTokens = 1e12;
export const maxWebSearches = 1e6;
export const maxCostUsd = 1e6;
export const maxMetadataFields = 32;
export const maxMetadataCharacters = 4_000;
export const earliestEpochMs = Date.UTC(2000, 0, 1);
export const latestAheadMs = 86_400_000;
