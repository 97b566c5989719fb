import { type NanoDollars, nanoDollars } from '../../model/cost';
import { type TokenCounts, tokenSum } from '../../model/tokens';
import { count, dollars, type Fields, fieldsOf, isObject, numberIn, pick, text } from './fields';

/** What is added up, for one model or for all of an entry. */
export interface Usage {
  readonly requests: number;
  readonly tokens: TokenCounts;
  /** null: nothing is said about the cost, which then follows from the prices. */
  readonly cost: NanoDollars | null;
}

/** The part of an entry that one model stands for. */
export interface Part extends Usage {
  readonly model: string;
  /** null: not said; the model's name may tell. */
  readonly provider: string | null;
}

/** An entry's whole, and what it says about models. */
export interface Split {
  readonly total: Usage;
  /** Together they are the total, or more than it where the entry contradicts itself. */
  readonly parts: readonly Part[];
}

/** The model of usage that no model is named for. */
export const unattributed = 'unattributed';

const names = {
  requests: [
    'requests',
    'requestcount',
    'totalrequests',
    'requestscount',
    'numrequests',
    'calls',
    'callcount',
    'apicalls',
    'messagecount',
    'totalmessages',
    'messages',
    'count',
    'entries',
  ],
  input: ['inputtokens', 'totalinputtokens', 'prompttokens', 'tokensinput', 'tokensin', 'input', 'prompt'],
  output: [
    'outputtokens',
    'totaloutputtokens',
    'completiontokens',
    'tokensoutput',
    'tokensout',
    'output',
    'completion',
  ],
  cacheRead: ['cachereadtokens', 'cachereadinputtokens', 'cachedtokens', 'cachehittokens', 'cacheread'],
  cacheWrite: [
    'cachewritetokens',
    'cachecreationtokens',
    'cachecreationinputtokens',
    'cachewrite',
    'cachecreation',
  ],
  total: ['totaltokens', 'tokens', 'tokencount', 'tokensused'],
  cost: ['totalcost', 'costusd', 'totalcostusd', 'cost', 'usd', 'spend', 'spent', 'amount', 'amountusd'],
  model: ['model', 'modelname', 'modelid'],
  provider: ['provider', 'providername', 'vendor'],
  models: ['models', 'modelbreakdown', 'bymodel', 'modelusage', 'modelsused', 'modelbreakdowns'],
};

/** Objects that token counts are often kept in. */
const tokenHolders = ['tokens', 'tokenusage', 'usage', 'tokencounts'];

interface Told {
  readonly requests: number | null;
  readonly tokens: TokenCounts;
  readonly cost: NanoDollars | null;
}

/** What an entry tells of usage. @throws BadEntryError for numbers that cannot be. */
export function readSplit(fields: Fields): Split {
  const own = text(fields, names.model);
  const provider = text(fields, names.provider);
  const told = toldBy(fields);
  const models = modelsOf(fields);
  const only = models.length === 1 ? models[0] : undefined;
  if (models.length === 0 || (only !== undefined && only.told === null)) {
    const total = { ...told, requests: Math.max(1, told.requests ?? 1) };
    const model = own ?? only?.model ?? unattributed;
    return { total, parts: isNothing(total) ? [] : [{ ...total, model, provider }] };
  }
  return share(told, models, own ?? unattributed, provider);
}

/** What a bare value tells: a number under a day or a model is its cost. */
export function readSum(value: unknown): Usage | null {
  const cost = numberIn(value);
  if (cost !== null) return readSplit(new Map([['cost', cost]])).total;
  return isObject(value) ? readSplit(fieldsOf(value)).total : null;
}

export function isNothing({ tokens, cost }: Usage): boolean {
  return tokenSum(tokens) + tokens.webSearches + (cost ?? 0) === 0;
}

function toldBy(fields: Fields): Told {
  const holder = tokenHolders.map((name) => fields.get(name)).find(isObject);
  const inner = holder === undefined ? fields : fieldsOf(holder);
  const tokenCount = (of: readonly string[]): number | null =>
    count(fields, of) ?? (holder === undefined ? null : count(inner, of));
  const cacheRead = tokenCount(names.cacheRead) ?? 0;
  const cacheWrite5m = tokenCount(names.cacheWrite) ?? 0;
  const output = tokenCount(names.output) ?? 0;
  const input = tokenCount(names.input) ?? 0;
  const all = tokenCount(names.total) ?? (holder === undefined ? null : count(inner, ['total'])) ?? 0;
  // What only the total knows of has no class; input is the most frequent one.
  const unsplit = Math.max(0, all - input - output - cacheRead - cacheWrite5m);
  const cost = dollars(fields, names.cost);
  return {
    requests: count(fields, names.requests),
    tokens: {
      input: input + unsplit,
      output,
      cacheRead,
      cacheWrite5m,
      cacheWrite1h: 0,
      webSearches: tokenCount(['websearches', 'websearchrequests']) ?? 0,
    },
    cost: cost === null ? null : nanoDollars(cost),
  };
}

