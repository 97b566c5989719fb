import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../src/model/errors';
import type { Measures } from '../../src/model/measures';
import { openLedger, record } from '../ledger/fixtures';
import { engineStart, message, type TestEngine, writeTranscript } from './engineFixture';
import { TestEngines } from './testEngines';

describe('month files', function () {
  this.timeout(60_000);
  const engines = new TestEngines();

  function run(name: string, changes: Parameters<typeof engineStart>[1] = {}): TestEngine {
    return engines.start(
      engineStart([engines.at(`${name}-claude`)], {
        storageFolder: engines.at(name),
        hostName: name,
        ...changes,
      }),
    );
  }

  const allTime = async (engine: TestEngine): Promise<Measures> =>
    (await engine.client.call('snapshot', null)).periods.allTime.total;

  const messageCount = async (engine: TestEngine): Promise<number> => {
    const { stream } = await engine.client.call('openMessages', {});
    let count = 0;
    for (;;) {
      const { length } = await engine.client.call('nextMessages', { stream });
      if (length === 0) return count;
      count += length;
    }
  };

  it('of another machine are merged: each message once, under its own host, as often as one likes', async () => {
    writeTranscript(engines.at('laptop-claude'), 'one', message('shared'), message('mine', { minute: 1 }));
    writeTranscript(engines.at('desk-claude'), 'one', message('shared'), message('theirs', { minute: 2 }));
    const laptop = run('laptop');
    await laptop.messages(2);
    await laptop.client.call('flush', { windowId: 'x', save: true });
    const desk = run('desk');
    await desk.messages(2);
    const other = { folder: engines.at('laptop') };
    const before = readdirSync(engines.at('laptop/ledger')).map((name) =>
      name.endsWith('.sqlite') ? readFileSync(engines.at(`laptop/ledger/${name}`)) : name,
    );
    const dry = await desk.client.call('mergeLedger', { ...other, dryRun: true });
    assert.deepEqual([dry.added, dry.known, dry.months, dry.failures], [1, 1, 1, []]);
    assert.deepEqual(dry.hosts, ['laptop']);
    assert.equal((await allTime(desk)).messages, 2, 'a dry run takes nothing in');
    const merged = await desk.client.call('mergeLedger', { ...other, dryRun: false });
    assert.deepEqual([merged.added, merged.known], [1, 1]);
    assert.equal((await allTime(desk)).messages, 3);
    const again = await desk.client.call('mergeLedger', { ...other, dryRun: false });
    assert.deepEqual([again.added, again.known], [0, 2]);
    assert.equal((await allTime(desk)).messages, 3);
    const hosts = await desk.client.call('breakdown', { filter: {}, grain: 'total', by: ['host'] });
    assert.deepEqual(hosts.map(({ names, total }) => `${names.host} ${total.messages}`).sort(), [
      'desk 2',
      'laptop 1',
    ]);
    assert.deepEqual(
      readdirSync(engines.at('laptop/ledger')).map((name) =>
        name.endsWith('.sqlite') ? readFileSync(engines.at(`laptop/ledger/${name}`)) : name,
      ),
      before,
      'the other ledger is only read',
    );
    await desk.stop();
    const restarted = run('desk', { background: false });
    assert.equal((await allTime(restarted)).messages, 3);
  });

  it('that are damaged or strange are told, and keep the others from nothing', async () => {
    const other = await openLedger(engines.at('other/ledger'));
    other.fold([record()]);
    await other.checkpoint();
    await other.close();
    writeFileSync(engines.at('other/ledger/2026-01.sqlite'), 'nonsense');
    const desk = run('desk', { background: false });
    const merged = await desk.client.call('mergeLedger', { folder: engines.at('other'), dryRun: false });
    assert.equal(merged.added, 1);
    assert.deepEqual(
      merged.failures.map(({ reason }) => reason),
      ['corrupt'],
    );
    await assert.rejects(
      desk.client.call('mergeLedger', { folder: engines.at('nowhere'), dryRun: false }),
      (error: unknown) => LedgerError.is(error, 'not-found'),
    );
  });

  it('of which only sums are left are merged whole, once, or not at all', async () => {
    const other = await openLedger(engines.at('other/ledger'));
    other.fold([
      record({ epochMs: Date.UTC(2026, 8, 3) }),
      record({ key: 'b', epochMs: Date.UTC(2026, 8, 4) }),
    ]);
    await other.retention.compact('2026-09');
    await other.checkpoint();
    await other.close();
    const desk = run('desk', { background: false });
    const merge = () => desk.client.call('mergeLedger', { folder: engines.at('other'), dryRun: false });
    assert.equal((await merge()).sumsAdded, 1);
    const total = await allTime(desk);
    assert.deepEqual([total.messages, total.costNanoDollars], [2, 10_000_000]);
    assert.equal((await merge()).sumsKnown, 1);
    assert.deepEqual(await allTime(desk), total);
    await desk.stop();
    assert.deepEqual(await allTime(run('desk', { background: false })), total);
    // A ledger that knows one of the two messages cannot tell which part of the sums is new.
    const partial = await openLedger(engines.at('partial/ledger'));
    partial.fold([record({ epochMs: Date.UTC(2026, 8, 3) })]);
    await partial.checkpoint();
    await partial.close();
    const third = run('partial', { background: false });
    const refused = await third.client.call('mergeLedger', { folder: engines.at('other'), dryRun: false });
    assert.deepEqual([refused.sumsAdded, refused.sumsRefused], [0, 1]);
    assert.equal((await allTime(third)).messages, 1);
  });

  it('of the past are archived and restored; no total moves, and the transcripts add nothing', async () => {
    writeTranscript(engines.at('desk-claude'), 'one', message('a'), message('b', { minute: 1 }));
    const desk = run('desk');
    await desk.messages(2);
    const before = await allTime(desk);
    const archive = engines.at('archive');
    mkdirSync(archive);
    const { path } = await desk.client.call('archiveMonth', { month: '2026-02', folder: archive });
    assert.equal(path, join(archive, 'usage-ledger-2026-02.sqlite'));
    assert.equal(await messageCount(desk), 0);
    assert.deepEqual(await allTime(desk), before);
    writeTranscript(
      engines.at('desk-claude'),
      'fork',
      message('a', { output: 90 }),
      message('b', { minute: 1 }),
    );
    await desk.client.call('refresh', null);
    assert.deepEqual(await allTime(desk), before);
    const now = new Date().toISOString().slice(0, 7);
    await assert.rejects(
      desk.client.call('archiveMonth', { month: now, folder: archive }),
      (error: unknown) => LedgerError.is(error, 'invalid'),
    );
    assert.deepEqual(await desk.client.call('restoreMonth', { path }), {
      month: '2026-02',
      restored: 2,
      added: 0,
    });
    assert.equal(await messageCount(desk), 2);
    assert.deepEqual(await allTime(desk), before);
    const moved = engines.at('elsewhere-2026-02.sqlite');
    copyFileSync(path, moved);
    const fresh = run('fresh', { background: false });
    assert.deepEqual(await fresh.client.call('restoreMonth', { path: moved }), {
      month: '2026-02',
      restored: 0,
      added: 2,
    });
  });

  it('are made sums of when the setting says so, however often the month is read again', async () => {
    writeTranscript(engines.at('desk-claude'), 'one', message('a'), message('b', { minute: 1 }));
    const desk = run('desk');
    await desk.messages(2);
    const before = await allTime(desk);
    const { settings } = engineStart([]);
    await desk.client.call('configure', { ...settings, messageDetailMonths: 1 });
    const deadline = Date.now() + 10_000;
    while ((await messageCount(desk)) > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await messageCount(desk), 0);
    assert.deepEqual(await allTime(desk), before);
    assert.deepEqual((await desk.client.call('health', null)).ledger.maxOpenMonths, settings.openMonths);
  });
});
