import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../src/model/errors';
import { manyRecords, record } from './fixtures';
import { countedCalls, total } from './model';

import { messagesOf, totalOf, useLedgers } from './useLedgers';

describe('what the ledger saves', function () {
  this.timeout(120_000);
  let folder: string;
  const open = useLedgers((path) => (folder = path));

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
});
