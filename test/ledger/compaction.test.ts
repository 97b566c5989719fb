import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../src/model/errors';
import { addMeasures, type Measures, noMeasures } from '../../src/model/measures';
import { openForeignMonth } from '../../src/ledger/foreignMonths';
import type { Ledger } from '../../src/ledger/ledger';
import type { PricedRecord } from '../../src/model/usageRecord';
import {
  manyRecords,
  noon,
  openLedger,
  record,
  removeFolder,
  repriceAll,
  temporaryFolder,
  wasmPath,
} from './fixtures';

const october = Date.UTC(2026, 9, 15);

function totals(ledger: Ledger): Map<string, Measures> {
  const sums = new Map<string, Measures>();
  ledger.cube().forEach(0, Number.MAX_SAFE_INTEGER, (quarter, dimensions, measures) => {
    const key = `${quarter} ${JSON.stringify(dimensions)}`;
    const sum = sums.get(key) ?? noMeasures();
    addMeasures(sum, measures);
    sums.set(key, sum);
  });
  return sums;
}

async function messageCount(ledger: Ledger): Promise<number> {
  let count = 0;
  for await (const rows of ledger.messages()) count += rows.length;
  return count;
}

/** Does something at every turn that the work leaves to others. */
async function whileRunning<Result>(work: Promise<Result>, meanwhile: () => Promise<void>): Promise<Result> {
  const state = { ended: false };
  const ended = work.finally(() => (state.ended = true));
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (state.ended) return ended;
    await meanwhile();
  }
}

