import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import type { RateCard, Rates } from '../model/rates';
import type { EpochMs } from '../model/time';
import type { CanonicalName } from './modelName';
import { canonicalModelName, isClaude } from './modelName';
import type { Period } from './periods';
import { anyTime, periodAt } from './periods';
import type { PartialUsdRates } from './rateConversion';
import { searchPrice, withAnthropicRatios, withInputAsFallback } from './rateConversion';
import { claudeWebSearchUsdPerThousand } from './supplement';

/** The package does not tell its version; a test holds this against what is installed. */
export const libraryVersion = '0.1.8';
export const libraryOrigin = `genai-prices ${libraryVersion}`;

/** What the price data says of a model at an instant, and for how long. */
export interface LibraryAnswer {
  /** It knows this very model, rather than one that its name begins with. */
  readonly exact: boolean;
  readonly prices: Pick<RateCard, 'base' | 'longContext' | 'webSearch' | 'assumed'>;
  readonly period: Period;
}

/** Providers as other standards call them (OpenTelemetry's GenAI conventions, mostly), where the library would miss. */
const providerAliases: Readonly<Record<string, string>> = {
  'azure.ai.inference': 'azure',
  'azure.ai.openai': 'azure',
  claude: 'anthropic',
  x_ai: 'x-ai',
  'aws.bedrock': 'aws',
  'gcp.gemini': 'google',
  'gcp.vertex_ai': 'google',
  'gcp.gen_ai': 'google',
  mistral_ai: 'mistral',
  together_ai: 'together',
  moonshot_ai: 'moonshotai',
  // It passes on: who bills is in the model's name.
  litellm: '',
};

/** They sell Claude at Anthropic's list price; regional surcharges are left aside. */
const claudeAtListPrice = new Set(['anthropic', 'aws', 'google', 'azure']);

/** Whether that provider sells Claude at the price that Anthropic lists, as far as anyone knows. */
export function sellsClaudeAtListPrice(provider: string): boolean {
  const { alias, seller } = sellerOf(provider);
  return alias === '' || (seller !== undefined && claudeAtListPrice.has(seller));
}

/** null: the price data knows nothing like it, or prices it by something that we do not count. */
export function askLibrary(
  name: CanonicalName,
  model: string,
  provider: string,
  epochMs: EpochMs,
): LibraryAnswer | null {
  const { alias, seller } = sellerOf(provider);
  if (isClaude(name)) {
    if (sellsClaudeAtListPrice(provider)) return look([name.name], 'anthropic', epochMs);
    const resold = seller === undefined ? null : look([model, name.name], seller, epochMs);
    if (resold?.exact === true) return resold;
    // Whoever else sells it may charge something else.
    const listed = look([name.name], 'anthropic', epochMs);
    return listed === null ? resold : { ...listed, prices: { ...listed.prices, assumed: true } };
  }
  // A provider that nobody knows may charge anything, or nothing: a local model is free.
  if (alias !== '' && seller === undefined) return null;
  return look([model, name.name], seller, epochMs);
}

function sellerOf(provider: string): { readonly alias: string; readonly seller: string | undefined } {
  const asked = provider.trim().toLowerCase();
  const alias = providerAliases[asked] ?? asked;
  return { alias, seller: alias === '' ? undefined : findProvider({ providerId: alias })?.id };
}

/** The first name that is known exactly; failing that, the first that finds something similar. */
function look(
  names: readonly string[],
  providerId: string | undefined,
  epochMs: EpochMs,
): LibraryAnswer | null {
  let similar: LibraryAnswer | null = null;
  for (const name of names) {
    const answer = lookOne(name, providerId, epochMs);
    if (answer?.exact === true) return answer;
    similar ??= answer;
  }
  return similar;
}

function lookOne(name: string, providerId: string | undefined, epochMs: EpochMs): LibraryAnswer | null {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, name, {
    ...(providerId === undefined ? {} : { providerId }),
    timestamp: new Date(epochMs),
  });
  if (found === null) return null;
  const exact = isSameModel(name, found.model);
  const prices = pricesOf(found.model_price, isClaude(canonicalModelName(found.model.id)));
  if (prices === null) return null;
  return {
    exact,
    prices: { ...prices, assumed: prices.assumed || !exact },
    period: periodOf(found.model, epochMs),
  };
}

