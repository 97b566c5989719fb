import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'sql.js';
import { LedgerError } from '../../src/model/errors';
import type { Ledger, LedgerOptions } from '../../src/ledger/ledger';
import type { Recovery } from '../../src/ledger/recovery';
import { loadSqlEngine, messageColumns, monthSchema, openDatabase, scalar } from '../../src/ledger/schema';
import { faultyFileSystem, systemError } from './faultyFileSystem';
import { manyRecords, noon, openLedger, record, removeFolder, temporaryFolder, wasmPath } from './fixtures';
import { expectedOf, said, tangledRecords } from './scenario';

const october = '2026-10.sqlite';
const records = tangledRecords(200, 3);
const more = tangledRecords(200, 4);

/** Writes rubbish over the middle, where the rows are, and leaves the header as it was. */
function spoil(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 200, bytes.length - 200);
  writeFileSync(path, bytes);
}

describe('ledger recovery', function () {
  this.timeout(120_000);
  let folder: string;
  let ledger: Ledger | null = null;
  const recoveries: Recovery[] = [];
  const path = (name: string) => join(folder, name);
  const open = async (options: Partial<LedgerOptions> = {}) => {
    await ledger?.close();
    ledger = await openLedger(folder, { onRecovery: (found) => recoveries.push(...found), ...options });
    return ledger;
  };
  const archived = () => (readdirSync(folder).includes('corrupt') ? readdirSync(path('corrupt')) : []);

  /** Two generations of everything on the disk. */
  beforeEach(async () => {
    folder = temporaryFolder();
    recoveries.length = 0;
    ledger = await openLedger(folder);
    ledger.fold(records);
    ledger.putCursor('/one.jsonl', { offset: 1 });
    await ledger.checkpoint();
    ledger.fold(more);
    ledger.putCursor('/one.jsonl', { offset: 2 });
    await ledger.checkpoint();
    await ledger.close();
    ledger = null;
  });
  afterEach(async () => {
    await ledger?.close();
    ledger = null;
    removeFolder(folder);
  });

  /** Whatever was lost, reading everything again makes it whole. */
  async function healed(): Promise<void> {
    const now = ledger!;
    assert.deepEqual(now.verify(), []);
    assert.deepEqual(now.cursors(), new Map(), 'the cursors are gone, so everything is read again');
    now.fold(records);
    now.fold(more);
    assert.deepEqual(await said(now), await expectedOf([...records, ...more]));
    assert.equal((await now.checkpoint()).complete, true);
    recoveries.length = 0;
    await open();
    assert.deepEqual(recoveries, []);
    assert.deepEqual(ledger!.verify(), []);
    assert.deepEqual(await said(ledger!), await expectedOf([...records, ...more]));
  }

  const damages: [string, (name: string) => void][] = [
    ['overwritten', (name) => writeFileSync(path(name), 'no database at all')],
    ['emptied', (name) => truncateSync(path(name), 0)],
    ['cut short', (name) => truncateSync(path(name), 6000)],
    [
      'replaced by a folder',
      (name) => {
        unlinkSync(path(name));
        mkdirSync(path(name));
        writeFileSync(join(path(name), 'inside'), 'x');
      },
    ],
  ];
  for (const [how, damage] of damages) {
    it(`takes the backup of a month that was ${how}, and archives it`, async () => {
      damage(october);
      await open();
      assert.deepEqual(
        recoveries.map(({ file, outcome }) => [file, outcome]),
        [[october, 'backup']],
      );
      assert.ok(archived().some((name) => name.endsWith(`-${october}`)));
      await healed();
    });

    it(`starts a month afresh when it and its backup were ${how}`, async () => {
      damage(october);
      damage(`${october}.bak`);
      await open();
      assert.deepEqual(
        recoveries.map(({ file, outcome, archived: names }) => [file, outcome, names.length]),
        [[october, 'fresh', 2]],
      );
      await healed();
    });

    it(`recovers from a catalogue that was ${how}`, async () => {
      damage('catalog.sqlite');
      await open();
      assert.deepEqual(
        recoveries.map(({ file, outcome }) => [file, outcome]),
        [['catalog.sqlite', 'backup']],
      );
      damage('catalog.sqlite.bak');
      await healed();
    });

    it(`rebuilds an index that was ${how}, and says nothing of it`, async () => {
      damage('2026-10.index');
      const { length } = archived();
      await open();
      assert.deepEqual(recoveries, []);
      assert.equal(ledger!.cursors().size, 1);
      assert.deepEqual(ledger!.verify(), []);
      assert.deepEqual((await ledger!.checkpoint()).files, ['2026-10.index']);
      await open();
      assert.deepEqual(await said(ledger!), await expectedOf([...records, ...more]));
      if (how === 'replaced by a folder') assert.ok(archived().length > length);
    });
  }

  it('finds damage inside a month that two months share keys with, as it opens', async () => {
    spoil(path(october));
    await open();
    assert.deepEqual(
      recoveries.map(({ file, outcome }) => [file, outcome]),
      [[october, 'backup']],
    );
    await healed();
  });

  describe('of damage that header and index hide', () => {
    const plain = manyRecords(200, 60);
    const late = record({ key: 'new', epochMs: Date.UTC(2026, 9, 12) });
    beforeEach(async () => {
      removeFolder(folder);
      await open();
      ledger!.fold(plain.slice(0, 50));
      await ledger!.checkpoint();
      ledger!.fold(plain);
      ledger!.putCursor('/one.jsonl', { offset: 1 });
      await ledger!.checkpoint();
      spoil(path(october));
      recoveries.length = 0;
      await open();
      assert.deepEqual(recoveries, []);
      assert.equal(ledger!.cursors().size, 1);
    });
    it('comes to light while another month waits in its database to be saved, and that is kept', async () => {
      await open({ maxPendingRows: 0 });
      const january = record({ key: 'january', epochMs: Date.UTC(2027, 0, 5) });
      ledger!.fold([january]);
      assert.equal(ledger!.health().pendingRows, 0);
      ledger!.fold(plain);
      assert.equal(recoveries.length, 1);
      assert.deepEqual(await said(ledger!), await expectedOf([...plain, january]));
      assert.deepEqual(ledger!.verify(), []);
    });

    const works: [string, () => unknown][] = [
      ['a fold', () => ledger!.fold(plain.slice(0, 10))],
      ['a fold of what is not on the disk yet', () => ledger!.fold([late, ...plain.slice(0, 10)])],
      ['a read of messages', () => said(ledger!)],
      ['verify', () => ledger!.verify()],
      ['a checkpoint', () => ledger!.checkpoint()],
    ];
    for (const [what, work] of works)
      it(`comes to light in ${what}, and nothing that was folded is lost`, async () => {
        ledger!.fold([late]);
        ledger!.foldCostStates([{ session: 's', path: '/p', epochMs: noon, totalCost: 5, models: [] }]);
        await work();
        assert.deepEqual(
          recoveries.map(({ file, outcome }) => [file, outcome]),
          [[october, 'backup']],
        );
        assert.equal(ledger!.cursors().size, 0);
        assert.equal(ledger!.costState('s')?.totalCost, 5);
        assert.deepEqual(ledger!.verify(), []);
        ledger!.fold(plain);
        assert.deepEqual(await said(ledger!), await expectedOf([...plain, late]));
        assert.equal((await ledger!.checkpoint()).complete, true);
        await open();
        assert.deepEqual(ledger!.verify(), []);
        assert.deepEqual(await said(ledger!), await expectedOf([...plain, late]));
      });
  });

  it('notices a month that was taken away or put back', async () => {
    const before = readFileSync(path(october));
    const oldIndex = readFileSync(path('2026-10.index'));
    await open();
    ledger!.fold([record({ key: 'new', epochMs: Date.UTC(2026, 9, 9) })]);
    await ledger!.checkpoint();
    // The catalogue of the next checkpoint knows the generation of this one.
    ledger!.putCursor('/one.jsonl', { offset: 3 });
    await ledger!.checkpoint();
    await ledger!.close();
    ledger = null;
    writeFileSync(path(october), before);
    writeFileSync(path('2026-10.index'), oldIndex);
    await open();
    assert.deepEqual(
      recoveries.map(({ file }) => file),
      [october],
    );
    assert.equal(ledger!.cursors().size, 0);
    ledger!.putCursor('/one.jsonl', { offset: 3 });
    await ledger!.checkpoint();
    for (const name of readdirSync(folder)) if (name.startsWith('2026-10')) rmSync(path(name));
    recoveries.length = 0;
    await open();
    assert.deepEqual(
      recoveries.map(({ file }) => file),
      [october],
    );
    assert.deepEqual(ledger!.verify(), []);
  });

  it('uses the backup of a month whose primary is gone', async () => {
    unlinkSync(path(october));
    await open();
    assert.deepEqual(
      recoveries.map(({ outcome }) => outcome),
      ['backup'],
    );
    await healed();
  });

  for (const name of [october, 'catalog.sqlite'])
    it(`leaves everything alone when ${name} is of a newer schema`, async () => {
      const bytes = readFileSync(path(name));
      bytes.writeUInt8(200, 71);
      writeFileSync(path(name), bytes);
      const before = readdirSync(folder).map((each) => [each, readFileSync(path(each)).toString('base64')]);
      await assert.rejects(open(), (error) => LedgerError.is(error, 'newer-schema'));
      const after = readdirSync(folder).map((each) => [each, readFileSync(path(each)).toString('base64')]);
      assert.deepEqual(after, before);
    });

  it('does not take a file that cannot be read for a damaged one', async () => {
    await assert.rejects(
      open({
        fs: {
          ...faultyFileSystem(() => undefined),
          readHead: () => {
            throw systemError('EACCES');
          },
        },
      }),
      (error) => LedgerError.is(error, 'permission'),
    );
    assert.deepEqual(archived(), []);
  });

  it('takes a message of the first schema for one call', async () => {
    const sql = await loadSqlEngine(wasmPath);
    const first = openDatabase(sql, { ...monthSchema, migrations: monthSchema.migrations.slice(0, 1) }, null);
    const columns = messageColumns.filter((name) => name !== 'requests');
    first.db.exec(
      `INSERT INTO message (hash, slot, ${columns.join(', ')}) VALUES (7, 0, ${columns.map(() => '1').join(', ')})`,
    );
    const { db, migrated } = openDatabase(sql, monthSchema, first.db.export());
    assert.equal(migrated, true);
    assert.equal(scalar(db, 'SELECT requests FROM message WHERE hash = 7'), 1);
    assert.equal(scalar(db, 'SELECT count(*) FROM compacted_key'), 0);
    first.db.close();
    db.close();
  });

  it('brings an older schema forward, once, keeping the rows', async () => {
    const sql = await loadSqlEngine(wasmPath);
    const bytes = readFileSync(path(october));
    const next = {
      ...monthSchema,
      migrations: [
        ...monthSchema.migrations,
        (db: Database) => void db.exec('ALTER TABLE message ADD COLUMN mood TEXT'),
      ],
    };
    const { db, migrated } = openDatabase(sql, next, bytes);
    assert.equal(migrated, true);
    assert.ok(Number(scalar(db, 'SELECT count(*) FROM message WHERE mood IS NULL')) > 0);
    const again = openDatabase(sql, next, db.export());
    assert.equal(again.migrated, false);
    assert.throws(
      () => openDatabase(sql, monthSchema, again.db.export()),
      (error) => LedgerError.is(error, 'newer-schema'),
    );
    db.close();
    again.db.close();
  });

  it('saves the other months when one cannot be written, but not the catalogue', async () => {
    const fs = faultyFileSystem(({ path: to, operation }) => {
      if (operation === 'create' && to.includes(october)) throw systemError('ENOSPC');
      return undefined;
    });
    await open({ fs });
    ledger!.fold([record({ key: 'new' }), record({ key: 'newer', epochMs: Date.UTC(2026, 9, 9) })]);
    ledger!.putCursor('/one.jsonl', { offset: 3 });
    const { complete, files, failures } = await ledger!.checkpoint();
    assert.equal(complete, false);
    assert.deepEqual(files, ['2026-11.sqlite', '2026-11.index']);
    assert.deepEqual(
      failures.map(({ file, reason }) => [file, reason]),
      [[october, 'disk-full']],
    );
    const other = await openLedger(folder);
    assert.deepEqual(other.cursor('/one.jsonl'), { offset: 2 });
    await other.close();
  });

  it('writes nothing once the lease is lost, and says so', async () => {
    let lost = false;
    await open({
      beforeWrite: () => {
        if (lost) throw new LedgerError('lease-lost', 'another window leads');
      },
    });
    const before = readdirSync(folder).map((name) => [name, readFileSync(path(name)).toString('base64')]);
    ledger!.fold([record({ key: 'new', epochMs: noon })]);
    lost = true;
    await assert.rejects(ledger!.checkpoint(), (error) => LedgerError.is(error, 'lease-lost'));
    const after = readdirSync(folder).map((name) => [name, readFileSync(path(name)).toString('base64')]);
    assert.deepEqual(after, before);
    lost = false;
    assert.equal((await ledger!.checkpoint()).complete, true);
  });

  it('replaces a folder that took the place of a file while it was at work', async () => {
    await open();
    renameSync(path(october), path('elsewhere'));
    mkdirSync(path(october));
    ledger!.fold([record({ key: 'late', epochMs: Date.UTC(2026, 9, 9) })]);
    assert.equal((await ledger!.checkpoint()).complete, true);
    assert.ok(archived().length > 0);
    await ledger!.close();
    ledger = null;
    await open();
    assert.deepEqual(ledger!.verify(), []);
  });
});
