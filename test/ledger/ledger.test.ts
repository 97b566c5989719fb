import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LedgerError } from '../../src/model/errors';
import { measuresOf } from '../../src/model/measures';
import { quarterHourOf } from '../../src/model/time';
import type { CostState, PricedRecord } from '../../src/model/usageRecord';
import { noon, openLedger, record, removeFolder, repriceAll, temporaryFolder } from './fixtures';
import { countedCalls, total } from './model';
import { said, tangledRecords } from './scenario';

import { messagesOf, totalOf, useLedgers } from './useLedgers';

describe('ledger', function () {
  this.timeout(120_000);
  let folder: string;
  const open = useLedgers((path) => (folder = path));

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
});
