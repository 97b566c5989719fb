/** What one model call consumed. All are non-negative integers; the classes do not overlap. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Cache writes kept for 5 minutes. */
  readonly cacheWrite5m: number;
  /** Cache writes kept for 1 hour. */
  readonly cacheWrite1h: number;
  /** Web searches: requests, not tokens. */
  readonly webSearches: number;
}

export const noTokens: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  webSearches: 0,
};

/** All tokens of a call: what decides which of two copies of a message is the fuller one. */
export function tokenSum(tokens: TokenCounts): number {
  return tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
}

/** What the model had to read: decides long-context prices. */
export function promptTokens(tokens: TokenCounts): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
}
