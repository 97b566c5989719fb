import { addMeasures, type Measures, measuresOf, noMeasures } from '../../src/model/measures';
import { tokenSum } from '../../src/model/tokens';
import type { PricedRecord } from '../../src/model/usageRecord';

/**
 * The rules of docs/counting.md once more, the slow way: everything is computed anew from the heap of all copies.
 * It shares no code with the ledger.
 */

type Rank = readonly (string | number)[];

function before(one: Rank, other: Rank): boolean {
  for (const [index, mine] of one.entries()) {
    const theirs = other[index]!;
    if (mine !== theirs) return mine < theirs;
  }
  return false;
}

function first<Item>(items: readonly Item[], rank: (item: Item) => Rank): Item {
  return items.reduce((best, item) => (before(rank(item), rank(best)) ? item : best));
}

function groups<Item>(items: readonly Item[], name: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) found.set(name(item), [...(found.get(name(item)) ?? []), item]);
  return found;
}

function usageRank(copy: PricedRecord): Rank {
  const { tokens, price } = copy;
  return [
    -tokenSum(tokens),
    copy.epochMs,
    -tokens.output,
    -tokens.input,
    -tokens.cacheRead,
    -tokens.cacheWrite5m,
    -tokens.cacheWrite1h,
    -tokens.webSearches,
    -(copy.requests ?? 1),
    copy.model,
    copy.provider,
    copy.fast ? 0 : 1,
    copy.usOnly ? 0 : 1,
    copy.reportedCost === null ? 1 : -copy.reportedCost,
    price.cost === null ? 1 : 0,
    price.assumed ? 1 : 0,
    -(price.cost ?? 0),
    -price.cacheReadSaved,
    -price.cacheWriteExtra,
  ];
}

function merged(copies: readonly PricedRecord[]): PricedRecord {
  const usage = first(copies, usageRank);
  const missing = first(copies, ({ tokens, price }) => [
    -tokenSum(tokens),
    -price.missingOutputTokens,
    -price.missingCost,
  ]);
  const home = first(copies, ({ origin, project, branch, source, user, host }) => [
    origin.beganEpochMs,
    origin.path,
    origin.session,
    project,
    branch,
    source,
    user,
    host,
  ]);
  const unfinished = copies.every((copy) => copy.unfinished);
  const { project, branch, source, user, host, origin } = home;
  const { missingOutputTokens, missingCost } = missing.price;
  return {
    ...usage,
    project,
    branch,
    source,
    user,
    host,
    origin,
    unfinished,
    price: {
      ...usage.price,
      missingOutputTokens: unfinished ? missingOutputTokens : 0,
      missingCost: unfinished ? missingCost : 0,
    },
  };
}

/** The copies that count, one a call. */
export function countedCalls(copies: readonly PricedRecord[]): PricedRecord[] {
  const counted: PricedRecord[] = [];
  for (const sameKey of groups(copies, ({ key }) => key).values()) {
    const rows = [...groups(sameKey, (copy) => `${copy.requestId} ${copy.sidechain}`).values()].map(merged);
    const named = rows.map(({ requestId }) => requestId).filter((requestId) => requestId !== '');
    const smallest = named.sort()[0] ?? '';
    const requests = [...groups(rows, ({ requestId }) => (requestId === '' ? smallest : requestId)).values()];
    const parents = requests.filter((members) => members.some(({ sidechain }) => !sidechain));
    for (const members of parents.length > 0 ? parents : requests)
      counted.push(
        first(members, (row) => [
          -tokenSum(row.tokens),
          row.sidechain ? 1 : 0,
          ...usageRank(row),
          row.requestId === '' ? 1 : 0,
        ]),
      );
  }
  return counted;
}

export function total(calls: readonly PricedRecord[]): Measures {
  const sum = noMeasures();
  for (const call of calls) addMeasures(sum, measuresOf(call));
  return sum;
}
