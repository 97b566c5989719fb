import type { NanoDollars } from './cost';
import type { EpochMs } from './time';

/**
 * How a cost that the source states itself is used: `auto` takes it where present and computes otherwise,
 * `calculate` ignores it, `reported` uses nothing else.
 */
export type CostMode = 'auto' | 'calculate' | 'reported';

/** Prices of one token class each, in nano-dollars per million tokens (USD 3 per million is 3,000,000,000). */
export interface Rates {
  readonly input: NanoDollars;
  readonly output: NanoDollars;
  readonly cacheRead: NanoDollars;
  readonly cacheWrite5m: NanoDollars;
  readonly cacheWrite1h: NanoDollars;
}

/** The prices of one model during one stretch of time. */
export interface RateCard {
  /** The model's name as it was asked for. */
  readonly model: string;
  readonly provider: string;
  /** From this instant (inclusive) until that one (exclusive). */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** null: nobody knows what the model costs. */
  readonly base: Rates | null;
  /** When the prompt exceeds `abovePromptTokens`, the whole request is billed at `rates`. Largest limit first. */
  readonly longContext: readonly { readonly abovePromptTokens: number; readonly rates: Rates }[];
  /** Nano-dollars per web search. */
  readonly webSearch: NanoDollars;
  readonly fastMultiplier: number;
  readonly usMultiplier: number;
  readonly assumed: boolean;
  /** Where the prices come from, for people: `genai-prices 0.1.8`, `settings`, a page. */
  readonly origin: string;
}

/** A price that the user has set: US dollars per million tokens. Absent classes follow the usual ratios to input. */
export interface UserPrice {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite5m?: number;
  readonly cacheWrite1h?: number;
}
