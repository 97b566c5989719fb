import { setImmediate as nextTurn } from 'node:timers/promises';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Ledger } from '../ledger/ledger';
import type { Rebuilt } from '../protocol/engineApi';

/** Differences that are named in the log; all are counted. */
const namedDifferences = 20;

export interface RebuildOptions {
  readonly ledger: Pick<Ledger, 'months' | 'differencesIn' | 'recount'>;
  /** Sums were made anew: what is remembered of them may be wrong. */
  readonly onRecount: () => void;
  /** Reads every transcript and journal from its beginning. */
  readonly sweepAnew: () => Promise<void>;
  /** Prices every message anew. */
  readonly repriceAll: () => Promise<void>;
  readonly save: () => Promise<void>;
  /** Counted messages, all in all. */
  readonly messages: () => number;
  readonly isStopped: () => boolean;
  readonly log: Log;
}

/**
 * Counts everything anew, month by month and without a moment in which the ledger is less than it was: sums from
 * messages, then messages from whatever is left of their sources, then their prices.
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { ledger, onRecount, sweepAnew, repriceAll, save, messages, log } = options;
  const before = await verify(options);
  for (const month of ledger.months()) {
    ledger.recount(month);
    await pause(options);
  }
  onRecount();
  await sweepAnew();
  await repriceAll();
  await save();
  const after = await verify(options);
  if (after.length > 0) throw new LedgerError('unexpected', `sums still differ: ${after[0] ?? ''}`);
  const rebuilt = { differences: before.length, messages: messages(), months: ledger.months().length };
  log('info', 'the ledger was rebuilt', rebuilt);
  return rebuilt;
}

async function verify(options: RebuildOptions): Promise<readonly string[]> {
  const { ledger, log } = options;
  const found: string[] = [];
  for (const month of ledger.months()) {
    for (const difference of ledger.differencesIn(month)) found.push(difference);
    await pause(options);
  }
  for (const difference of found.slice(0, namedDifferences)) log('warn', 'a sum was wrong', { difference });
  return found;
}

async function pause({ isStopped }: RebuildOptions): Promise<void> {
  await nextTurn();
  if (isStopped()) throw new LedgerError('closed', 'the engine has been shut down');
}
