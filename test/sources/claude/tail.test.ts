import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { LedgerError } from '../../../src/model/errors';
import type { UsageRecord } from '../../../src/model/usageRecord';
import { isUnchanged, readTranscript } from '../../../src/sources/claude/tail';
import type { FileCursor, ReadOptions, ReadResult } from '../../../src/sources/claude/tail';
import { listTranscripts } from '../../../src/sources/claude/locate';
import { response, TestFolder, text } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';
import { transcriptLine } from './transcriptArbitrary';

const message = (id: string, changes: Json = {}): Json => response({ message: { id, ...changes } });

describe('readTranscript', function () {
  this.timeout(60_000);

  let folder: TestFolder;
  let path: string;
  let root: string;
  beforeEach(() => {
    folder = new TestFolder();
    folder.write({ 'r/projects/-a/s.jsonl': '' });
    root = folder.at('r');
    path = folder.at('r/projects/-a/s.jsonl');
  });
  afterEach(() => folder.remove());

  interface Read extends ReadResult {
    readonly keys: readonly string[];
    readonly records: readonly UsageRecord[];
  }

  /** Reads on, through JSON, as after a restart. */
  async function read(cursor: FileCursor | null, changes: Partial<ReadOptions> = {}): Promise<Read> {
    const records: UsageRecord[] = [];
    const kept = JSON.parse(JSON.stringify(cursor)) as FileCursor | null;
    const result = await readTranscript({ path, root }, kept, (batch) => void records.push(...batch), {
      user: 'u',
      host: 'h',
      ...changes,
    });
    return { ...result, records, keys: records.map((record) => record.key) };
  }

  it('reads a file once, and then only what was added', async () => {
    writeFileSync(path, text(message('a'), message('b')));
    const first = await read(null);
    assert.deepEqual([first.keys, first.stats.outcome, first.stats.lines], [['a', 'b'], 'first', 2]);
    const added = text(message('c'));
    appendFileSync(path, added);
    const second = await read(first.cursor);
    assert.deepEqual(
      [second.keys, second.stats.outcome, second.stats.bytes],
      [['c'], 'continued', Buffer.byteLength(added)],
    );
    const third = await read(second.cursor);
    assert.deepEqual([third.keys, third.stats.bytes], [[], 0]);
  });

  it('reads an empty file, and what it becomes', async () => {
    const { cursor } = await read(null);
    assert.deepEqual([cursor!.size, cursor!.torn], [0, false]);
    appendFileSync(path, text(message('a')));
    assert.deepEqual((await read(cursor)).keys, ['a']);
  });

  it('reads a torn last line again when it has grown', async () => {
    const line = text(message('b'));
    writeFileSync(path, text(message('a')) + line.slice(0, 40));
    const torn = await read(null);
    assert.deepEqual([torn.keys, torn.cursor!.torn, torn.cursor!.badLines], [['a'], true, 0]);
    appendFileSync(path, line.slice(40));
    const whole = await read(torn.cursor);
    assert.deepEqual([whole.keys, whole.cursor!.torn, whole.cursor!.badLines], [['b'], false, 0]);
  });

  it('counts the torn line as bad once another follows it', async () => {
    writeFileSync(path, '{"type":"assis');
    const torn = await read(null);
    appendFileSync(path, `\n${text(message('a'))}`);
    const after = await read(torn.cursor);
    assert.deepEqual([after.keys, after.cursor!.torn, after.cursor!.badLines], [['a'], false, 1]);
    assert.deepEqual(after.stats.bad, [{ offset: 0, reason: 'not-json' }]);
  });

  it('starts again when the file has become shorter', async () => {
    writeFileSync(path, text(message('a'), message('b')));
    const { cursor } = await read(null);
    truncateSync(path, Buffer.byteLength(text(message('a'))));
    const again = await read(cursor);
    assert.deepEqual([again.keys, again.stats.outcome, again.cursor!.badLines], [['a'], 'truncated', 0]);
  });

  it('starts again when the file was replaced by another of the same size or larger', async () => {
    writeFileSync(path, text(message('a')));
    const { cursor } = await read(null);
    writeFileSync(`${path}.new`, text(message('x'), message('y')));
    renameSync(`${path}.new`, path);
    const replaced = await read(cursor);
    assert.deepEqual([replaced.keys, replaced.stats.outcome], [['x', 'y'], 'replaced']);
  });

  it('starts again when the file was rewritten in place with another end', async () => {
    const head = text(...Array.from({ length: 20 }, (_, index) => message(`head-${index}`)));
    writeFileSync(path, head + text(message('a')));
    const { cursor } = await read(null);
    writeFileSync(path, head + text(message('b'), message('c')));
    const rewritten = await read(cursor);
    assert.equal(rewritten.stats.outcome, 'replaced');
    assert.deepEqual(rewritten.keys.slice(-2), ['b', 'c']);
  });

  it('starts again when only the beginning of the file is another', async () => {
    const end = text(message('end', { content: 'x'.repeat(500) }));
    writeFileSync(path, text(message('a')) + end);
    const { cursor } = await read(null);
    writeFileSync(path, text(message('b')) + end);
    const rewritten = await read(cursor);
    assert.deepEqual([rewritten.keys, rewritten.stats.outcome], [['b', 'end'], 'replaced']);
  });

  it('goes on when the file was replaced by a copy that has grown', async () => {
    const lines = text(...Array.from({ length: 20 }, (_, index) => message(`m-${index}`)));
    writeFileSync(path, lines);
    const { cursor } = await read(null);
    writeFileSync(`${path}.new`, lines + text(message('added')));
    renameSync(`${path}.new`, path);
    const grown = await read(cursor);
    assert.deepEqual([grown.keys, grown.stats.outcome], [['added'], 'continued']);
  });

  it('takes a file that vanished for no error', async () => {
    writeFileSync(path, text(message('a')));
    const { cursor } = await read(null);
    folder.remove();
    const gone = await read(cursor);
    assert.deepEqual([gone.cursor, gone.stats.outcome], [null, 'vanished']);
  });

  it('says why a file cannot be read', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) {
      // Nothing is forbidden to root: a folder in the file's place fails as well.
      path = folder.at('r/projects');
      await assert.rejects(read(null), (error) => LedgerError.is(error, 'io'));
      return;
    }
    chmodSync(path, 0);
    await assert.rejects(read(null), (error) => LedgerError.is(error, 'permission'));
  });

  it('passes on what its reader throws, unchanged', async () => {
    writeFileSync(path, text(message('a')));
    const mine = Object.assign(new Error('mine'), { code: 'ENOSPC' });
    await assert.rejects(
      readTranscript({ path, root }, null, () => Promise.reject(mine), { user: 'u', host: 'h' }),
      (error) => error === mine,
    );
  });

  it('waits for its reader before it reads on', async () => {
    const filler = 'x'.repeat(1000);
    const lines = Array.from({ length: 50 }, (_, index) => message(`m-${index}`, { content: filler }));
    writeFileSync(path, text(...lines));
    let [running, most, batches] = [0, 0, 0];
    await readTranscript(
      { path, root },
      null,
      async () => {
        most = Math.max(most, ++running);
        batches++;
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
      { user: 'u', host: 'h', chunkBytes: 4096 },
    );
    assert.equal(most, 1);
    assert.ok(batches > 10, String(batches));
  });

  it('reads lines longer than its chunks', async () => {
    const content = 'y'.repeat(300_000);
    writeFileSync(path, text(message('a'), message('big', { content }), message('c')));
    assert.deepEqual((await read(null, { chunkBytes: 4096 })).keys, ['a', 'big', 'c']);
  });

  it('skips a line that is too long, counts it, and goes on behind it', async () => {
    const content = 'y'.repeat(300_000);
    const before = text(message('a'));
    writeFileSync(path, before + text(message('big', { content }), message('c')));
    const result = await read(null, { chunkBytes: 4096, maxLineBytes: 50_000 });
    assert.deepEqual(result.keys, ['a', 'c']);
    assert.deepEqual(result.stats.bad, [{ offset: Buffer.byteLength(before), reason: 'line-too-long' }]);
    appendFileSync(path, text(message('d')));
    const next = await read(result.cursor, { chunkBytes: 4096, maxLineBytes: 50_000 });
    assert.deepEqual([next.keys, next.stats.outcome, next.cursor!.badLines], [['d'], 'continued', 1]);
  });

  it('leaves a line that is too long alone while it has no end', async () => {
    const limits = { chunkBytes: 4096, maxLineBytes: 50_000 };
    writeFileSync(path, text(message('a')) + 'y'.repeat(300_000));
    const torn = await read(null, limits);
    assert.deepEqual([torn.keys, torn.cursor!.torn], [['a'], true]);
    appendFileSync(path, `\n${text(message('b'))}`);
    const after = await read(torn.cursor, limits);
    assert.deepEqual([after.keys, after.cursor!.torn, after.cursor!.badLines], [['b'], false, 1]);
  });

  it('reads up to the size that the file had, and the rest next time', async () => {
    const filler = 'x'.repeat(2000);
    writeFileSync(
      path,
      text(...Array.from({ length: 20 }, (_, i) => message(`m-${i}`, { content: filler }))),
    );
    let [grown, records] = [false, 0];
    const options = { user: 'u', host: 'h', chunkBytes: 4096 };
    const { cursor } = await readTranscript(
      { path, root },
      null,
      (batch) => {
        records += batch.length;
        if (!grown) appendFileSync(path, text(message('late')));
        grown = true;
      },
      options,
    );
    assert.deepEqual([records, isUnchanged(statSync(path), cursor!)], [20, false]);
    assert.deepEqual((await read(cursor)).keys, ['late']);
  });

  it('ends where a file ends that shrinks while it is read', async () => {
    const filler = 'x'.repeat(2000);
    const lines = Array.from({ length: 20 }, (_, i) => text(message(`m-${i}`, { content: filler })));
    writeFileSync(path, lines.join(''));
    let cut = false;
    const { cursor } = await readTranscript(
      { path, root },
      null,
      () => {
        if (!cut) truncateSync(path, Buffer.byteLength(lines.slice(0, 3).join('')) + 100);
        cut = true;
      },
      { user: 'u', host: 'h', chunkBytes: 4096 },
    );
    assert.ok(cursor !== null && cursor.state.offset <= cursor.size);
    writeFileSync(path, text(message('fresh')));
    assert.deepEqual((await read(cursor)).keys, ['fresh']);
  });

  it('knows an unchanged file by size, time and inode', async () => {
    writeFileSync(path, text(message('a')));
    utimesSync(path, 1_770_000_000, 1_770_000_000);
    const { cursor } = await read(null);
    const [file] = (await listTranscripts([{ path: root }])).files;
    assert.equal(isUnchanged(file!, cursor!), true);
    assert.equal(isUnchanged({ ...file!, size: file!.size + 1 }, cursor!), false);
    assert.equal(isUnchanged({ ...file!, mtimeMs: file!.mtimeMs + 1 }, cursor!), false);
    assert.equal(isUnchanged({ ...file!, ino: file!.ino + 1 }, cursor!), false);
  });

  it('gives the same records in any number of runs while the file grows, as in one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(transcriptLine({ plain: false }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        fc.constantFrom(512, 4096, 1 << 20),
        async (lines, cuts, chunkBytes) => {
          const bytes = Buffer.from(text(...lines));
          writeFileSync(path, bytes);
          const whole = await read(null);
          writeFileSync(path, '');
          const records: UsageRecord[] = [];
          let cursor: FileCursor | null = null;
          for (const cut of [...cuts.sort((a, b) => a - b), 1]) {
            const size = statSync(path).size;
            appendFileSync(path, bytes.subarray(size, Math.floor(cut * bytes.length)));
            const part: Read = await read(cursor, { chunkBytes });
            assert.ok(['first', 'continued'].includes(part.stats.outcome));
            records.push(...part.records);
            cursor = part.cursor;
          }
          assert.deepEqual(records, whole.records);
          assert.deepEqual(
            { ...cursor!, ino: 0, mtimeMs: 0, tail: null },
            { ...whole.cursor!, ino: 0, mtimeMs: 0, tail: null },
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
