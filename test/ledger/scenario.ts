import type { Dimensions, PricedRecord } from '../../src/model/usageRecord';
import type { MessageRow } from '../../src/model/query';
import type { Ledger } from '../../src/ledger/ledger';
import { openLedger, record } from './fixtures';

/** A small generator of repeatable chance (a linear congruence): the same seed, the same story. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const border = Date.UTC(2026, 9, 1);
const instants = [border - 86_400_000, border - 1, border, border + 900_000, Date.UTC(2026, 10, 1)];

/** Copies that make every rule work: streaming, forks, subagents, several requests, months' borders, no ids. */
export function tangledRecords(count: number, seed: number, keys = 40): PricedRecord[] {
  const next = chance(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[next(items.length)]!;
  return Array.from({ length: count }, () => {
    const cost = next(8) === 0 ? null : next(1_000_000);
    const file = next(5);
    return record({
      key: `msg_${next(keys)}`,
      requestId: pick(['', 'req_a', 'req_a', 'req_a', 'req_b', 'req_c']),
      sidechain: next(4) === 0,
      epochMs: pick(instants) + next(3) * 60_000,
      requests: pick([1, 1, 1, 5]),
      model: pick(['claude-opus-4-5', 'claude-haiku-4-5']),
      project: pick(['/home/ada/engine', '/home/ada/loom']),
      branch: pick(['main', 'punch-cards']),
      unfinished: next(3) === 0,
      contentCharacters: next(100),
      tokens: { input: next(3), output: next(6), cacheRead: next(2), webSearches: next(2) },
      price: { cost, assumed: next(5) === 0, missingOutputTokens: next(4), missingCost: next(50) },
      origin: { path: `/p/${file}.jsonl`, beganEpochMs: border + (file % 3), session: `session-${file}` },
    });
  });
}

/** Everything that a ledger says, in an order of its own: two ledgers that say the same are equal. */
export interface Said {
  readonly messages: readonly MessageRow[];
  readonly rollups: readonly string[];
}

export async function said(ledger: Ledger): Promise<Said> {
  const messages: MessageRow[] = [];
  for await (const chunk of ledger.messages()) messages.push(...chunk);
  messages.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  const rollups: string[] = [];
  ledger.cube().forEach(0, Number.MAX_SAFE_INTEGER, (quarter, dimensions: Dimensions, measures) => {
    rollups.push(`${quarter} ${JSON.stringify(dimensions)} ${JSON.stringify(measures)}`);
  });
  return { messages, rollups: rollups.sort() };
}

/** What a ledger says that was never disturbed. */
export async function expectedOf(all: readonly PricedRecord[]) {
  const ledger = await openLedger(null);
  ledger.fold(all);
  const expected = await said(ledger);
  await ledger.close();
  return expected;
}