describe('a compacted month', function () {
  this.timeout(60_000);
  let folder: string;
  let archive: string;
  const opened: Ledger[] = [];
  const open = async (at: string | null = folder): Promise<Ledger> => {
    const ledger = await openLedger(at);
    opened.push(ledger);
    return ledger;
  };
  beforeEach(() => {
    folder = temporaryFolder();
    archive = temporaryFolder();
  });
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
    removeFolder(folder);
    removeFolder(archive);
  });

  it('keeps every sum to the nano-dollar and none of its messages, also after a restart', async () => {
    const records = manyRecords(6_000, 10, Date.UTC(2026, 9, 25));
    const ledger = await open();
    ledger.fold(records);
    await ledger.checkpoint();
    const before = totals(ledger);
    const size = statSync(join(folder, '2026-10.sqlite')).size;
    const all = await messageCount(ledger);
    const went = await ledger.retention.compact('2026-10');
    assert.ok(went > 1_000);
    assert.equal(await ledger.retention.compact('2026-10'), 0, 'it is done once');
    assert.deepEqual(totals(ledger), before);
    assert.equal(await messageCount(ledger), all - went);
    assert.deepEqual(ledger.verify(), []);
    assert.ok(statSync(join(folder, '2026-10.sqlite')).size < size / 2);
    await ledger.close();
    const again = await open();
    assert.deepEqual(totals(again), before);
    assert.deepEqual(again.verify(), []);
    assert.deepEqual([...new Set(again.months())], ['2026-10', '2026-11']);
  });

  it('lets others fold, read and save while it is made, and the sums are right all the while', async () => {
    const october25 = Date.UTC(2026, 9, 25);
    const records = manyRecords(12_000, 6, october25);
    const ledger = await open();
    ledger.fold(records);
    await ledger.checkpoint();
    const before = totals(ledger);
    let turns = 0;
    const foldedMeanwhile: PricedRecord[] = [];
    const went = await whileRunning(ledger.retention.compact('2026-10'), async () => {
      if (++turns % 10 !== 5) return;
      // Copies of what is there, whether made sums of by now or not, and what is new.
      ledger.fold(records.slice(turns * 7, turns * 7 + 50));
      const fresh = record({ key: `new ${turns}`, epochMs: october25 + turns });
      foldedMeanwhile.push(fresh);
      ledger.fold([fresh]);
      if (turns % 50 === 5) assert.deepEqual(ledger.verify(), []);
      if (turns % 50 === 25) await ledger.checkpoint();
    });
    assert.ok(went > 5_000);
    assert.ok(foldedMeanwhile.length > 5, `others had ${turns} turns`);
    assert.deepEqual(ledger.verify(), []);
    const apart = await open(null);
    apart.fold(records);
    apart.fold(foldedMeanwhile);
    assert.deepEqual(totals(ledger), totals(apart));
    assert.notDeepEqual(totals(ledger), before);
    ledger.fold(records);
    ledger.fold(foldedMeanwhile);
    assert.deepEqual(totals(ledger), totals(apart), 'nothing counts twice');
    await ledger.checkpoint();
    await ledger.close();
    const again = await open();
    assert.deepEqual(again.verify(), []);
    assert.deepEqual(totals(again), totals(apart));
  });

  it('takes fuller copies that come while it is made into account before, and ignores them after', async () => {
    const records = manyRecords(3_000, 6, Date.UTC(2026, 9, 25));
    const ledger = await open();
    ledger.fold(records);
    await ledger.checkpoint();
    let turn = 0;
    const went = await whileRunning(ledger.retention.compact('2026-10'), () => {
      turn++;
      // What is asked for is kept in memory for a while, also when its messages are made sums of.
      ledger.fold(records);
      const fuller = records.slice(turn * 10, turn * 10 + 200).map((each) => ({
        ...each,
        tokens: { ...each.tokens, output: each.tokens.output + 100_000 },
      }));
      ledger.fold(fuller);
      return Promise.resolve();
    });
    assert.ok(went > 500);
    assert.deepEqual(ledger.verify(), []);
    const after = totals(ledger);
    await ledger.checkpoint();
    await ledger.close();
    const again = await open();
    assert.deepEqual(again.verify(), []);
    assert.deepEqual(totals(again), after);
  });

  it('counts none of its messages again, however often and full their copies come', async () => {
    const ledger = await open();
    ledger.fold([record({ epochMs: october }), record({ key: 'now' })]);
    await ledger.retention.compact('2026-10');
    const before = totals(ledger);
    const again = ledger.fold([
      record({ epochMs: october }),
      record({ epochMs: october, tokens: { output: 9_000 } }),
      record({ epochMs: noon, requestId: 'req_other' }),
    ]);
    assert.deepEqual([again.added, again.replaced, again.unchanged], [0, 0, 3]);
    assert.deepEqual(totals(ledger), before);
    await ledger.checkpoint();
    assert.ok(ledger.holdsOnDisk(['msg_1', 'now']), 'a journal that holds it can be cut');
    await ledger.close();
    const restarted = await open();
    restarted.fold([record({ epochMs: october, tokens: { output: 9_000 } })]);
    assert.deepEqual(totals(restarted), before);
    assert.deepEqual(restarted.verify(), []);
  });

  it('leaves what counts in other months as it was decided', async () => {
    const ledger = await open();
    // The parent's row of October counts, so the subagent's row of November does not.
    ledger.fold([
      record({ epochMs: october, requestId: 'req_parent' }),
      record({ epochMs: noon, requestId: 'req_side', sidechain: true }),
    ]);
    await ledger.checkpoint();
    const before = totals(ledger);
    assert.equal(await ledger.retention.compact('2026-10'), 1);
    repriceAll(ledger, () => ({
      cost: 1,
      assumed: false,
      missingOutputTokens: 0,
      missingCost: 0,
      cacheReadSaved: 7_000,
      cacheWriteExtra: 300,
    }));
    assert.deepEqual(totals(ledger), before, 'what was made sums of keeps its price');
    await ledger.checkpoint();
    await ledger.close();
    const restarted = await open();
    assert.deepEqual(totals(restarted), before);
    assert.deepEqual(restarted.verify(), []);
  });

  it('keeps messages without a price, for one may yet come', async () => {
    const ledger = await open();
    ledger.fold([
      record({ key: 'priced', epochMs: october }),
      record({ key: 'unpriced', epochMs: october, price: { cost: null } }),
    ]);
    assert.equal(await ledger.retention.compact('2026-10'), 1);
    assert.equal(await messageCount(ledger), 1);
    repriceAll(ledger, () => ({
      cost: 77,
      assumed: false,
      missingOutputTokens: 0,
      missingCost: 0,
      cacheReadSaved: 0,
      cacheWriteExtra: 0,
    }));
    let cost = 0;
    for (const { costNanoDollars } of totals(ledger).values()) cost += costNanoDollars;
    assert.equal(cost, 5_000_000 + 77);
    assert.deepEqual(ledger.verify(), []);
    assert.equal(await ledger.retention.compact('2026-10'), 1);
  });

  it('is still whole when its index file is lost', async () => {
    const ledger = await open();
    ledger.fold(manyRecords(500, 40));
    await ledger.retention.compact('2026-10');
    const before = totals(ledger);
    await ledger.close();
    for (const name of readdirSync(folder))
      if (name.endsWith('.index')) writeFileSync(join(folder, name), 'nonsense');
    const again = await open();
    assert.deepEqual(totals(again), before);
    assert.equal(again.fold(manyRecords(500, 40)).added, 0);
    assert.deepEqual(again.verify(), []);
  });

  it('is archived to a folder first, and its messages come back from there', async () => {
    const ledger = await open();
    ledger.fold(manyRecords(800, 40));
    const before = totals(ledger);
    const all = await messageCount(ledger);
    const path = await ledger.retention.archive('2026-10', archive);
    assert.equal(path, join(archive, 'usage-ledger-2026-10.sqlite'));
    assert.ok((await messageCount(ledger)) < all);
    assert.deepEqual(totals(ledger), before);
    await assert.rejects(
      ledger.retention.archive('2026-10', archive),
      (error: unknown) => LedgerError.is(error, 'invalid'),
      'there is nothing left to archive',
    );
    const archived = await openForeignMonth(path, wasmPath);
    assert.ok((await ledger.retention.restore(archived)) > 0);
    assert.equal(await ledger.retention.restore(archived), 0, 'the second time there is nothing to do');
    archived.close();
    assert.equal(await messageCount(ledger), all);
    assert.deepEqual(totals(ledger), before);
    assert.deepEqual(ledger.verify(), []);
    await ledger.close();
    const again = await open();
    assert.equal(await messageCount(again), all);
    assert.equal(again.fold(manyRecords(800, 40)).added, 0);
    assert.deepEqual(again.verify(), []);
  });

  it('is not touched when its archive cannot be written, or is another ledger’s', async () => {
    const ledger = await open();
    ledger.fold(manyRecords(300, 40));
    const all = await messageCount(ledger);
    writeFileSync(join(archive, 'usage-ledger-2026-10.sqlite'), 'mine');
    await assert.rejects(ledger.retention.archive('2026-10', archive));
    await assert.rejects(ledger.retention.archive('2026-10', join(archive, 'nowhere')));
    assert.equal(await messageCount(ledger), all);
    await ledger.retention.compact('2026-10');
    const before = totals(ledger);
    const otherFolder = join(archive, 'other');
    const other = await open(otherFolder);
    other.fold(manyRecords(300, 40).map((each) => ({ ...each, tokens: { ...each.tokens, output: 1_000 } })));
    await other.checkpoint();
    const foreign = await openForeignMonth(join(otherFolder, '2026-10.sqlite'), wasmPath);
    await assert.rejects(ledger.retention.restore(foreign), (error: unknown) =>
      LedgerError.is(error, 'invalid'),
    );
    foreign.close();
    assert.deepEqual(totals(ledger), before);
    assert.deepEqual(ledger.verify(), []);
    assert.ok(existsSync(join(folder, '2026-10.sqlite')));
  });
});
