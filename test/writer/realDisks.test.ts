import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { FlushOutcome, WriterStats } from '../../src/api';
import { entry, type Harness, readJournal, remove, startWriter, temporaryFolder, waitUntil } from './support';

const confirms = { flush: () => Promise.resolve<FlushOutcome>({ durable: 'ledger', records: 0 }) };

/** Mounts, or says why that is not possible here. */
function mount(...args: string[]): string | null {
  const { status, error, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status === 0) return null;
  return `mount is not permitted here: ${error?.message ?? stderr.trim()}`;
}

describe('the usage writer, on real disks and as another user', function () {
  this.timeout(20_000);
  let folder: string;
  const running: Harness[] = [];
  const mounted: string[] = [];
  const start: typeof startWriter = (at, options) => {
    const settings = { flushRecords: 1e6, flushIntervalMs: 1e6, ...options?.settings };
    const harness = startWriter(at, { ...options, settings });
    running.push(harness);
    return harness;
  };
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ writer }) => writer.shutdown()));
    for (const path of mounted.splice(0)) spawnSync('umount', ['-l', path]);
    remove(folder);
  });

  it('goes to the backup folder when the disk is full, and comes home when there is room', async function () {
    const primary = join(folder, 'journal');
    fs.mkdirSync(primary);
    const problem = mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', primary);
    if (problem !== null) {
      console.log(`      (skipped: ${problem})`);
      this.skip();
    }
    mounted.push(primary);
    fs.writeFileSync(join(primary, 'ballast'), Buffer.alloc(200 * 1024));
    const { writer, folders } = start(folder);
    const ids = Array.from({ length: 1_000 }, (_, index) => `r${index}`);
    for (const id of ids) writer.record(entry(id));
    assert.equal((await writer.flush()).durable, 'journal');
    const { errors, fallbacks, place } = writer.stats();
    assert.ok(errors.persistent > 0);
    assert.ok(fallbacks.backup > 0);
    assert.equal(place, 'backup');
    const before = [
      ...(await readJournal(folders.primary)).keys,
      ...(await readJournal(folders.backup)).keys,
    ];
    assert.deepEqual([...new Set(before)].sort(), [...ids].sort());

    mounted.pop();
    spawnSync('umount', ['-l', primary]);
    writer.setSink(confirms);
    writer.record(entry('last'));
    assert.equal((await writer.flush()).durable, 'ledger');
    assert.equal(writer.stats().place, 'primary');
    assert.equal((await readJournal(folders.backup)).segments, 0);
    assert.ok((await readJournal(folders.primary)).keys.includes('last'));
  });

  it('works as a user who may not write to the folder', function () {
    if (process.getuid?.() !== 0) this.skip();
    const locked = join(folder, 'locked');
    const open = join(folder, 'open');
    fs.chmodSync(folder, 0o755);
    fs.mkdirSync(locked, { mode: 0o555 });
    fs.mkdirSync(open, { mode: 0o777 });
    fs.chmodSync(open, 0o777);
    const script = join(folder, 'recordAs.js');
    fs.copyFileSync(join(__dirname, 'recordAsOther.js'), script);
    const child = spawnSync(process.execPath, [script, locked, open], { encoding: 'utf8' });
    assert.equal(child.status, 0, child.stderr);
    const result = JSON.parse(child.stdout) as Pick<WriterStats, 'place' | 'errors' | 'fallbacks'> & {
      durable: string;
      emergencies: string[];
    };
    assert.equal(result.place, 'emergency');
    assert.equal(result.errors.persistent, 2, 'permission is no matter of waiting');
    assert.deepEqual(result.fallbacks, { backup: 1, emergency: 1, none: 0 });
    assert.equal(result.durable, 'journal');
    assert.equal(result.emergencies.length, 1, 'the user is told where it is');
  });

  it('goes on beside a read-only file system and comes home when it can be written', async function () {
    const primary = join(folder, 'journal');
    fs.mkdirSync(primary);
    const problem = mount('-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', primary);
    if (problem !== null) {
      console.log(`      (skipped: ${problem})`);
      this.skip();
    }
    mounted.push(primary);
    const { writer, folders } = start(folder, { sink: confirms });
    writer.record(entry('a'));
    assert.equal((await writer.flush()).durable, 'journal');
    assert.deepEqual((await readJournal(folders.backup)).keys, ['a']);
    assert.equal(mount('-o', 'remount,rw', primary), null);
    // By itself: no further record, no flush. The backup is on another device here, so the segment is copied.
    await waitUntil(() => writer.stats().broughtHome === 1, 'the segment is home');
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
    assert.deepEqual((await readJournal(folders.backup)).keys, []);
  });
});
