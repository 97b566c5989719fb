/** US dollars per million tokens of each class. */
export interface UsdRates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

/** A price that the price data lacks or has wrong. The newest row that has begun holds. */
export interface SupplementRow {
  /** Canonical name. */
  readonly model: string;
  /** First day (UTC) of this price. */
  readonly from: string;
  readonly rates: UsdRates;
  readonly longContext?: { readonly abovePromptTokens: number; readonly rates: UsdRates };
  /** `assumed`: known from others than the provider, who say that they read it on its price page. */
  readonly standing: 'published' | 'assumed';
  /** Set on a row that overrules what the price data says of this very model: what is wrong there. */
  readonly corrects?: string;
  readonly source: string;
  /** The day on which the source was read. */
  readonly read: string;
}

const claudePricing = 'platform.claude.com/docs/en/about-claude/pricing';

/** A test compares every row with the price data and names the rows that it has caught up with. */
export const supplement: readonly SupplementRow[] = [
  {
    model: 'claude-sonnet-4',
    from: '2025-08-12',
    rates: { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 },
    longContext: {
      abovePromptTokens: 200_000,
      rates: { input: 6, output: 22.5, cacheRead: 0.6, cacheWrite5m: 7.5, cacheWrite1h: 12 },
    },
    standing: 'published',
    corrects: 'the premium above 200,000 tokens, from the start of the million-token beta, is missing',
    source: `${claudePricing}, section on long context; LiteLLM's table agrees`,
    read: '2026-08-01',
  },
  {
    model: 'claude-mythos-5',
    from: '2026-06-09',
    rates: { input: 10, output: 50, cacheRead: 1, cacheWrite5m: 12.5, cacheWrite1h: 20 },
    standing: 'published',
    source: claudePricing,
    read: '2026-11-24',
  },
  {
    model: 'claude-mythos-5-1',
    from: '2026-09-01',
    rates: { input: 10, output: 50, cacheRead: 0.25, cacheWrite5m: 12.5, cacheWrite1h: 20 },
    standing: 'published',
    source: claudePricing,
    read: '2026-11-24',
  },
  {
    model: 'claude-sonnet-5-5',
    from: '2026-09-28',
    rates: { input: 2, output: 10, cacheRead: 0.2, cacheWrite5m: 2.5, cacheWrite1h: 4 },
    standing: 'published',
    source: 'platform.claude.com/docs/zh-CN/models/sonnet-5-5/overview',
    read: '2026-11-24',
  },
  {
    // Cache reads were halved; nothing else changed.
    model: 'claude-sonnet-5-5',
    from: '2026-10-07',
    rates: { input: 2, output: 10, cacheRead: 0.1, cacheWrite5m: 2.5, cacheWrite1h: 4 },
    standing: 'assumed',
    source: 'release notes of kurofune/claudit 1.9.2 and TheKrush/PromptFuel 1.0.23, crate synaps 0.10.2',
    read: '2026-11-24',
  },
  {
    // The model's overview gives the first rates as "from"; the limit and the rates above it are secondary, but agree.
    model: 'claude-haiku-5-5',
    from: '2026-10-07',
    rates: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite5m: 0.125, cacheWrite1h: 0.2 },
    longContext: {
      abovePromptTokens: 100_000,
      rates: { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite5m: 0.625, cacheWrite1h: 1 },
    },
    standing: 'published',
    source:
      'platform.claude.com/docs/en/models/haiku-5-5/overview; above the limit: kurofune/claudit 1.9.2, synaps 0.10.2',
    read: '2026-11-24',
  },
  {
    // Anthropic's pages confirm the models and their day; the rates below come from others.
    model: 'claude-fable-5-2',
    from: '2026-11-09',
    rates: { input: 8, output: 40, cacheRead: 0.2, cacheWrite5m: 10, cacheWrite1h: 16 },
    standing: 'assumed',
    source: 'release notes of archid21/rightsize 0.10.2; docs.apiyi.com/news/claude-fable-5-2-launch',
    read: '2026-11-24',
  },
  {
    model: 'claude-mythos-5-2',
    from: '2026-11-09',
    rates: { input: 8, output: 40, cacheRead: 0.2, cacheWrite5m: 10, cacheWrite1h: 16 },
    standing: 'assumed',
    source: 'docs.apiyi.com/news/claude-fable-5-2-launch: the same price as Fable 5.2',
    read: '2026-11-24',
  },
];

/** How many times the price of each token class fast mode costs. */
export interface FastMultiplier {
  readonly model: string;
  readonly multiplier: number;
  readonly source: string;
  readonly read: string;
}

const litellm = 'LiteLLM, provider_specific_entry.fast';

export const fastMultipliers: readonly FastMultiplier[] = [
  { model: 'claude-opus-4-6', multiplier: 6, source: `${litellm}; OpenRouter: 30/150`, read: '2026-08-01' },
  { model: 'claude-opus-4-7', multiplier: 6, source: litellm, read: '2026-08-01' },
  { model: 'claude-opus-4-8', multiplier: 2, source: litellm, read: '2026-08-01' },
  { model: 'claude-opus-5', multiplier: 2, source: `${litellm}; OpenRouter: 10/50`, read: '2026-08-01' },
  {
    model: 'claude-opus-5-5',
    multiplier: 2,
    source: 'docs.litellm.ai/blog/claude_opus_5_5; kurofune/claudit 1.8.2: 8/40',
    read: '2026-11-24',
  },
  {
    model: 'claude-fable-5-2',
    multiplier: 2,
    source: "Google Cloud's page of the model: twice the standard rates on every token class",
    read: '2026-11-24',
  },
];

/**
 * `inference_geo: "us"` on Claude models from 4.6 on: 1.1 on every token class (docs.aws.amazon.com/claude-platform,
 * data residency; LiteLLM, provider_specific_entry.us; read 2026-11-24). Older models reject the parameter.
 */
export const usMultiplier = { multiplier: 1.1, fromVersion: [4, 6] as const };

/** US dollars per thousand web searches on Claude, where the price data does not say (Anthropic's price page). */
export const claudeWebSearchUsdPerThousand = 10;
