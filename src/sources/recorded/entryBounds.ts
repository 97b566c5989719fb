/** What an entry may hold at most; docs/api.md says the same. */
export const maxModelCharacters = 200;
export const maxTextCharacters = 1_000;
export const maxTokens = 1e12;
export const maxWebSearches = 1e6;
export const maxCostUsd = 1e6;
export const maxMetadataFields = 32;
export const maxMetadataCharacters = 4_000;
export const earliestEpochMs = Date.UTC(2000, 0, 1);
export const latestAheadMs = 86_400_000;
