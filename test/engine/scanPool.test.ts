import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeCorpus, type Corpus } from '../../bench/corpus';
import type { MessageRow } from '../../src/model/query';
import type { ScanProgress } from '../../src/model/snapshot';
import type { Ledger } from '../../src/ledger/ledger';
import { openLedger, wasmPath } from '../ledger/fixtures';
import { TestFolder } from '../sources/claude/transcriptFixtures';
import { engineStart, TestEngine } from './engineFixture';
import { scanInto } from './scanInto';

async function messagesOf(ledger: Ledger): Promise<readonly MessageRow[]> {
  assert.deepEqual(ledger.verify(), []);
  const rows: MessageRow[] = [];
  for await (const chunk of ledger.messages()) rows.push(...chunk);
  return rows;
}

describe('a scan of much by several threads', function () {
  this.timeout(120_000);

  let folder: TestFolder;
  let root: string;
  let corpus: Corpus;
  let expected: readonly MessageRow[];

  before(async () => {
    folder = new TestFolder();
    root = folder.at('claude');
    // So large that a single thread, too, hands over what it reads in several lots.
    corpus = writeCorpus({ folder: root, bytes: 40e6, until: Date.UTC(2026, 10, 20) });
    const ledger = await openLedger(null);
    const { counts } = await scanInto(ledger, root, { scannerPath: null });
    assert.equal(counts.bytesRead, corpus.bytes);
    expected = await messagesOf(ledger);
    await ledger.close();
  });

  after(() => folder.remove());

  it('finds what one thread finds, and says how far it is', async () => {
    const ledger = await openLedger(null);
    const progress: ScanProgress[] = [];
    const { counts, stopped } = await scanInto(ledger, root, { onProgress: (each) => progress.push(each) });
    assert.deepEqual(
      [counts.filesRead, counts.bytesRead, counts.linesRead, stopped],
      [corpus.files.length, corpus.bytes, corpus.lines, false],
    );
    assert.deepEqual(await messagesOf(ledger), expected);
    const last = progress.at(-1)!;
    assert.deepEqual([last.filesDone, last.bytesDone], [corpus.files.length, corpus.bytes]);
    assert.ok(progress.every(({ remainingMs }) => remainingMs === null || remainingMs >= 0));
    assert.equal((await scanInto(ledger, root)).counts.filesRead, 0);
    await ledger.close();
  });

  it('begins with the newest files', async () => {
    const ledger = await openLedger(null);
    const order: number[] = [];
    await scanInto(ledger, root, { onCursor: ({ mtimeMs }) => order.push(mtimeMs) });
    const newest = [...order].sort((one, other) => other - one);
    // Several threads read at the same time, and lots differ in size: so not exactly in order, but nearly.
    const early = new Set(order.slice(0, Math.ceil(order.length / 2)));
    assert.ok(newest.slice(0, 5).every((mtimeMs) => early.has(mtimeMs)));
    await ledger.close();
  });

  it('ends where it is when it is called off, and goes on from there', async () => {
    const ledger = await openLedger(null);
    let cursors = 0;
    const { counts, stopped } = await scanInto(ledger, root, {
      onCursor: () => cursors++,
      isStopped: () => cursors > 0,
    });
    assert.equal(stopped, true);
    assert.ok(counts.filesRead > 0 && counts.filesRead < corpus.files.length, `${counts.filesRead}`);
    const rest = await scanInto(ledger, root);
    assert.equal(rest.counts.filesRead, corpus.files.length - counts.filesRead);
    assert.deepEqual(await messagesOf(ledger), expected);
    await ledger.close();
  });

  it('reads by itself what threads leave behind that cannot run', async () => {
    folder.write({ 'broken.js': 'throw new Error("broken");' });
    const ledger = await openLedger(null);
    const warnings: string[] = [];
    await scanInto(ledger, root, {
      scannerPath: folder.at('broken.js'),
      log: (level, message) => warnings.push(`${level} ${message}`),
    });
    assert.deepEqual(await messagesOf(ledger), expected);
    assert.ok(warnings.includes('warn a thread that reads transcripts has failed'));
    await ledger.close();
  });

  it('goes on where it was last saved after it was killed', async () => {
    const place = folder.at('ledger');
    const child = spawn(process.execPath, [join(__dirname, 'scanChild.js'), root, place, wasmPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.match(said.toString(), /^saved/);
    const ledger = await openLedger(place);
    assert.ok(ledger.cursors().size > 0);
    const { counts } = await scanInto(ledger, root);
    assert.ok(
      counts.filesRead < corpus.files.length,
      `${counts.filesRead} of ${corpus.files.length} read again`,
    );
    assert.deepEqual(await messagesOf(ledger), expected);
    await ledger.close();
  });

  it('is called off by a call to the engine, whose figures stay incomplete until the next sweep', async () => {
    const engine = new TestEngine(
      engineStart([root], { storageFolder: folder.at('storage'), background: false }),
    );
    const refreshed = engine.client.call('refresh', null);
    await engine.until(({ scan }) => scan.state === 'scanning');
    await engine.client.call('cancelScan', null);
    const first = await refreshed;
    assert.equal(first.scan.complete, false);
    const { scan, periods } = await engine.client.call('refresh', null);
    assert.equal(scan.complete, true);
    assert.equal(periods.allTime.total.messages, expected.length);
    await engine.stop();
  });
});
