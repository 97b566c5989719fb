import { tokenSum } from '../../../src/model/tokens';
import type { UsageRecord } from '../../../src/model/usageRecord';

/**
 * "One message counts once", written down a second time and as plainly as can be, to compare the real thing with.
 * Records come in file order. A record that names no request belongs to the first of its key's requests.
 */
export function countOnce(records: readonly UsageRecord[]): UsageRecord[] {
  const counted: UsageRecord[] = [];
  for (const copies of groupBy(records, (record) => record.key).values()) {
    const [firstRequest = ''] = [...new Set(copies.map((copy) => copy.requestId))].filter(Boolean).sort();
    const requests = [...groupBy(copies, (copy) => copy.requestId || firstRequest).values()];
    const ofParents = requests.filter((request) => request.some((copy) => !copy.sidechain));
    for (const request of ofParents.length > 0 ? ofParents : requests) counted.push(best(request));
  }
  return counted;
}

function best(copies: readonly UsageRecord[]): UsageRecord {
  return copies.reduce((winner, copy) => {
    const difference = tokenSum(copy.tokens) - tokenSum(winner.tokens);
    if (difference !== 0) return difference > 0 ? copy : winner;
    if (copy.sidechain !== winner.sidechain) return winner.sidechain ? copy : winner;
    return copy.epochMs < winner.epochMs ? copy : winner;
  });
}

export function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Input, output, cache write and cache read tokens. */
export type DayTokens = readonly [input: number, output: number, cacheWrite: number, cacheRead: number];

/** Tokens by `day model` in UTC. */
export function byDayAndModel(records: readonly UsageRecord[]): Map<string, DayTokens> {
  const days = new Map<string, DayTokens>();
  for (const { epochMs, model, tokens } of records) {
    const name = `${new Date(epochMs).toISOString().slice(0, 10)} ${model}`;
    const cacheWrite = tokens.cacheWrite5m + tokens.cacheWrite1h;
    days.set(name, addTokens(days.get(name), [tokens.input, tokens.output, cacheWrite, tokens.cacheRead]));
  }
  return withoutZeros(days);
}

export function addTokens(sum: DayTokens = [0, 0, 0, 0], part: DayTokens, times = 1): DayTokens {
  return sum.map((value, index) => value + part[index]! * times) as unknown as DayTokens;
}

/** `left - right`, where they differ. */
export function differences(
  left: ReadonlyMap<string, DayTokens>,
  right: ReadonlyMap<string, DayTokens>,
): Map<string, DayTokens> {
  const result = new Map<string, DayTokens>();
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    result.set(name, addTokens(left.get(name), right.get(name) ?? [0, 0, 0, 0], -1));
  }
  return withoutZeros(result);
}

export function withoutZeros(days: ReadonlyMap<string, DayTokens>): Map<string, DayTokens> {
  return new Map([...days].filter(([, tokens]) => tokens.some((count) => count !== 0)).sort());
}
