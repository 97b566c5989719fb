import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerError } from '../../src/model/errors';
import { LeaseWaiter } from '../../src/ledger/leaseWaiter';
import { newFolder, lockOf, isLost, acquire, tryAcquire, releaseLeases, removeLeases } from './leaseFixture';

describe('a lease', () => {
  afterEach(releaseLeases);
  after(removeLeases);

  it('is held by one at a time, and its number grows with every holder', async () => {
    const folder = newFolder();
    const first = await acquire(folder);
    first.check();
    assert.equal(await tryAcquire(folder), null);
    await first.release();
    const second = await acquire(folder);
    assert.ok(second.epoch > first.epoch);
    assert.throws(() => first.check(), isLost);
    second.check();
  });

  it('keeps counting up when its file was removed or damaged', async () => {
    const folder = newFolder();
    const file = join(folder, 'lease.json');
    const epochs: number[] = [];
    for (const [seconds, damage] of [
      [0, () => rmSync(file)],
      [1, () => writeFileSync(file, '{"epo')],
      [2, () => undefined],
    ] as const) {
      const lease = await acquire(folder, { now: () => Date.now() + seconds * 1_000 });
      epochs.push(lease.epoch);
      await lease.release();
      damage();
    }
    assert.ok(epochs[0]! < epochs[1]! && epochs[1]! < epochs[2]!, epochs.join());
  });

  it('can be taken by exactly one of many who try at once', async () => {
    const folder = newFolder();
    const all = await Promise.all(Array.from({ length: 10 }, () => tryAcquire(folder)));
    const holders = all.filter((lease) => lease !== null);
    assert.equal(holders.length, 1);
    holders[0]!.check();
  });

  it('leaves nothing but its number behind, and lets nobody else in', async () => {
    const folder = newFolder();
    const lease = await acquire(folder);
    const modes = [folder, lockOf(folder), join(folder, 'lease.json')].map(
      (path) => statSync(path).mode & 0o777,
    );
    if (process.platform !== 'win32') assert.deepEqual(modes, [0o700, 0o700, 0o600]);
    await lease.release();
    await lease.release();
    assert.deepEqual(readdirSync(folder), ['lease.json']);
  });

  it('is refused to an extension older than the last that led, and lasts through an update', async () => {
    const folder = newFolder();
    const newer = await acquire(folder, { schemaVersion: 3 });
    const isNewer = (error: unknown): boolean => LedgerError.is(error, 'newer-schema');
    await assert.rejects(tryAcquire(folder, { schemaVersion: 2 }), isNewer);
    newer.check();
    await newer.release();
    await assert.rejects(tryAcquire(folder, { schemaVersion: 2 }), isNewer);
    await acquire(folder, { schemaVersion: 4 });
  });

  it('says what the disk says when it cannot be taken', async () => {
    const folder = newFolder();
    writeFileSync(folder, 'a file, where the folder should be');
    await assert.rejects(tryAcquire(folder), (error) => LedgerError.is(error, 'io'));
  });

  it('is lost when the lock is deleted, which the next check finds', async () => {
    const folder = newFolder();
    const losses: LedgerError[] = [];
    const lease = await acquire(folder, { onLost: (error) => losses.push(error) });
    rmdirSync(lockOf(folder));
    assert.throws(() => lease.check(), isLost);
    assert.throws(() => lease.check(), isLost);
    await pause(0);
    assert.deepEqual(
      losses.map((loss) => loss.reason),
      ['lease-lost'],
    );
    assert.equal(lease.held, false);
  });

  it('is lost to whoever takes over after that, and giving it back leaves the new holder alone', async () => {
    const folder = newFolder();
    const first = await acquire(folder);
    rmdirSync(lockOf(folder));
    const second = await acquire(folder);
    await first.release();
    second.check();
    await second.release();
    (await acquire(folder)).check();
  });

  it('is lost when both believe to hold it: the one that came last stays', async () => {
    const folder = newFolder();
    const first = await acquire(folder);
    rmdirSync(lockOf(folder));
    const second = await acquire(folder);
    assert.throws(() => first.check(), isLost);
    await pause(50);
    second.check();
  });

  it('is lost when its file names another holder, or is gone', async () => {
    for (const change of [
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/"holder":"./, '"holder":"-')),
      (file: string) => rmSync(file),
    ]) {
      const folder = newFolder();
      const lease = await acquire(folder);
      change(join(folder, 'lease.json'));
      assert.throws(() => lease.check(), isLost);
    }
  });

  it('is lost when the clock says that the last heartbeat is too old, though nobody took over', async () => {
    let aheadMs = 0;
    const lease = await acquire(newFolder(), { now: () => Date.now() + aheadMs });
    lease.check();
    aheadMs = 4_500;
    assert.throws(() => lease.check(), isLost);
    aheadMs = 0;
    assert.throws(() => lease.check(), isLost, 'a lost lease stays lost');
  });

  it('is given back although somebody left a file in the lock', async () => {
    const folder = newFolder();
    const lease = await acquire(folder);
    const { mtime } = statSync(lockOf(folder));
    writeFileSync(join(lockOf(folder), '.left'), '');
    utimesSync(lockOf(folder), mtime, mtime);
    await lease.release();
    await acquire(folder);
  });

  it('is checked cheaply', async () => {
    const lease = await acquire(newFolder());
    const start = performance.now();
    for (let i = 0; i < 1_000; i++) lease.check();
    console.log(`      a check takes ${(performance.now() - start).toFixed(0)} µs`);
  });

  it('is given up by a waiter that is cancelled', async () => {
    const folder = newFolder();
    const waiter = new LeaseWaiter({ folder, onLost: () => undefined });
    waiter.cancel();
    assert.equal(await waiter.lease, null);
    await acquire(folder);
  });
});
