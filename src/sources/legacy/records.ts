import { createHash } from 'node:crypto';
import type { ImportSums } from '../../model/importReport';
import type { EpochMs } from '../../model/time';
import { tokenSum } from '../../model/tokens';
import type { UsageRecord } from '../../model/usageRecord';
import { guessProvider } from '../providerOfModel';
import { isNothing, mapTokens, type Part, type Split, unattributed, type Usage } from './usage';

export const legacySource = 'legacy';

/**
 * Where a record comes from, from the finest to the coarsest. What a coarser one tells counts as far as it exceeds
 * what the finer ones tell of the same user and time: they all look at the same usage.
 */
export const ranks = [
  'session',
  'partitioned-day',
  'daily-usage',
  'daily-total',
  'partitioned-month',
  'monthly-usage',
] as const;
export type Rank = (typeof ranks)[number];

/** The rank that a key tells; null for a key of another source. */
export function rankOfKey(key: string): Rank | null {
  const [source, rank] = key.split(':', 2);
  return source === legacySource ? (ranks.find((each) => each === rank) ?? null) : null;
}

export interface RecordContext {
  readonly rank: Rank;
  readonly user: string;
  readonly host: string;
  readonly epochMs: EpochMs;
  /** What it is of: a session, a day, a month. */
  readonly of: string;
  readonly project: string;
}

/**
 * One record a part. Its key follows from what it is of and not from how much it is: the entry read again is the same
 * record, and the entry of a later, larger file replaces it.
 */
export function recordsOf(parts: readonly Part[], context: RecordContext): UsageRecord[] {
  const { rank, user, host, epochMs, of, project } = context;
  const session = rank === 'session' ? of : '';
  return parts
    .filter((part) => !isNothing(part))
    .map(({ model, provider, requests, tokens, cost }) => ({
      key: `${legacySource}:${rank}:${hash([user, of, model])}`,
      requestId: '',
      sidechain: false,
      epochMs,
      requests,
      tokens,
      model,
      provider: provider ?? guessProvider(model),
      project,
      branch: '',
      source: legacySource,
      user,
      host,
      fast: false,
      usOnly: false,
      reportedCost: cost,
      unfinished: false,
      contentCharacters: 0,
      // No path: the same file may be imported from elsewhere.
      origin: { path: legacySource, beganEpochMs: epochMs, session },
    }));
}

/** Names a session that has no id by what it says. */
export function nameOfContent(epochMs: EpochMs, { total, parts }: Split): string {
  return hash([epochMs, total, parts.map(({ model }) => model)]);
}

function hash(of: unknown): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 22);
}

/** Differences of cost below a hundredth of a cent come from rounding. */
const roundingNanoDollars = 100_000;

/** Whether two sums of the same usage say different things. Calls are often not counted, so they decide nothing. */
export function disagree(total: Usage, details: Usage): boolean {
  const less = excess(total, details);
  const more = excess(details, total);
  return (
    tokenSum(less.tokens) + tokenSum(more.tokens) > 0 ||
    (total.cost !== null && Math.max(less.cost ?? 0, more.cost ?? 0) > roundingNanoDollars)
  );
}

/** What an entry tells beyond what is known: all of its parts, or the rest, for which no model can be named. */
export function beyond(split: Split, known: Usage | null): readonly Part[] {
  const { total, parts } = split;
  if (known === null) return parts;
  const rest = excess(total, known);
  if (tokenSum(rest.tokens) === 0 && (rest.cost ?? 0) <= roundingNanoDollars) return [];
  const only = parts.length === 1 ? parts[0] : undefined;
  return [
    {
      model: only?.model ?? unattributed,
      provider: only?.provider ?? null,
      ...rest,
      requests: Math.max(1, rest.requests),
    },
  ];
}

/** A total without classes counts as input, so classes are held against each other only as far as the sums differ. */
function excess(total: Usage, known: Usage): Usage {
  let open = Math.max(0, tokenSum(total.tokens) - tokenSum(known.tokens));
  const tokens = mapTokens((name) => {
    const more = Math.max(0, total.tokens[name] - known.tokens[name]);
    if (name === 'webSearches') return more;
    const its = Math.min(open, more);
    open -= its;
    return its;
  });
  return {
    requests: Math.max(0, total.requests - known.requests),
    tokens,
    cost: total.cost === null ? null : Math.max(0, total.cost - (known.cost ?? 0)),
  };
}

export const nothing: Usage = { requests: 0, tokens: mapTokens(() => 0), cost: null };

export function plus(one: Usage, other: Usage): Usage {
  return {
    requests: one.requests + other.requests,
    tokens: mapTokens((name) => one.tokens[name] + other.tokens[name]),
    cost: one.cost === null && other.cost === null ? null : (one.cost ?? 0) + (other.cost ?? 0),
  };
}

export function sumsOf({ requests, tokens, cost }: Usage): ImportSums {
  return { requests, tokens: tokenSum(tokens), costNanoDollars: cost ?? 0 };
}
