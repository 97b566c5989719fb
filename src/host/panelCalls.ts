import { LedgerError } from '../model/errors';
import type { BreakdownQuery, Grain, UsageFilter } from '../model/query';
import { dimensionNames } from '../model/usageRecord';
import type { EngineCalls } from '../protocol/engineApi';
import type { AskedCall } from '../protocol/panelApi';

type Params<Name extends AskedCall> = EngineCalls[Name]['params'];
type Fields = Readonly<Record<string, unknown>>;

const grains: readonly Grain[] = ['hour', 'day', 'month', 'total', 'weekdayHour'];

/** A page's messages are checked like anything that comes from outside: what is not understood is not passed on. */
const checks: { readonly [Name in AskedCall]: (params: unknown) => Params<Name> } = {
  breakdown: (params) => {
    const { filter, grain, by } = fieldsOf(params);
    if (!grains.includes(grain as Grain)) throw invalid('a grain');
    return {
      filter: filterOf(filter),
      grain: grain as Grain,
      by: listOf(by, 'dimensions').map((name) => oneOf(name, dimensionNames)),
    } satisfies BreakdownQuery;
  },
  openMessages: filterOf,
  packedSessions: (params) => {
    const { since } = fieldsOf(params);
    if (since !== undefined && typeof since !== 'string') throw invalid('a token');
    return { ...filterOf(params), ...(since === undefined ? {} : { since }) };
  },
  blocks: filterOf,
  patterns: filterOf,
  nextMessages: streamOf,
  closeMessages: streamOf,
  sessionTitle: (params) => {
    const { transcriptPath } = fieldsOf(params);
    if (typeof transcriptPath !== 'string') throw invalid('a path');
    return { transcriptPath };
  },
  history: (params) => {
    const { fromEpochMs, toEpochMs } = fieldsOf(params);
    if (typeof fromEpochMs !== 'number' || typeof toEpochMs !== 'number') throw invalid('a time');
    return { fromEpochMs, toEpochMs };
  },
  health: () => null,
};

/** @throws LedgerError `invalid` */
export function checkAsked<Name extends AskedCall>(name: Name, params: unknown): Params<Name> {
  return checks[name](params);
}

function filterOf(value: unknown): UsageFilter {
  const { from, to, only, sessions } = fieldsOf(value);
  return {
    ...(from === undefined ? {} : { from: dayOf(from) }),
    ...(to === undefined ? {} : { to: dayOf(to) }),
    ...(only === undefined ? {} : { only: onlyOf(only) }),
    ...(sessions === undefined ? {} : { sessions: textsOf(sessions, 'sessions') }),
  };
}

function onlyOf(value: unknown): NonNullable<UsageFilter['only']> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).map(([name, names]) => [
      oneOf(name, dimensionNames),
      textsOf(names, 'names'),
    ]),
  );
}

function streamOf(value: unknown): { readonly stream: number } {
  const { stream } = fieldsOf(value);
  if (typeof stream !== 'number') throw invalid('a stream');
  return { stream };
}

function dayOf(value: unknown): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value)))
    throw invalid('a day');
  return value;
}

function oneOf<Of extends string>(value: unknown, names: readonly Of[]): Of {
  const found = names.find((name) => name === value);
  if (found === undefined) throw invalid('a dimension');
  return found;
}

function textsOf(value: unknown, what: string): string[] {
  return listOf(value, what).map((text) => {
    if (typeof text !== 'string') throw invalid(what);
    return text;
  });
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`a list of ${what}`);
  return value;
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('a question');
  return value as Fields;
}

function invalid(what: string): LedgerError {
  return new LedgerError('invalid', `the panel's question lacks ${what} that can be understood`);
}
