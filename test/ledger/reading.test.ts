import assert from 'node:assert/strict';
import { quarterHourMs, quarterHourOf } from '../../src/model/time';
import { manyRecords } from './fixtures';
import { countedCalls, total } from './model';

import { messagesOf, totalOf, useLedgers } from './useLedgers';

describe('what the ledger tells', function () {
  this.timeout(120_000);
  let folder: string;
  const open = useLedgers((path) => (folder = path));

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
});
