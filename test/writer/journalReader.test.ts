import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { UsageRecord } from '../../src/model/usageRecord';
import {
  decodeLine,
  encodeHeader,
  encodeTrailer,
  RecordEncoder,
  segmentFileName,
} from '../../src/writer/journalFormat';
import { listSegments, readSegment } from '../../src/writer/journalReader';
import {
  foreignSilenceMs,
  mayBeAlive,
  newWindowIdentity,
  type WindowIdentity,
} from '../../src/writer/windowIdentity';
import { acceptFor, entry, remove, temporaryFolder } from './support';

const window = newWindowIdentity(Date.now());
const dead: WindowIdentity = { ...window, windowId: '4194999-1700000000000-abcdef', pid: 4_194_999 };

function line(id: string): string {
  return new RecordEncoder().encode(acceptFor(window)(entry(id)));
}

describe('the journal reader', function () {
  this.timeout(20_000);
  let folder: string;
  beforeEach(() => (folder = temporaryFolder()));
  afterEach(() => remove(folder));

  const write = (of: WindowIdentity, sequence: number, text: string) => {
    const path = join(folder, segmentFileName(of.windowId, sequence));
    writeFileSync(path, text);
    return path;
  };
  const readAll = async () => {
    const contents = [];
    for (const segment of await listSegments(folder)) contents.push(await readSegment(segment));
    return contents;
  };
  const idsOf = (records: readonly UsageRecord[]) => records.map(({ key }) => key.slice(4));

  it('finds no segments where there is no folder', async () => {
    assert.deepEqual(await listSegments(join(folder, 'none')), []);
  });

  it('lists segments by window and sequence, and nothing else', async () => {
    for (const sequence of [2, 10, 1]) write(window, sequence, '');
    write(dead, 1, '');
    writeFileSync(join(folder, 'notes.jsonl'), '');
    writeFileSync(join(folder, `${window.windowId}.000003.jsonl.tmp`), '');
    mkdirSync(join(folder, segmentFileName(window.windowId, 4)));
    const listed = await listSegments(folder);
    assert.deepEqual(
      listed
        .filter(({ windowId }) => windowId === window.windowId)
        .map(({ sequence, superseded }) => [sequence, superseded]),
      [
        [1, true],
        [2, true],
        [10, false],
      ],
    );
    assert.equal(listed.length, 4);
  });

  it('tells a closed segment by its trailer, by a later one, and by the death of its window', async () => {
    const text = encodeHeader(window, 1) + line('a');
    write(window, 1, text);
    write(window, 2, encodeHeader(window, 2) + line('b') + encodeTrailer(1));
    write(window, 3, encodeHeader(window, 3) + line('c'));
    write(dead, 1, encodeHeader(dead, 1) + line('d'));
    const contents = await readAll();
    const closed = contents.map(({ records, closed: is }) => `${idsOf(records).join()} ${is}`).sort();
    assert.deepEqual(closed, ['a true', 'b true', 'c false', 'd true']);
  });

  it('lets a torn last line wait, and reads on from there', async () => {
    const whole = encodeHeader(window, 1) + line('a');
    const next = line('b');
    const path = write(window, 1, whole + next.slice(0, 20));
    const [segment] = await listSegments(folder);
    const first = await readSegment(segment!);
    assert.deepEqual([idsOf(first.records), first.badLines, first.closed], [['a'], [], false]);
    assert.equal(first.endOffset, Buffer.byteLength(whole));
    appendFileSync(path, next.slice(20));
    const second = await readSegment(segment!, first.endOffset);
    assert.deepEqual([idsOf(second.records), second.badLines], [['b'], []]);
  });

  it('counts a torn last line as bad once its window is dead', async () => {
    const whole = encodeHeader(dead, 1) + line('a');
    write(dead, 1, whole + line('b').slice(0, 20));
    const [content] = await readAll();
    assert.deepEqual(idsOf(content!.records), ['a']);
    assert.deepEqual(
      content!.badLines.map(({ offset, reason }) => ({ offset, reason })),
      [{ offset: Buffer.byteLength(whole), reason: 'torn' }],
    );
  });

  it('skips bad lines and keeps all others, quoting nothing', async () => {
    const good = line('a');
    const bad = [
      'secret nonsense',
      '[1]',
      'null',
      '\u0000\u0000\u0000',
      good.replace('"epochMs":', '"epochMs":-'),
      good.replace('"model":"claude', '"model":1,"x":"claude'),
      good.replace('[90', '[90.5').replace('[100', '[1.5'),
      '{"journal":2}',
      '{"closed":true,"records":"many"}',
      '{}',
    ].map((text) => `${text.replace(/\n$/, '')}\n`);
    write(dead, 1, encodeHeader(dead, 1) + bad.map((text) => text + good).join('') + encodeTrailer(10));
    const [content] = await readAll();
    assert.equal(content!.records.length, bad.length);
    assert.equal(content!.badLines.length, bad.length);
    assert.ok(content!.badLines.every(({ reason }) => !reason.includes('secret')));
  });

  it('reads what is left of a segment whose header is damaged', async () => {
    write(dead, 1, `{"jour\n${line('a')}`);
    const [content] = await readAll();
    assert.deepEqual([idsOf(content!.records), content!.header, content!.closed], [['a'], null, true]);
  });

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(400), async (noise, at) => {
        const text = Buffer.from(encodeHeader(dead, 1) + line('a') + line('b'));
        const path = write(dead, 1, '');
        writeFileSync(path, Buffer.concat([text.subarray(0, at), noise, text.subarray(at)]));
        const [content] = await readAll();
        assert.ok(content!.records.length <= 3);
        // A machine's name that was damaged is another machine's: it is waited for, a day at most.
        const { header } = content!;
        assert.equal(content!.closed, header === null || header.hostName === hostname());
      }),
      { numRuns: 60 },
    );
  });

  it('encodes a batch as its lines, also beyond the first buffer', () => {
    const records = ['a', 'ä\n"', '\ud83d\ude00'.repeat(300)].flatMap((id) =>
      Array.from({ length: 100 }, (_, index) =>
        acceptFor(window)(entry(`${id}${index}`, { project: `/${id}` })),
      ),
    );
    const encoder = new RecordEncoder();
    const lines = encoder.encodeAll(records).toString().trimEnd().split('\n');
    assert.deepEqual(
      lines,
      records.map((record) => new RecordEncoder().encode(record).trimEnd()),
    );
  });

  it('gives back every record as it was written', () => {
    const text = fc.string({ unit: 'binary' });
    const count = fc.nat(Number.MAX_SAFE_INTEGER);
    const record: fc.Arbitrary<UsageRecord> = fc.record({
      key: fc.string({ minLength: 1, unit: 'binary' }),
      requestId: text,
      sidechain: fc.boolean(),
      epochMs: count,
      tokens: fc.record({
        input: count,
        output: count,
        cacheRead: count,
        cacheWrite5m: count,
        cacheWrite1h: count,
        webSearches: count,
      }),
      model: text,
      provider: text,
      project: text,
      branch: text,
      source: text,
      user: text,
      host: text,
      fast: fc.boolean(),
      usOnly: fc.boolean(),
      reportedCost: fc.option(count),
      unfinished: fc.boolean(),
      contentCharacters: count,
      origin: fc.record({ path: text, beganEpochMs: count, session: text }),
    });
    const encoder = new RecordEncoder();
    fc.assert(
      fc.property(record, (original) => {
        const encoded = encoder.encode(original);
        assert.equal(encoded.indexOf('\n'), encoded.length - 1, 'a record is one line');
        // fast-check makes objects without a prototype.
        assert.deepEqual(decodeLine(encoded), { kind: 'record', record: structuredClone(original) });
      }),
    );
  });
});