interface ModelTold {
  readonly model: string;
  /** null: the model is named, and no more. */
  readonly told: Told | null;
}

function modelsOf(fields: Fields): ModelTold[] {
  const value = pick(fields, names.models);
  if (Array.isArray(value))
    return value.flatMap((item: unknown): ModelTold[] => {
      if (typeof item === 'string' && item.trim() !== '') return [{ model: item.trim(), told: null }];
      if (!isObject(item)) return [];
      const inner = fieldsOf(item);
      const model = text(inner, [...names.model, 'name']);
      return model === null ? [] : [{ model, told: toldBy(inner) }];
    });
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([model, item]): ModelTold[] => {
    if (model.trim() === '') return [];
    // A number beside a model's name is how often it was called.
    const requests = numberIn(item);
    if (requests !== null) return [{ model, told: null }];
    return [{ model, told: isObject(item) ? toldBy(fieldsOf(item)) : null }];
  });
}

/** Parts for the models that tell of tokens or cost; what is left of the whole is `restModel`'s. */
function share(whole: Told, models: readonly ModelTold[], restModel: string, provider: string | null): Split {
  const told = models.flatMap(({ model, told: its }) =>
    its === null || (tokenSum(its.tokens) === 0 && its.cost === null) ? [] : [{ model, ...its }],
  );
  const inModels = sumOf(told);
  const tokens = mapTokens((name) => Math.max(whole.tokens[name], inModels.tokens[name]));
  // An unsplit total counts as input above, where the models' parts may be split.
  const excess = tokenSum(tokens) - Math.max(tokenSum(whole.tokens), tokenSum(inModels.tokens));
  const input = Math.max(inModels.tokens.input, tokens.input - excess);
  const total: Usage = {
    requests: Math.max(1, whole.requests ?? 0, inModels.requests),
    tokens: { ...tokens, input },
    cost: whole.cost === null ? inModels.cost : Math.max(whole.cost, inModels.cost ?? 0),
  };
  const costs = costsOf(whole.cost, told);
  const parts: Part[] = told.map((each, index) => ({
    model: each.model,
    provider,
    requests: Math.max(1, each.requests ?? 1),
    tokens: each.tokens,
    cost: costs[index] ?? null,
  }));
  const rest: Part = {
    model: restModel,
    provider,
    requests: Math.max(1, total.requests - parts.reduce((sum, { requests }) => sum + requests, 0)),
    tokens: mapTokens((name) => total.tokens[name] - inModels.tokens[name]),
    cost:
      whole.cost === null
        ? null
        : Math.max(0, whole.cost - costs.reduce((sum: number, cost) => sum + (cost ?? 0), 0)),
  };
  return { total, parts: isNothing(rest) ? parts : [...parts, rest] };
}

/** The whole's cost goes to the models that say nothing of theirs, by their tokens. */
function costsOf(whole: NanoDollars | null, told: readonly Told[]): (NanoDollars | null)[] {
  const costs = told.map(({ cost }) => cost);
  if (whole === null) return costs;
  let open = Math.max(0, whole - costs.reduce((sum: number, cost) => sum + (cost ?? 0), 0));
  let weights = told.reduce((sum, { tokens, cost }) => sum + (cost === null ? tokenSum(tokens) : 0), 0);
  return told.map(({ tokens, cost }) => {
    if (cost !== null) return cost;
    const weight = tokenSum(tokens);
    const its = weights === 0 ? 0 : Math.round((open * weight) / weights);
    open -= its;
    weights -= weight;
    return its;
  });
}

function sumOf(told: readonly Told[]): Usage {
  const tokens = mapTokens((name) => told.reduce((sum, each) => sum + each.tokens[name], 0));
  const costs = told.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  return {
    requests: told.reduce((sum, { requests }) => sum + Math.max(1, requests ?? 1), 0),
    tokens,
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
  };
}

export function mapTokens(of: (name: keyof TokenCounts) => number): TokenCounts {
  return {
    input: of('input'),
    output: of('output'),
    cacheRead: of('cacheRead'),
    cacheWrite5m: of('cacheWrite5m'),
    cacheWrite1h: of('cacheWrite1h'),
    webSearches: of('webSearches'),
  };
}
