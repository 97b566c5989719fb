import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { FlushOutcome } from '../../src/api';
import {
  entry,
  faultyFileSystem,
  readJournal,
  remove,
  startWriter,
  temporaryFolder,
  waitUntil,
  type Fault,
  type Harness,
} from './support';

const confirms = { flush: () => Promise.resolve<FlushOutcome>({ durable: 'ledger', records: 0 }) };

describe('the usage writer, when disks fail', function () {
  this.timeout(20_000);
  let folder: string;
  const running: Harness[] = [];
  const start: typeof startWriter = (at, options) => {
    const harness = startWriter(at, {
      ...options,
      settings: { flushRecords: 1e6, flushIntervalMs: 1e6, ...options?.settings },
    });
    running.push(harness);
    return harness;
  };
  const withFault = (fault: Fault) => start(folder, { fileSystem: faultyFileSystem(fault) });
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ writer }) => writer.shutdown()));
    remove(folder);
  });

  it('leaves whole lines only where a disk filled up in the middle of one', async () => {
    let full = true;
    const { writer, folders } = withFault((step, path) =>
      full && step === 'write' && path.includes('000001') ? 'short' : null,
    );
    // The first segment's header is cut short too: nothing of it stays.
    for (const id of ['a', 'b', 'c']) writer.record(entry(id));
    await writer.flush();
    full = false;
    const journals = await Promise.all([folders.primary, folders.backup].map(readJournal));
    assert.deepEqual(journals.flatMap(({ keys }) => keys).sort(), ['a', 'b', 'c']);
    assert.deepEqual(
      journals.flatMap(({ badLines }) => badLines),
      [],
    );
  });

  it('takes back half a batch', async () => {
    let writes = 0;
    const { writer, folders } = withFault((step) => (step === 'write' && ++writes === 2 ? 'short' : null));
    for (const id of ['a', 'b', 'c']) writer.record(entry(id));
    await writer.flush();
    const journals = await Promise.all([folders.primary, folders.backup].map(readJournal));
    assert.deepEqual(journals.flatMap(({ keys }) => keys).sort(), ['a', 'b', 'c']);
    assert.deepEqual(
      journals.flatMap(({ badLines }) => badLines),
      [],
    );
  });

  it('reads around a torn batch that could not be taken back', async () => {
    let writes = 0;
    const { writer, folders } = withFault((step) =>
      step === 'truncate' ? 'EIO' : step === 'write' && ++writes === 2 ? 'short' : null,
    );
    for (const id of ['a', 'b', 'c']) writer.record(entry(id));
    await writer.flush();
    const journals = await Promise.all([folders.primary, folders.backup].map(readJournal));
    assert.deepEqual([...new Set(journals.flatMap(({ keys }) => keys))].sort(), ['a', 'b', 'c']);
  });

  it('retries what may pass, with growing pauses, and stays where it is', async () => {
    let failures = 2;
    const { writer, folders } = withFault((step) => (step === 'write' && failures-- > 0 ? 'EAGAIN' : null));
    writer.record(entry('a'));
    await writer.flush();
    const { retries, errors, fallbacks, place } = writer.stats();
    assert.deepEqual([retries, errors.transient, place], [2, 2, 'primary']);
    assert.deepEqual(fallbacks, { backup: 0, emergency: 0, none: 0 });
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
  });

  it('retries a configured number of times, then moves on', async () => {
    const { writer, folders } = withFault((step, path) =>
      step === 'write' && path.startsWith(inPrimary(folder)) ? 'EBUSY' : null,
    );
    writer.record(entry('a'));
    await writer.flush();
    const { retries, errors, fallbacks } = writer.stats();
    assert.deepEqual([retries, errors.transient], [3, 4]);
    assert.deepEqual(fallbacks, { backup: 1, emergency: 0, none: 0 });
    assert.deepEqual((await readJournal(folders.backup)).keys, ['a']);
  });

  it('does not retry what will not pass', async () => {
    const { writer } = withFault((step, path) =>
      step === 'create' && path.startsWith(inPrimary(folder)) ? 'EACCES' : null,
    );
    writer.record(entry('a'));
    await writer.flush();
    const { retries, errors, place } = writer.stats();
    assert.deepEqual([retries, errors.persistent, place], [0, 1, 'backup']);
  });

  it('treats what nobody thought of as worth a retry and an error in the log', async () => {
    let failures = 1;
    const { writer, log } = withFault((step) => (step === 'write' && failures-- > 0 ? 'EWEIRD' : null));
    writer.record(entry('a'));
    await writer.flush();
    assert.deepEqual([writer.stats().retries, writer.stats().errors.unexpected], [1, 1]);
    assert.ok(log.some(({ level }) => level === 'error'));
  });

  it('writes again elsewhere what a device could not sync', async () => {
    const { writer, folders } = withFault((step, path) =>
      step === 'sync' && path.startsWith(inPrimary(folder)) ? 'EIO' : null,
    );
    for (const id of ['a', 'b']) writer.record(entry(id));
    await writer.flush();
    assert.ok(writer.stats().fallbacks.backup >= 1);
    // Written to the backup folder, synced there, and then renamed. The second may have gone there in the first place.
    const { keys, closed } = await readJournal(folders.primary);
    const times = (id: string): number => keys.filter((key) => key === id).length;
    assert.equal(times('a'), 2);
    assert.ok(times('b') >= 1);
    assert.ok(closed >= 2);
  });

  it('loses nothing in a storm while every second step fails', async () => {
    let step = 0;
    let failing = true;
    const codes = ['EIO', 'ENOSPC', 'EBUSY', 'EACCES', 'EWEIRD', 'short'];
    const { writer, folders } = withFault(() =>
      failing && ++step % 2 === 0 ? codes[(step / 2) % codes.length]! : null,
    );
    const ids = Array.from({ length: 2_000 }, (_, index) => `r${index}`);
    for (const [index, id] of ids.entries()) {
      writer.record(entry(id));
      if (index % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (index % 500 === 0) writer.flush().catch(() => undefined);
    }
    failing = false;
    await waitUntil(async () => {
      await writer.flush().catch(() => undefined);
      return writer.stats().queued === 0;
    }, 'all is written');
    const journals = await Promise.all([folders.primary, folders.backup, folders.emergency].map(readJournal));
    assert.deepEqual([...new Set(journals.flatMap(({ keys }) => keys))], [...ids].sort());
  });

  it('keeps records in memory when no folder can be written, says so, and writes them later', async () => {
    let broken = true;
    const { writer, folders, log } = withFault((step) => (broken && step === 'create' ? 'ENOSPC' : null));
    for (const id of ['a', 'b']) writer.record(entry(id));
    await assert.rejects(writer.flush(), { reason: 'disk-full' });
    const { queued, place, fallbacks, dropped, lastError } = writer.stats();
    assert.deepEqual([queued, place, dropped], [2, 'memory', 0]);
    assert.ok(fallbacks.none > 0);
    assert.equal(lastError?.code, 'ENOSPC');
    assert.ok(log.some(({ level, message }) => level === 'error' && message.includes('memory')));
    broken = false;
    await waitUntil(() => writer.stats().queued === 0, 'they are written by themselves');
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a', 'b']);
    assert.equal(writer.stats().place, 'primary');
  });

  it('counts and says what is lost when no folder can be written until the end', async () => {
    const { writer, log } = withFault((step) => (step === 'create' ? 'EROFS' : null));
    for (const id of ['a', 'b']) writer.record(entry(id));
    await writer.shutdown();
    assert.deepEqual([writer.stats().dropped, writer.stats().queued], [2, 0]);
    assert.ok(log.some(({ level, message }) => level === 'error' && message.includes('lost')));
  });

  it('bounds what it keeps in memory by summing up, while nothing can be written', async () => {
    let broken = true;
    const { writer, folders } = start(folder, {
      fileSystem: faultyFileSystem((step) => (broken && step === 'create' ? 'ENOSPC' : null)),
      settings: { maxQueuedRecords: 200 },
    });
    for (let index = 0; index < 5_000; index++) writer.record(entry());
    await assert.rejects(writer.flush());
    for (let index = 0; index < 5_000; index++) writer.record(entry());
    assert.ok(writer.stats().aggregated > 9_000);
    broken = false;
    await writer.flush();
    const { records } = await readJournal(folders.primary);
    assert.equal(records.length, 10_000);
    assert.equal(
      records.reduce((sum, { tokens }) => sum + tokens.input, 0),
      1_000_000,
    );
  });

  it('writes again what lay in a segment that was replaced by a folder', async () => {
    const { writer, folders, window } = start(folder);
    writer.record(entry('a'));
    await waitUntil(() => writer.stats().journaled === 1, 'it is written');
    const path = join(folders.primary, `${window.windowId}.000001.jsonl`);
    fs.rmSync(path);
    fs.mkdirSync(path);
    writer.record(entry('b'));
    await writer.flush();
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a', 'b']);
    assert.deepEqual(writer.stats().fallbacks, { backup: 0, emergency: 0, none: 0 });
  });

  it('makes the folder again when it was deleted with all in it', async () => {
    const { writer, folders } = start(folder);
    writer.record(entry('a'));
    await waitUntil(() => writer.stats().journaled === 1, 'it is written');
    remove(folders.primary);
    await writer.flush();
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
  });

  it('goes elsewhere when the folder is a file', async () => {
    const { writer, folders } = start(folder);
    fs.writeFileSync(folders.primary, 'not a folder');
    writer.record(entry('a'));
    assert.equal((await writer.flush()).durable, 'journal');
    assert.deepEqual((await readJournal(folders.backup)).keys, ['a']);
    assert.equal(fs.readFileSync(folders.primary, 'utf8'), 'not a folder');
  });

  it('does not write to an emergency folder that others could have made', async function () {
    if (process.getuid === undefined) this.skip();
    const { writer, folders } = withFault((step, path) =>
      step === 'create' &&
      !path.includes('usage-ledger-0') &&
      path.includes('journal') &&
      !path.includes('emergency')
        ? 'ENOSPC'
        : null,
    );
    const victim = join(folder, 'victim');
    fs.mkdirSync(victim);
    fs.symlinkSync(victim, folders.emergency);
    writer.record(entry('a'));
    await assert.rejects(writer.flush());
    fs.unlinkSync(folders.emergency);
    fs.mkdirSync(folders.emergency, { mode: 0o777 });
    fs.chmodSync(folders.emergency, 0o777);
    await assert.rejects(writer.flush());
    assert.deepEqual(fs.readdirSync(victim), []);
    assert.deepEqual(fs.readdirSync(folders.emergency), []);
    fs.chmodSync(folders.emergency, 0o700);
    await writer.flush();
    assert.deepEqual((await readJournal(folders.emergency)).keys, ['a']);
  });

  it('writes on the spot when the pool of threads hangs', async () => {
    const { writer, folders } = withFault((step, path) =>
      step === 'write' && path.includes('000001') ? 'hang' : null,
    );
    writer.record(entry('a'));
    await waitUntil(() => writer.stats().journaled === 1, 'the hanging write is given up');
    assert.deepEqual([writer.stats().mode, writer.stats().degraded], ['sync', 'stalled']);
    writer.record(entry('b'));
    assert.equal(writer.stats().journaled, 2);
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a', 'b']);
  });

  it('writes within 50 ms itself what a busy pool of threads leaves lying, and tries on in the background', async () => {
    let hanging = true;
    const { writer, folders } = start(folder, {
      fileSystem: faultyFileSystem((step, path) =>
        hanging && step === 'write' && path.includes('000001') ? 'slow' : null,
      ),
      timing: { overtakeMs: 15 },
    });
    writer.record(entry('a'));
    await waitUntil(() => writer.stats().journaled === 1, 'it is overtaken');
    writer.record(entry('b'));
    await waitUntil(() => writer.stats().journaled === 2, 'the next is written too');
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a', 'b']);
    const { overtaken, mode } = writer.stats();
    assert.deepEqual([overtaken, mode], [2, 'async']);
    hanging = false;
    await writer.flush();
    assert.deepEqual([...new Set((await readJournal(folders.primary)).keys)], ['a', 'b']);
    assert.equal(writer.stats().journaled, 2, 'what is written twice is counted once');
  });

  it('has a record elsewhere while it waits to be tried again', async () => {
    let failing = true;
    const { writer, folders } = start(folder, {
      fileSystem: faultyFileSystem((step, path) =>
        failing && step === 'write' && path.startsWith(inPrimary(folder)) ? 'EAGAIN' : null,
      ),
      settings: { retryDelaysMs: [300] },
      timing: { overtakeMs: 15 },
    });
    writer.record(entry('a'));
    await waitUntil(() => writer.stats().journaled === 1, 'it is kept');
    assert.deepEqual((await readJournal(folders.backup)).keys, ['a']);
    assert.equal(writer.stats().retries, 1);
    failing = false;
    await writer.flush();
    assert.deepEqual([...new Set((await readJournal(folders.primary)).keys)], ['a']);
    assert.equal((await readJournal(folders.backup)).segments, 0);
  });

  it('is shut down right after a record, during a failure, and twice', async () => {
    let failing = true;
    const { writer, folders } = start(folder, {
      fileSystem: faultyFileSystem((step) => (failing && step === 'write' ? 'EBUSY' : null)),
      settings: { retryDelaysMs: [60_000] },
    });
    writer.record(entry('a'));
    setTimeout(() => (failing = false), 20);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await Promise.all([writer.shutdown(), writer.shutdown()]);
    await writer.shutdown();
    const journals = await Promise.all([folders.primary, folders.backup].map(readJournal));
    assert.deepEqual([...new Set(journals.flatMap(({ keys }) => keys))], ['a']);
  });

  it('brings home what a dead window left in the emergency folder', async () => {
    const script = join(__dirname, 'recordElsewhere.js');
    const child = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    assert.equal(child.signal, 'SIGKILL', child.stderr);
    const { writer, folders } = start(folder, { sink: confirms });
    assert.deepEqual((await readJournal(folders.emergency)).keys, ['a']);
    await waitUntil(() => writer.stats().broughtHome === 1, 'the next window has brought it home');
    assert.deepEqual((await readJournal(folders.primary)).keys, ['a']);
    assert.equal((await readJournal(folders.emergency)).segments, 0);
  });
});

/** The beginning of every path in the primary folder of a ledger below `folder`, and of no other. */
function inPrimary(folder: string): string {
  return join(folder, 'journal', '/');
}