describe('whether a window may be alive', function () {
  this.timeout(20_000);
  const now = Date.now();

  it('is true of this one', () => {
    assert.equal(mayBeAlive(window, now), true);
  });

  it('is false when there is no such process', () => {
    assert.equal(mayBeAlive(dead, now), false);
  });

  it('is false when another process has got its number', function () {
    if (process.platform !== 'linux') this.skip();
    assert.notEqual(window.processStart, '');
    assert.equal(mayBeAlive({ ...window, processStart: `${window.processStart}0` }, now), false);
  });

  it('is false when the machine was started later and says nothing about processes', () => {
    const nothingSaid = { ...window, processStart: '' };
    assert.equal(mayBeAlive(nothingSaid, now), true);
    assert.equal(mayBeAlive({ ...nothingSaid, beganEpochMs: Date.UTC(2001, 0, 1) }, now), false);
  });

  it('depends on its silence when it runs on another machine', () => {
    const elsewhere = { ...dead, hostName: `not-${hostname()}` };
    assert.equal(mayBeAlive(elsewhere, now - 60_000, now), true);
    assert.equal(mayBeAlive(elsewhere, now - foreignSilenceMs - 1, now), false);
  });

  it('is false of a process that was killed and not yet buried', async function () {
    if (process.platform !== 'linux') this.skip();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    const start = readFileSync(`/proc/${child.pid!}/stat`, 'latin1').split(' ').at(21)!;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    const its: WindowIdentity = { ...window, pid: child.pid!, processStart: `${boot}-${start}` };
    assert.equal(mayBeAlive(its, now), true);
    child.kill('SIGKILL');
    // Busy, so that nobody buries it meanwhile.
    const end = Date.now() + 5_000;
    while (mayBeAlive(its, now) && Date.now() < end);
    assert.equal(mayBeAlive(its, now), false);
    await new Promise((resolve) => child.once('exit', resolve));
  });
});
