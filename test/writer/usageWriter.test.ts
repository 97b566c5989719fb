import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FlushOutcome } from '../../src/api';
import { entry, readJournal, remove, startWriter, temporaryFolder, waitUntil, type Harness } from './support';

/** An engine that confirms, and remembers what lay closed in the journal when it was asked. */
function confirming(folder: () => string) {
  const asked: number[] = [];
  return {
    asked,
    async flush(): Promise<FlushOutcome> {
      const { records, segments, closed } = await readJournal(folder());
      assert.equal(closed, segments, 'every segment is closed when the engine is asked');
      asked.push(records.length);
      return { durable: 'ledger', records: records.length };
    },
  };
}

describe('the usage writer', function () {
  this.timeout(20_000);
  let folder: string;
  const running: Harness[] = [];
  const start: typeof startWriter = (...args) => {
    const harness = startWriter(...args);
    running.push(harness);
    return harness;
  };
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ writer }) => writer.shutdown()));
    remove(folder);
  });

  it('returns the completed, priced record at once and touches no file on the way', async () => {
    const { writer, folders } = start(folder);
    const record = writer.record(entry('a'));
    assert.equal(record.key, 'api:a');
    assert.equal(record.price.cost, 110_000);
    assert.deepEqual(await readJournal(folders.primary), {
      records: [],
      keys: [],
      badLines: [],
      segments: 0,
      closed: 0,
    });
    assert.equal(writer.stats().queued, 1);
  });

  it('has a record in the journal soon, without a flush', async () => {
    const { writer, folders } = start(folder, { settings: { flushIntervalMs: 1e6 } });
    const { price, ...record } = writer.record(entry('a'));
    assert.ok(price);
    await waitUntil(() => writer.stats().journaled === 1, 'it is written');
    const { records } = await readJournal(folders.primary);
    assert.deepEqual(records, [record]);
    assert.equal(writer.stats().queued, 0);
  });

  it('flushes when enough records wait, all of a burst at once', async () => {
    const sink = confirming(() => join(folder, 'journal'));
    const { writer } = start(folder, { sink, settings: { flushRecords: 10, flushIntervalMs: 1e6 } });
    for (let index = 0; index < 25; index++) writer.record(entry());
    await waitUntil(() => writer.stats().flushed === 25, 'the burst is flushed');
    assert.deepEqual(sink.asked, [25]);
    assert.equal(writer.stats().flushes, 1);
  });

  it('flushes after a while when few records wait', async () => {
    const sink = confirming(() => join(folder, 'journal'));
    const { writer } = start(folder, { sink, settings: { flushIntervalMs: 30 } });
    writer.record(entry());
    await waitUntil(() => writer.stats().flushed === 1, 'it is flushed');
  });

  it('writes a bounded number of records at a time and keeps the order', async () => {
    const { writer, folders } = start(folder, { settings: { batchRecords: 10, flushIntervalMs: 1e6 } });
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    for (const id of ids) writer.record(entry(id));
    await writer.flush();
    const { batches, largestBatch } = writer.stats();
    assert.deepEqual([batches, largestBatch], [3, 100]);
    const { records } = await readJournal(folders.primary);
    assert.deepEqual(
      records.map(({ key }) => key),
      ids.map((id) => `api:${id}`),
    );
  });

  it('resolves a flush with the ledger only when the engine confirms', async () => {
    const { writer, folders } = start(folder);
    writer.record(entry('a'));
    assert.deepEqual(await writer.flush(), { durable: 'journal', records: 1 });
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
    writer.setSink(confirming(() => folders.primary));
    writer.record(entry('b'));
    assert.deepEqual(await writer.flush(), { durable: 'ledger', records: 2 });
    assert.deepEqual(await writer.flush(), { durable: 'ledger', records: 0 });
    assert.equal(writer.stats().flushed, 2);
  });

  it('joins flushes that are asked for while one is under way', async () => {
    const sink = confirming(() => join(folder, 'journal'));
    const { writer } = start(folder, { sink, settings: { flushRecords: 1e6 } });
    writer.record(entry());
    const first = writer.flush();
    writer.record(entry());
    const later = [writer.flush(), writer.flush(), writer.flush()];
    const results = [await first, ...(await Promise.all(later))];
    assert.ok(results.every(({ durable }) => durable === 'ledger'));
    const { flushed, flushes } = writer.stats();
    assert.equal(flushed, 2, 'both are in the ledger when the last has resolved');
    assert.ok(flushes <= 2, 'three callers share one flush');
  });

  it('says in totals what the ledger does not have yet', async () => {
    const { writer } = start(folder);
    for (let index = 0; index < 3; index++) writer.record(entry());
    await writer.flush();
    writer.record(entry());
    await writer.flush();
    const [group, ...others] = [...writer.pending().values()];
    assert.equal(others.length, 0);
    assert.deepEqual([group?.total.messages, group?.total.costNanoDollars], [4, 440_000]);
    writer.setSink(confirming(() => join(folder, 'journal')));
    await writer.flush();
    assert.equal(writer.pending().size, 0);
  });

  it('keeps nothing of a wrong entry', async () => {
    const { writer } = start(folder);
    assert.throws(() => writer.record(entry('a', { inputTokens: -1 })), /inputTokens/);
    assert.deepEqual(await writer.flush(), { durable: 'ledger', records: 0 });
    assert.equal(writer.stats().accepted, 0);
  });

  it('writes on the spot in sync mode', async () => {
    const { writer, folders } = start(folder, { settings: { mode: 'sync' } });
    writer.record(entry('a'));
    assert.equal(writer.stats().journaled, 1);
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
    writer.setSink(confirming(() => folders.primary));
    assert.deepEqual(await writer.flush(), { durable: 'ledger', records: 1 });
  });

  it('writes before the turn ends with immediate durability, a turn at a time', async () => {
    const { writer } = start(folder, { settings: { durability: 'immediate' } });
    writer.record(entry());
    writer.record(entry());
    assert.equal(writer.stats().journaled, 0);
    await Promise.resolve();
    const { journaled, batches } = writer.stats();
    assert.deepEqual([journaled, batches], [2, 1]);
  });

  it('writes before the turn ends with immediate durability, also what a flush is asked for in that turn', async () => {
    const { writer } = start(folder, { settings: { durability: 'immediate' } });
    writer.record(entry());
    const flushed = writer.flush();
    await Promise.resolve();
    assert.equal(writer.stats().journaled, 1);
    await flushed;
  });

  it('writes at once while the engine does not answer, and in the background when it is back', async () => {
    let gone = true;
    const sink = {
      flush: () =>
        gone
          ? Promise.reject(new Error('gone'))
          : Promise.resolve({ durable: 'ledger' as const, records: 0 }),
    };
    const { writer, log } = start(folder, { sink, settings: { flushIntervalMs: 1e6 } });
    for (let attempt = 0; attempt < 3; attempt++) {
      assert.equal(writer.stats().mode, 'async');
      writer.record(entry());
      assert.equal((await writer.flush()).durable, 'journal');
    }
    assert.deepEqual([writer.stats().mode, writer.stats().degraded], ['sync', 'no-engine']);
    writer.record(entry());
    assert.equal(writer.stats().journaled, 4);
    gone = false;
    assert.deepEqual(await writer.flush(), { durable: 'ledger', records: 4 });
    assert.deepEqual([writer.stats().mode, writer.stats().degraded], ['async', null]);
    assert.ok(log.some(({ message }) => message.includes('back')));
  });

  it('asks an engine again that did not confirm, by itself', async () => {
    let attempts = 0;
    const sink = {
      flush: () =>
        attempts++ === 0
          ? Promise.reject(new Error('busy'))
          : Promise.resolve({ durable: 'ledger' as const, records: 1 }),
    };
    const { writer } = start(folder, { sink, settings: { flushIntervalMs: 10 } });
    writer.record(entry());
    await waitUntil(() => writer.stats().flushed === 1, 'the engine has confirmed');
    assert.equal(attempts, 2);
  });

  it('drains on shutdown, with one promise for all callers', async () => {
    const sink = confirming(() => join(folder, 'journal'));
    const { writer, folders } = start(folder, { sink });
    for (let index = 0; index < 1_000; index++) writer.record(entry());
    const first = writer.shutdown();
    assert.equal(writer.shutdown(), first);
    await first;
    const stats = writer.stats();
    assert.deepEqual([stats.journaled, stats.flushed, stats.queued, stats.dropped], [1_000, 1_000, 0, 0]);
    assert.equal((await readJournal(folders.primary)).keys.length, 1_000);
  });

  it('still takes records after shutdown, at once', async () => {
    const { writer, folders } = start(folder);
    await writer.shutdown();
    writer.record(entry('late'));
    assert.deepEqual((await readJournal(folders.primary)).keys, ['late']);
  });

  it('shuts down in time when the engine hangs', async () => {
    const sink = { flush: () => new Promise<FlushOutcome>(() => undefined) };
    const { writer, folders } = start(folder, { sink });
    writer.record(entry('a'));
    const began = performance.now();
    await writer.shutdown();
    assert.ok(performance.now() - began < 4_500);
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
  });

  it('sums up what waits beyond the limit, exactly, and says so', async () => {
    const { writer, folders } = start(folder, { settings: { maxQueuedRecords: 100, flushRecords: 1e6 } });
    const models = ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5'];
    let input = 0;
    for (let index = 0; index < 1_000; index++) {
      input += index;
      writer.record(entry(undefined, { model: models[index % 3]!, inputTokens: index }));
    }
    assert.equal(writer.stats().aggregated, 900);
    assert.equal(writer.stats().queued, 1_000);
    await writer.flush();
    const { records, keys } = await readJournal(folders.primary);
    assert.equal(new Set(keys).size, 1_000);
    const sum = (of: (record: (typeof records)[number]) => number) =>
      records.reduce((total, record) => total + of(record), 0);
    assert.equal(
      sum(({ tokens }) => tokens.input),
      input,
    );
    assert.equal(
      sum(({ tokens, reportedCost }) => reportedCost ?? (tokens.input + tokens.output) * 1_000),
      (input + 10_000) * 1_000,
    );
    for (const [index, model] of models.entries()) {
      assert.equal(records.filter((record) => record.model === model).length, index === 0 ? 334 : 333);
    }
  });

  it('counts an id once also among what is summed up', async () => {
    const { writer, folders } = start(folder, { settings: { maxQueuedRecords: 1, flushRecords: 1e6 } });
    for (const id of ['a', 'b', 'b', 'c', 'b']) writer.record(entry(id));
    await writer.flush();
    assert.equal((await readJournal(folders.primary)).records.length, 3);
  });

  it('keeps files and folders to their owner', async function () {
    if (process.platform === 'win32') this.skip();
    const { writer, folders, window } = start(folder);
    writer.record(entry());
    await writer.flush();
    assert.equal(statSync(folders.primary).mode & 0o777, 0o700);
    assert.equal(statSync(join(folders.primary, `${window.windowId}.000001.jsonl`)).mode & 0o777, 0o600);
  });

  it('writes nothing while nothing is recorded', async () => {
    const { writer } = start(folder, { settings: { flushIntervalMs: 5 }, sink: confirming(() => folder) });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await writer.flush();
    assert.equal(writer.stats().flushes, 0);
    assert.deepEqual((await readJournal(join(folder, 'journal'))).segments, 0);
  });

  it('lets a program end by itself with everything written', () => {
    const child = spawnSync(process.execPath, [join(__dirname, 'recordAndEnd.js'), folder], {
      encoding: 'utf8',
    });
    assert.equal(child.status, 0, child.stderr);
    return readJournal(join(folder, 'journal')).then(({ keys }) => assert.deepEqual(keys, ['a', 'b']));
  });
});
