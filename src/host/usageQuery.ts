import type { UsageMessage, UsageQuery } from '../api';
import type { MessageRow, UsageFilter } from '../model/query';
import type { DimensionName } from '../model/usageRecord';

const dimensionOf: Readonly<Record<Exclude<keyof UsageQuery, 'from' | 'to'>, DimensionName>> = {
  models: 'model',
  providerNames: 'provider',
  projects: 'project',
  branches: 'branch',
  sources: 'source',
  users: 'user',
  hosts: 'host',
};

/** @throws TypeError or RangeError whose message begins with the name of the wrong field; it comes from anybody. */
export function filterOf(query: UsageQuery = {}): UsageFilter {
  if (typeof query !== 'object' || (query as unknown) === null)
    throw new TypeError('query must be an object');
  const only: Partial<Record<DimensionName, readonly string[]>> = {};
  const days: { from?: string; to?: string } = {};
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (name === 'from' || name === 'to') days[name] = checkedDay(name, value);
    else if (Object.hasOwn(dimensionOf, name))
      only[dimensionOf[name as keyof typeof dimensionOf]] = checkedNames(name, value);
    else throw new TypeError(`${name} is no field of a query`);
  }
  return { ...days, only };
}

function checkedDay(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a day such as 2026-11-24`);
  const epochMs = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  // February 30 is parsed as a day of March.
  if (Number.isNaN(epochMs) || new Date(epochMs).toISOString().slice(0, 10) !== value)
    throw new RangeError(`${name} must be a day such as 2026-11-24`);
  return value;
}

function checkedNames(name: string, value: unknown): readonly string[] {
  const names: unknown = value;
  if (!Array.isArray(names) || !names.every((each): each is string => typeof each === 'string'))
    throw new TypeError(`${name} must be a list of names`);
  return names;
}

export function usageMessage(row: MessageRow): UsageMessage {
  const { total } = row;
  const cacheCreationInputTokens = total.cacheWrite5mTokens + total.cacheWrite1hTokens;
  return {
    id: row.id.startsWith('api:') ? row.id.slice(4) : row.id,
    time: row.epochMs,
    model: row.model,
    providerName: row.provider,
    project: row.project,
    branch: row.branch,
    user: row.user,
    host: row.host,
    source: row.source,
    conversationId: row.session,
    calls: total.messages,
    inputTokens: total.inputTokens + total.cacheReadTokens + cacheCreationInputTokens,
    outputTokens: total.outputTokens,
    cacheReadInputTokens: total.cacheReadTokens,
    cacheCreationInputTokens,
    webSearchRequests: total.webSearches,
    costNanoDollars: row.priced ? total.costNanoDollars : null,
    costAssumed: total.assumedMessages > 0,
  };
}
