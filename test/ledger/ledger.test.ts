import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LedgerError } from '../../src/model/errors';
import { addMeasures, measuresOf, noMeasures } from '../../src/model/measures';
import { quarterHourMs, quarterHourOf } from '../../src/model/time';
import type { CostState, PricedRecord } from '../../src/model/usageRecord';
import type { Ledger } from '../../src/ledger/ledger';
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
import { countedCalls, total } from './model';
import { said, tangledRecords } from './scenario';

function totalOf(ledger: Ledger, from = 0, to = Number.MAX_SAFE_INTEGER) {
  const sum = noMeasures();
  ledger.cube().forEach(from, to, (_quarter, _dimensions, measures) => addMeasures(sum, measures));
  return sum;
}

async function messagesOf(ledger: Ledger, filter: Parameters<Ledger['messages']>[0] = {}, chunk = 1000) {
  const rows = [];
  for await (const part of ledger.messages(filter, chunk)) rows.push(...part);
  return rows;
}

describe('ledger', function () {
  this.timeout(120_000);
  let folder: string;
  const opened: Ledger[] = [];
  const open: typeof openLedger = async (...args) => {
    const ledger = await openLedger(...args);
    opened.push(ledger);
    return ledger;
  };
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
    removeFolder(folder);
  });

  it('counts a call once however often it is folded', async () => {
    const ledger = await open(null);
    assert.equal(ledger.fold([record(), record()]).added, 1);
    const again = ledger.fold([record()]);
    assert.deepEqual([again.added, again.replaced, again.unchanged, again.quarters.size], [0, 0, 1, 0]);
    assert.equal(totalOf(ledger).messages, 1);
    assert.deepEqual(ledger.verify(), []);
  });

  it('lets the fuller copy replace the earlier one exactly', async () => {
    const ledger = await open(null);
    ledger.fold([record({ tokens: { output: 1 } })]);
    const result = ledger.fold([record({ tokens: { output: 900 }, price: { cost: 9 } })]);
    assert.equal(result.replaced, 1);
    assert.deepEqual([...result.quarters], [quarterHourOf(noon)]);
    assert.deepEqual(totalOf(ledger), measuresOf(record({ tokens: { output: 900 }, price: { cost: 9 } })));
    ledger.fold([record({ tokens: { output: 5 } })]);
    assert.equal(totalOf(ledger).outputTokens, 900);
    assert.deepEqual(ledger.verify(), []);
  });

  it('gives a message to the session whose file began first, whatever was read first', async () => {
    const fork = record({
      tokens: { output: 500 },
      project: '/fork',
      origin: { path: '/b', beganEpochMs: noon + 5, session: 'b' },
    });
    const original = record({
      project: '/original',
      origin: { path: '/a', beganEpochMs: noon + 1, session: 'a' },
    });
    for (const order of [
      [fork, original],
      [original, fork],
    ]) {
      const ledger = await open(null);
      for (const each of order) ledger.fold([each]);
      const [message] = await messagesOf(ledger);
      assert.deepEqual(
        [message?.session, message?.project, message?.total.outputTokens],
        ['a', '/original', 500],
      );
    }
  });

  it('keeps the parent of a subagent copy with another request, and both of two real requests', async () => {
    const ledger = await open(null);
    ledger.fold([
      record({ requestId: 'req_parent' }),
      record({ requestId: 'req_side', sidechain: true, tokens: { output: 999 } }),
      record({ key: 'twice', requestId: 'req_1' }),
      record({ key: 'twice', requestId: 'req_2' }),
      record({ key: 'side only', requestId: 'req_1', sidechain: true }),
      record({ key: 'late id', requestId: '' }),
      record({ key: 'late id', requestId: 'req_9', tokens: { output: 101 } }),
    ]);
    const rows = await messagesOf(ledger);
    assert.deepEqual(rows.map(({ id, total: { outputTokens } }) => `${id} ${outputTokens}`).sort(), [
      'late id 101',
      'msg_1 100',
      'side only 100',
      'twice 100',
      'twice 100',
    ]);
    assert.deepEqual(ledger.verify(), []);
  });

  it('counts a message as unfinished only while every copy is, and takes the fullest estimate', async () => {
    const ledger = await open(null);
    const line = (characters: number) =>
      record({
        unfinished: true,
        contentCharacters: characters,
        price: { missingOutputTokens: characters / 4, missingCost: characters },
      });
    ledger.fold([line(400), line(40)]);
    assert.equal(totalOf(ledger).missingOutputTokens, 100);
    assert.equal(totalOf(ledger).missingCostNanoDollars, 400);
    ledger.fold([record({ unfinished: false })]);
    const { unfinishedMessages, missingOutputTokens, missingCostNanoDollars } = totalOf(ledger);
    assert.deepEqual([unfinishedMessages, missingOutputTokens, missingCostNanoDollars], [0, 0, 0]);
    assert.deepEqual(ledger.verify(), []);
  });

  it('counts a sum of several calls as so many messages, also when it has been read anew', async () => {
    let ledger = await open(folder);
    ledger.fold([record(), record({ key: 'sum', requests: 40, price: { cost: null } })]);
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    const { messages, unpricedMessages } = totalOf(ledger);
    assert.deepEqual([messages, unpricedMessages], [41, 40]);
    assert.deepEqual(
      (await messagesOf(ledger)).map(({ total }) => total.messages),
      [1, 40],
    );
    assert.deepEqual(ledger.verify(), []);
    assert.throws(() => ledger.fold([record({ key: 'none', requests: 0 })]), /stands for no call/);
  });

  it('moves a message to the month of its better copy and leaves nothing behind', async () => {
    const border = Date.UTC(2026, 10, 1);
    let ledger = await open(folder);
    ledger.fold([
      record({ epochMs: border - 1, tokens: { output: 1 } }),
      record({ key: 'stays', epochMs: border - 1 }),
    ]);
    await ledger.checkpoint();
    ledger.fold([record({ epochMs: border, tokens: { output: 2 } })]);
    assert.deepEqual(ledger.verify(), []);
    assert.equal((await messagesOf(ledger)).length, 2);
    await ledger.checkpoint();
    assert.deepEqual(ledger.verify(), []);
    assert.equal(ledger.dirty, false);
    ledger = await open(folder);
    assert.deepEqual(
      (await messagesOf(ledger)).map(({ id, epochMs }) => [id, epochMs]),
      [
        ['stays', border - 1],
        ['msg_1', border],
      ],
    );
    assert.deepEqual(ledger.verify(), []);
    assert.deepEqual(ledger.months(), ['2026-10', '2026-11']);
  });

  it('says the same as the rules computed anew, in any order, batching, with checkpoints and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 12 }),
        async (seed, count, keys) => {
          const records = tangledRecords(count, seed, keys);
          const plain = await open(null);
          plain.fold(records);
          const expected = countedCalls(records);
          assert.deepEqual(totalOf(plain), total(expected));
          const messages = await messagesOf(plain);
          assert.deepEqual(
            messages
              .map(({ id, epochMs, session, project, model }) =>
                [id, epochMs, session, project, model].join(),
              )
              .sort(),
            expected
              .map(({ key, epochMs, origin, project, model }) =>
                [key, epochMs, origin.session, project, model].join(),
              )
              .sort(),
          );
          assert.deepEqual(plain.verify(), []);

          const place = temporaryFolder();
          let ledger = await openLedger(place, { maxOpenMonths: 1, maxPendingRows: 1 + (seed % 50) });
          const shuffled = [...records, ...records.slice(0, seed % count)].sort(
            (one, other) =>
              ((JSON.stringify(one).length * 31 + one.tokens.output * seed) % 97) -
              ((JSON.stringify(other).length * 31 + other.tokens.output * seed) % 97),
          );
          for (let at = 0, step = 0; at < shuffled.length; step++) {
            const size = 1 + ((seed + step * 7) % 23);
            ledger.fold(shuffled.slice(at, at + size));
            at += size;
            const dice = (seed + step * 13) % 6;
            if (dice < 2) await ledger.checkpoint();
            if (dice === 2) assert.deepEqual(ledger.verify(), []);
            if (dice === 3) {
              await ledger.checkpoint();
              await ledger.close();
              ledger = await openLedger(place, { maxOpenMonths: 1 });
              assert.deepEqual(ledger.verify(), []);
            }
          }
          assert.deepEqual(ledger.verify(), []);
          assert.deepEqual(await said(ledger), await said(plain));
          assert.equal((await ledger.checkpoint()).complete, true);
          await ledger.close();
          ledger = await openLedger(place);
          assert.deepEqual(await said(ledger), await said(plain));
          assert.deepEqual(ledger.verify(), []);
          await ledger.close();
          removeFolder(place);
          await plain.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('folds while a checkpoint is writing, and saves no cursor ahead of its records', async () => {
    let ledger = await open(folder);
    const records = manyRecords(1500, 40);
    let running: Promise<unknown> = Promise.resolve();
    for (let at = 0; at < records.length; at += 100) {
      ledger.fold(records.slice(at, at + 100));
      ledger.putCursor('/one.jsonl', { offset: at + 100 });
      if (at % 500 === 0) running = ledger.checkpoint();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    // What is on the disk now is some state in the middle: its cursor must not promise more than the months hold.
    const seen = await open(folder);
    const { offset } = seen.cursor('/one.jsonl') as { offset: number };
    assert.deepEqual(seen.verify(), []);
    const told = seen.fold(records.slice(0, offset));
    assert.deepEqual([told.added, told.replaced], [0, 0]);
    await seen.close();
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    assert.deepEqual(ledger.cursors(), new Map([['/one.jsonl', { offset: records.length }]]));
    assert.deepEqual(totalOf(ledger), total(countedCalls(records)));
  });

  it('saves the cursors as they were when the checkpoint began', async () => {
    let once = true;
    const ledger = await open(folder, {
      beforeWrite: () => {
        if (!once) return;
        once = false;
        ledger.fold([record({ key: 'meanwhile' })]);
        ledger.putCursor('/one.jsonl', { offset: 2 });
      },
    });
    ledger.fold([record()]);
    ledger.putCursor('/one.jsonl', { offset: 1 });
    await ledger.checkpoint();
    const seen = await open(folder);
    assert.deepEqual(seen.cursor('/one.jsonl'), { offset: 1 });
    await seen.close();
    assert.equal(ledger.dirty, true);
    await ledger.checkpoint();
    const later = await open(folder);
    assert.deepEqual(later.cursor('/one.jsonl'), { offset: 2 });
    assert.equal(totalOf(later).messages, 2);
  });

  it('moves sums exactly when prices change, in months on the disk and rows still in memory', async () => {
    const ledger = await open(folder, { maxOpenMonths: 1 });
    const records = tangledRecords(150, 11);
    ledger.fold(records.slice(0, 100));
    await ledger.checkpoint();
    ledger.fold(records.slice(100));
    const priceOf = ({ model, tokens }: PricedRecord): PricedRecord['price'] => ({
      cost: model === 'claude-opus-4-5' ? tokens.output * 7 : null,
      assumed: false,
      missingOutputTokens: 0,
      missingCost: 0,
      cacheReadSaved: tokens.cacheRead,
      cacheWriteExtra: 0,
    });
    const before = totalOf(ledger);
    const change = repriceAll(ledger, priceOf);
    const expected = total(countedCalls(records).map((call) => ({ ...call, price: priceOf(call) })));
    assert.deepEqual(totalOf(ledger), expected);
    assert.deepEqual(ledger.verify(), []);
    assert.deepEqual(
      [change.beforeNanoDollars, change.afterNanoDollars],
      [before.costNanoDollars, expected.costNanoDollars],
    );
    assert.deepEqual([...change.models].sort(), ['claude-haiku-4-5', 'claude-opus-4-5']);
    assert.equal(repriceAll(ledger, priceOf).messages, 0);
    assert.throws(() =>
      repriceAll(ledger, () => {
        throw new Error('no prices');
      }),
    );
    assert.deepEqual(totalOf(ledger), expected);
    assert.deepEqual(ledger.verify(), []);
    await ledger.checkpoint();
    const again = await open(folder);
    assert.deepEqual(totalOf(again), expected);
    assert.deepEqual(again.verify(), []);
  });

  it('keeps a month open that is on its way to the disk, should it not arrive', async () => {
    let broken = true;
    const ledger = await open(folder, {
      maxOpenMonths: 0,
      beforeWrite: () => {
        ledger.verify();
        if (broken) throw new LedgerError('lease-lost', 'another window leads');
      },
    });
    ledger.fold(manyRecords(50, 10));
    await assert.rejects(ledger.checkpoint());
    broken = false;
    assert.equal((await ledger.checkpoint()).complete, true);
    assert.deepEqual(ledger.verify(), []);
    assert.equal((await messagesOf(ledger)).length, 50);
  });

  it('writes nothing when nothing has changed, and only the month that has', async () => {
    let ledger = await open(folder);
    ledger.fold(manyRecords(300, 90));
    ledger.putCursor('/one.jsonl', { offset: 1 });
    assert.equal((await ledger.checkpoint()).files.length, 9);
    assert.deepEqual((await ledger.checkpoint()).files, []);
    await ledger.close();
    ledger = await open(folder);
    ledger.fold(manyRecords(300, 90));
    assert.equal(ledger.dirty, false);
    assert.deepEqual((await ledger.checkpoint()).files, []);
    ledger.fold([record({ key: 'new' })]);
    assert.equal(ledger.dirty, true);
    assert.deepEqual((await ledger.checkpoint()).files, [
      '2026-11.sqlite',
      '2026-11.index',
      'catalog.sqlite',
    ]);
  });

  it('starts from the index files without opening a month', async () => {
    let ledger = await open(folder);
    const records = manyRecords(300, 200);
    ledger.fold(records);
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    assert.equal(ledger.health().openMonths, 0);
    assert.deepEqual(totalOf(ledger), total(countedCalls(records)));
    assert.equal(ledger.fold([record({ key: 'new' })]).added, 1);
    assert.equal(ledger.health().openMonths, 0);
    assert.deepEqual(ledger.verify(), []);
  });

  it('streams messages in the order of time, filtered, in chunks, with few months open', async () => {
    const ledger = await open(folder, { maxOpenMonths: 2 });
    const records = manyRecords(2500, 300);
    ledger.fold(records);
    await ledger.checkpoint();
    const all = await messagesOf(ledger);
    assert.equal(all.length, 2500);
    assert.deepEqual(
      all.map(({ epochMs }) => epochMs),
      all.map(({ epochMs }) => epochMs).sort((one, other) => one - other),
    );
    let chunks = 0;
    for await (const chunk of ledger.messages({}, 100)) {
      chunks++;
      assert.ok(chunk.length <= 100);
    }
    assert.equal(chunks, 25);
    assert.ok(ledger.health().openMonths <= 2);
    const fromEpochMs = Date.UTC(2026, 11, 5);
    const toEpochMs = Date.UTC(2027, 1, 2);
    const some = await messagesOf(
      ledger,
      { fromEpochMs, toEpochMs, only: { model: ['claude-haiku-4-5'] } },
      7,
    );
    const expected = countedCalls(records).filter(
      ({ epochMs, model }) => epochMs >= fromEpochMs && epochMs < toEpochMs && model === 'claude-haiku-4-5',
    );
    assert.equal(some.length, expected.length);
    assert.ok(expected.length > 20);
  });

  it('closes each month that it opened for a reader once the reader has passed it', async () => {
    const first = await open(folder);
    first.fold(manyRecords(2500, 300));
    await first.checkpoint();
    await first.close();
    const ledger = await open(folder, { maxOpenMonths: 4 });
    assert.ok(ledger.months().length > 8);
    assert.equal(ledger.health().openMonths, 0);
    const mostOpen = async (chunks: AsyncIterable<unknown>): Promise<number> => {
      let most = 0;
      for await (const chunk of chunks) if (chunk !== null) most = Math.max(most, ledger.health().openMonths);
      return most;
    };
    assert.equal(await mostOpen(ledger.messages({}, 10)), 1);
    ledger.tidy(0);
    assert.equal(await mostOpen(ledger.sessionParts()), 1);
    // A month that is asked for again and again stays, whoever reads on from it.
    const fromEpochMs = Date.UTC(2026, 11);
    await messagesOf(ledger, { fromEpochMs, toEpochMs: Date.UTC(2027, 0) });
    const kept = ledger.health().openMonths;
    assert.equal(await mostOpen(ledger.messages({ fromEpochMs })), kept + 1);
  });

  it('visits the rollups of a range, edges included, and nothing else', async () => {
    const ledger = await open(null);
    const records = manyRecords(1000, 100);
    ledger.fold(records);
    const from = quarterHourOf(Date.UTC(2026, 9, 30));
    const to = quarterHourOf(Date.UTC(2026, 11, 3)) - 1;
    const inside = countedCalls(records).filter(
      ({ epochMs }) => epochMs >= from * quarterHourMs && epochMs < (to + 1) * quarterHourMs,
    );
    assert.deepEqual(totalOf(ledger, from, to), total(inside));
    const quarters: number[] = [];
    ledger.cube().forEach(from, to, (quarter) => quarters.push(quarter));
    assert.deepEqual(
      quarters,
      [...quarters].sort((one, other) => one - other),
    );
    const range = ledger.cube().range();
    assert.ok(range !== null);
    assert.equal(range.from, quarterHourOf(records[0]?.epochMs ?? 0));
    assert.equal(range.to, quarterHourOf(records.at(-1)?.epochMs ?? 0));
  });

  it('gives the room of places in transcripts back when most of them are deleted', async () => {
    const ledger = await open(folder);
    const paths = Array.from({ length: 3_000 }, (_, index) => `/projects/p/${index}.jsonl`);
    for (const path of paths) ledger.putCursor(path, { offset: 1, lines: 'x'.repeat(100) });
    await ledger.checkpoint();
    const bytes = statSync(join(folder, 'catalog.sqlite')).size;
    ledger.dropCursors(paths.slice(10));
    await ledger.checkpoint();
    assert.ok(statSync(join(folder, 'catalog.sqlite')).size < bytes / 10);
    await ledger.close();
    const again = await open(folder);
    assert.deepEqual([...again.cursors().keys()].sort(), paths.slice(0, 10).sort());
  });

  it('keeps the largest total that Claude Code states for a session', async () => {
    const state = (told: Partial<CostState>): CostState => ({
      session: 'one',
      path: '/one.jsonl',
      epochMs: noon,
      totalCost: 10,
      models: [],
      ...told,
    });
    let ledger = await open(folder);
    const september = Date.UTC(2026, 8, 30);
    ledger.foldCostStates([state({ totalCost: 20 }), state({ totalCost: 10 }), state({ session: 'two' })]);
    ledger.foldCostStates([state({ totalCost: 15, epochMs: september })]);
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    assert.equal(
      ledger.foldCostStates([state({ totalCost: 30, epochMs: september }), state({ session: 'two' })]),
      1,
    );
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    assert.deepEqual([ledger.costState('one')?.totalCost, ledger.costState('two')?.totalCost], [30, 10]);
  });

  it('keeps strange text apart that SQLite would run together', async () => {
    const keys = ['a\0b', 'a', 'a\ud800', 'a\udfff', 'ä', 'a\u0308', '😀', ''];
    const records = keys.map((key) =>
      record({ key, requestId: key, project: key, origin: { path: key, beganEpochMs: 1, session: key } }),
    );
    let ledger = await open(folder);
    ledger.fold(records);
    await ledger.checkpoint();
    await ledger.close();
    ledger = await open(folder);
    assert.equal(ledger.fold(records).unchanged, keys.length);
    assert.deepEqual(ledger.verify(), []);
  });

  it('refuses a batch with a number that cannot be counted, and takes nothing of it', async () => {
    const ledger = await open(null);
    const bad: PricedRecord[] = [
      record({ key: 'nan', tokens: { output: NaN } }),
      record({ key: 'half', tokens: { output: 0.5 } }),
      record({ key: 'huge', tokens: { output: 2 ** 53 } }),
      record({ key: 'when', epochMs: Infinity }),
      record({ key: 'future', epochMs: Date.UTC(4000, 0) }),
      record({ key: 'past', epochMs: -1 }),
    ];
    for (const each of bad)
      assert.throws(
        () => ledger.fold([record(), each]),
        (error) => LedgerError.is(error, 'invalid'),
      );
    assert.equal(totalOf(ledger).messages, 0);
  });

  it('lets nobody but its owner look into its folder and files', async function () {
    if (process.platform === 'win32') this.skip();
    const inner = join(folder, 'ledger');
    const ledger = await open(inner);
    ledger.fold(manyRecords(20, 60));
    ledger.putCursor('/one.jsonl', {});
    await ledger.checkpoint();
    ledger.fold([record({ key: 'more' })]);
    await ledger.checkpoint();
    assert.equal(statSync(inner).mode & 0o777, 0o700);
    const names = readdirSync(inner);
    assert.ok(names.some((name) => name.endsWith('.bak')));
    for (const name of names) assert.equal(statSync(join(inner, name)).mode & 0o777, 0o600, name);
  });

  it('says that it is closed', async () => {
    const ledger = await open(folder);
    await ledger.close();
    await ledger.close();
    assert.throws(
      () => ledger.fold([record()]),
      (error) => LedgerError.is(error, 'closed'),
    );
    await assert.rejects(ledger.checkpoint(), (error) => LedgerError.is(error, 'closed'));
  });

  it('folds fast (figures for the record)', async () => {
    const records = manyRecords(30_000, 40);
    const ledger = await open(folder, { wasmPath });
    const cpu = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    const timed = async (what: string, work: () => unknown) => {
      const began = performance.now();
      const beganCpu = cpu();
      await work();
      const wall = performance.now() - began;
      const rate = Math.round((records.length / wall) * 1000).toLocaleString('en');
      console.log(
        `      ${what}: ${wall.toFixed(0)} ms (${(cpu() - beganCpu).toFixed(0)} ms CPU), ${rate} copies/s`,
      );
    };
    const fold = () => {
      for (let at = 0; at < records.length; at += 2000) ledger.fold(records.slice(at, at + 2000));
    };
    await timed('fold of new messages', fold);
    await timed('checkpoint', () => ledger.checkpoint());
    await timed('fold of known messages', fold);
    assert.equal(totalOf(ledger).messages, 30_000);
  });
});