/** The same name but for a date or a wrapper, or a name that the price data lists as one of this model's. */
function isSameModel(asked: string, found: ModelInfo): boolean {
  const name = asked.trim().toLowerCase();
  return canonicalModelName(name).name === canonicalModelName(found.id).name || listsName(found.match, name);
}

function listsName(match: MatchLogic, name: string): boolean {
  if ('or' in match) return match.or.some((each) => listsName(each, name));
  return 'equals' in match && match.equals.toLowerCase() === name;
}

/** What applies to some requests, but cannot be told from token counts. */
const uncountedKeys = ['requests_kcount', 'output_reasoning_mtok', 'output_citation_mtok'];

/** null for what is priced by the hour, the page or the image alone. */
export function pricesOf(price: ModelPrice, claude: boolean): LibraryAnswer['prices'] | null {
  if (price['input_mtok'] === undefined) return null;
  const limits = new Set<number>();
  for (const value of Object.values(price)) {
    if (typeof value === 'object') for (const tier of value.tiers) limits.add(tier.start);
  }
  const searches = price['web_searches_kcount'];
  const searchUsd = typeof searches === 'number' ? searches : claude ? claudeWebSearchUsdPerThousand : 0;
  return {
    base: toRates(price, 0, claude),
    longContext: [...limits]
      .sort((a, b) => b - a)
      .map((limit) => ({ abovePromptTokens: limit, rates: toRates(price, limit + 1, claude) })),
    webSearch: searchPrice(searchUsd),
    assumed: uncountedKeys.some((key) => price[key] !== undefined),
  };
}

/** The rates of a request with that many prompt tokens. */
function toRates(price: ModelPrice, promptTokens: number, claude: boolean): Rates {
  const rates: PartialUsdRates = {
    input: usdAt(price['input_mtok'], promptTokens) ?? 0,
    // An embedding has no output.
    output: usdAt(price['output_mtok'], promptTokens) ?? 0,
    cacheRead: usdAt(price['cache_read_mtok'], promptTokens),
    cacheWrite5m: usdAt(price['cache_write_mtok'], promptTokens),
    cacheWrite1h: usdAt(price['cache_write_1h_mtok'], promptTokens),
  };
  return claude ? withAnthropicRatios(rates) : withInputAsFallback(rates);
}

function usdAt(price: ModelPrice[string], promptTokens: number): number | undefined {
  if (typeof price !== 'object') return price;
  let usd = price.base;
  let reached = -1;
  for (const tier of price.tiers) {
    if (promptTokens > tier.start && tier.start > reached) {
      usd = tier.price;
      reached = tier.start;
    }
  }
  return usd;
}

const dayMs = 86_400_000;

/** The stretch around an instant in which none of the model's conditions changes. */
function periodOf(model: ModelInfo, epochMs: EpochMs): Period {
  if (!Array.isArray(model.prices)) return anyTime;
  const midnight = Math.floor(epochMs / dayMs) * dayMs;
  return periodAt(
    epochMs,
    model.prices.flatMap((price) => cutsOf(price, midnight)),
    anyTime,
  );
}

function cutsOf({ constraint }: ConditionalPrice, midnight: EpochMs): EpochMs[] {
  if (constraint === undefined) return [];
  if (constraint.type === 'start_date') return [Date.parse(constraint.start_date)];
  // Prices by the hour (off-peak) change every day: the day's own bounds are cuts, too.
  return [
    midnight,
    midnight + timeOfDayMs(constraint.start_time),
    midnight + timeOfDayMs(constraint.end_time),
    midnight + dayMs,
  ];
}

/** Milliseconds after UTC midnight of `04:00:00Z` or `12:00:00+08:00`. */
function timeOfDayMs(time: string): number {
  const ms = Date.parse(`1970-01-02T${time}`);
  return ((ms % dayMs) + dayMs) % dayMs;
}

/** The models of one provider that the price data names. */
export function libraryModels(providerId: string): readonly string[] {
  return findProvider({ providerId })?.models.map(({ id }) => id) ?? [];
}
