import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LinkServer } from '../../src/engine/linkServer';
import { passOn } from '../../src/engine/passedCalls';
import { ledgerFolderOf, schemaVersion } from '../../src/engine/storage';
import { sweepLeftovers } from '../../src/engine/sweepLeftovers';
import { Lease } from '../../src/ledger/lease';
import { catalogueSchema, monthSchema } from '../../src/ledger/schema';
import type { ErrorMessage } from '../../src/model/errors';
import type { Snapshot } from '../../src/model/snapshot';
import { engineStart, message, type TestEngine, writeTranscript } from './engineFixture';
import { TestEngines } from './testEngines';

describe('versions of the extension side by side', function () {
  this.timeout(60_000);
  const engines = new TestEngines();
  beforeEach(() => {
    writeTranscript(engines.at('claude'), 'one', message('a'));
  });

  const storage = (): string => engines.at('storage');
  const ledger = (): string => ledgerFolderOf(storage());

  function run(): TestEngine & { readonly complaints: ErrorMessage[] } {
    const complaints: ErrorMessage[] = [];
    const engine = engines.start(engineStart([engines.at('claude')], { storageFolder: storage() }));
    engine.client.on('unavailable', (error) => complaints.push(error));
    return Object.assign(engine, { complaints });
  }

  async function complaint(complaints: readonly ErrorMessage[]): Promise<string | undefined> {
    const end = Date.now() + 20_000;
    while (complaints.length === 0 && Date.now() < end) await pause(20);
    return complaints[0]?.reason;
  }

  /** What is in the ledger's folder, with its bytes. */
  function files(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(ledger(), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(ledger(), name), 'base64')]),
    );
  }

  it('the number that a follower knows is that of the schema', () => {
    assert.equal(schemaVersion, Math.max(monthSchema.migrations.length, catalogueSchema.migrations.length));
  });

  it('an older one follows a newer leader, and never leads in its place', async () => {
    const some = run();
    const snapshot: Snapshot = { ...(await some.messages(1)), generation: 4_711 };
    await some.stop();
    const lease = await Lease.acquire({
      folder: ledger(),
      schemaVersion: schemaVersion + 1,
      onLost: () => undefined,
    });
    assert.ok(lease !== null);
    const nothing = (): never => assert.fail('not asked for');
    const server = await LinkServer.start({
      folder: ledger(),
      lease,
      schemaVersion: schemaVersion + 1,
      handlers: () => ({
        ...passOn(nothing),
        snapshot: () => snapshot,
        refresh: () => snapshot,
        flush: () => ({ durable: 'ledger', records: 3 }),
        attention: () => null,
        configure: () => null,
        rateCards: () => [],
        shutdown: nothing,
      }),
      onConnection: (endpoint) => endpoint.tell('snapshot', snapshot),
    });
    const before = files();
    const older = run();
    try {
      const seen = await older.until(({ generation }) => generation === 4_711);
      assert.equal(seen.scan.role, 'follower');
      assert.deepEqual(await older.client.call('flush', { windowId: 'some', save: true }), {
        durable: 'ledger',
        records: 3,
      });
      assert.deepEqual(older.complaints, []);
    } finally {
      await lease.release();
      await server.close();
    }
    // Nobody leads now, and it is too old to.
    assert.equal(await complaint(older.complaints), 'newer-schema');
    assert.deepEqual(await older.client.call('flush', { windowId: 'some', save: true }), {
      durable: 'journal',
      records: 0,
    });
    await pause(1_000);
    const left = files();
    delete before['link.json'];
    assert.deepEqual(left, before);
  });

  it('an older one that finds nobody to follow says that it must be reloaded, and answers so', async () => {
    mkdirSync(ledger(), { recursive: true });
    const record = {
      epoch: 5,
      holder: 'x',
      pid: 1,
      host: 'desk',
      startedAt: 1,
      schemaVersion: schemaVersion + 1,
    };
    writeFileSync(join(ledger(), 'lease.json'), JSON.stringify(record));
    const older = run();
    await assert.rejects(older.client.call('snapshot', null), { reason: 'newer-schema' });
    assert.equal(await complaint(older.complaints), 'newer-schema');
    assert.deepEqual(await older.client.call('flush', { windowId: 'some', save: true }), {
      durable: 'journal',
      records: 0,
    });
    assert.equal(older.complaints.length, 1, 'it is said once');
    assert.deepEqual(readdirSync(ledger()), ['lease.json']);
  });

  it('an older one does not write to a file of a newer schema, even where no leader has left its number', async () => {
    const first = run();
    await first.messages(1);
    await first.stop();
    // The lower byte of SQLite's application id is the schema's version.
    const month = join(ledger(), '2026-02.sqlite');
    const bytes = readFileSync(month);
    bytes[71]! += 1;
    writeFileSync(month, bytes);
    const before = files();
    writeTranscript(engines.at('claude'), 'two', message('b'));
    const older = run();
    assert.equal(await complaint(older.complaints), 'newer-schema');
    const after = files();
    for (const each of [before, after]) delete each['lease.json'];
    assert.deepEqual(after, before);
  });

  it('streams end with the leader that opened them, and a new one can be opened', async () => {
    const first = run();
    await first.messages(1);
    const second = run();
    await second.messages(1);
    const { stream } = await second.client.call('openMessages', {});
    await first.stop();
    await second.until(({ scan }) => scan.role === 'leader');
    await assert.rejects(second.client.call('nextMessages', { stream }), { reason: 'not-found' });
    const again = await second.client.call('openMessages', {});
    assert.equal((await second.client.call('nextMessages', again)).length, 1);
  });

  it('small files that dead processes left half written are swept, those of living ones are not', () => {
    mkdirSync(ledger(), { recursive: true });
    // Above the largest process id that Linux gives.
    const dead = 4_194_305;
    const names = [`lease.json.${dead}.0a1b2c3d.tmp`, `link.json.${dead}.0a1b2c3d.tmp`];
    for (const name of names) writeFileSync(join(ledger(), name), '');
    for (const name of ['latest', 'rates'])
      writeFileSync(join(storage(), `${name}.json.${dead}-1-1.tmp`), '');
    const alive = `lease.json.${process.pid}.0a1b2c3d.tmp`;
    writeFileSync(join(ledger(), alive), '');
    sweepLeftovers(storage(), () => assert.fail('nothing to complain about'));
    assert.deepEqual(readdirSync(ledger()), [alive]);
    assert.deepEqual(readdirSync(storage()), ['ledger']);
  });
});
