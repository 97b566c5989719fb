// npm run soak [-- --minutes N]: what happens in a window while somebody works, for an hour: one line a second is
// appended to a transcript, and one entry a second recorded through the writer. Fails when memory grows once it has
// warmed up, or when too much is written.
//
// What the running block has to know to the millisecond is kept for hours by design: six of them, of the same work, are
// there from the start. A month in use is a database in memory and grows with each message, and so do the tables of the
// calls that it holds: these are shown by themselves.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { UsageEntry } from '../src/api';
import { EngineClient } from '../src/host/engineClient';
import { SnapshotStore } from '../src/host/snapshotStore';
import { journalFoldersIn } from '../src/writer/journalPlaces';
import { UsageWriter } from '../src/writer/usageWriter';
import { newWindowIdentity } from '../src/writer/windowIdentity';
import { engineStart, message } from '../test/engine/engineFixture';
import { text } from '../test/sources/claude/transcriptFixtures';
import { acceptFor } from '../test/writer/support';
import { memoryInUse, memoryInUseOfThread } from './memoryInUse';
import { argument, percentile, type Report, runBench } from './report';
import { trend } from './trend';

const tickMs = 1_000;
/** Ten minutes' worth of ticks come in half a minute first, so that what is run often is compiled. */
const warmUpTicks = 600;
const warmUpTickMs = 50;
const filledHours = 6;
const transcripts = 60;
const sampleSeconds = 5;
/** Growth over all that is judged, however surely it is told from none: the allocator alone does as much. */
const allowedMegabytes = 1;

const measured = [
  'hours',
  /** Megabytes that are in use after a collection of garbage. */
  'host',
  'engine',
  /** Outside of the engine's heap: tables of the calls that are known, which double when they are full. */
  'tables',
  /** Of the engine's, what SQLite has taken: the month in use is a database in memory, and grows with each message. */
  'sqlite',
  /** Megabytes of the whole process, as the system sees it. */
  'process',
] as const;
type Sample = Readonly<Record<(typeof measured)[number], number>>;

/** In one block of memory from the start: a heap that keeps them would be found to grow by them. */
class Samples {
  readonly #numbers: Float64Array;
  length = 0;

  constructor(capacity: number) {
    this.#numbers = new Float64Array(capacity * measured.length);
  }

  push(sample: Sample): void {
    const offset = this.length++ * measured.length;
    for (const [index, name] of measured.entries()) this.#numbers[offset + index] = sample[name];
  }

  /** From the start, or from the end where negative. */
  at(index: number): Sample {
    const offset = (index < 0 ? this.length + index : index) * measured.length;
    return Object.fromEntries(
      measured.map((name, place) => [name, this.#numbers[offset + place]]),
    ) as unknown as Sample;
  }

  from(first: number): Sample[] {
    return Array.from({ length: this.length - first }, (_, index) => this.at(first + index));
  }
}

/** Megabytes that this process has handed to the system, and those of it that went to a disk. Linux only. */
function written(): { readonly all: number; readonly toDisk: number } {
  let counts = '';
  try {
    counts = readFileSync('/proc/self/io', 'utf8');
  } catch {
    // Not Linux: what is not known is no number.
  }
  const count = (name: string): number =>
    Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counts)?.[1] ?? Number.NaN) / 1e6;
  return { all: count('wchar'), toDisk: count('write_bytes') };
}

function lineAt(id: string, epochMs: number): string {
  return text(message(id, { line: { timestamp: new Date(epochMs).toISOString() } }));
}

/** Hours of work at the rate of the soak, ended just now. */
function fill(root: string): string[] {
  const lines = filledHours * 3_600 * 2;
  const firstEpochMs = Date.now() - lines * 500;
  const folder = join(root, 'projects', '-work-app');
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: transcripts }, (_, transcript) => {
    const path = join(folder, `session-${transcript}.jsonl`);
    let content = '';
    for (let line = transcript; line < lines; line += transcripts)
      content += lineAt(`fill-${line}`, firstEpochMs + line * 500);
    writeFileSync(path, content);
    return path;
  });
}

async function main(folder: string, report: Report): Promise<void> {
  const minutes = Number(argument('--minutes') ?? 60);
  const files = fill(join(folder, 'claude'));
  const storageFolder = join(folder, 'storage');
  const window = newWindowIdentity(Date.now());
  const store = new SnapshotStore(() => undefined);
  const complain = (level: string, what: string): void => {
    if (level === 'error' || level === 'warn') console.log(`${level}: ${what}`);
  };
  const client = new EngineClient({
    workerPath: resolve('out', 'bench', 'measuredEngine.js'),
    start: () => engineStart([join(folder, 'claude')], { storageFolder, windowId: window.windowId }),
    log: complain,
  });
  client.on('snapshot', (snapshot) => store.accept(snapshot));
  client.on('log', ({ level, message: what }) => complain(level, what));
  client.start();
  const writer = new UsageWriter<UsageEntry>({
    window,
    folders: journalFoldersIn(storageFolder, folder),
    accept: acceptFor(window),
    log: complain,
    sink: { flush: (windowId) => client.call('flush', { windowId, save: false }, { timeoutMs: 30_000 }) },
  });
  const samples = new Samples(Math.ceil((minutes * 60) / sampleSeconds));
  let ticks = 0;
  let appendedMegabytes = 0;
  const tick = (): void => {
    const line = lineAt(`soak-${ticks}`, Date.now());
    appendFileSync(files[ticks++ % files.length]!, line);
    appendedMegabytes += Buffer.byteLength(line) / 1e6;
    writer.record({ model: 'claude-sonnet-4-5', inputTokens: 100, outputTokens: 10 });
  };
  try {
    while (store.snapshot?.scan.complete !== true) await wait(100);
    const { messages } = store.snapshot.periods.allTime.total;
    for (let count = 0; count < warmUpTicks; count++) {
      tick();
      await wait(warmUpTickMs);
    }
    appendedMegabytes = 0;
    const before = written();
    const beganMs = performance.now();
    for (let second = 0; second < minutes * 60; second++) {
      await wait(Math.max(0, beganMs + second * tickMs - performance.now()));
      tick();
      if (second % sampleSeconds !== 0) continue;
      samples.push(await sample((performance.now() - beganMs) / 3_600_000));
      if (second % 60 === 0) show(samples.at(-1), written().all - before.all - appendedMegabytes);
    }
    const after = written();
    const spentMinutes = (performance.now() - beganMs) / 60_000;
    await writer.flush();
    await client.call('flush', { windowId: window.windowId, save: true }, { timeoutMs: 60_000 });
    const { total } = (await client.call('snapshot', null)).periods.allTime;
    const { monthBytes } = (await client.call('health', null)).ledger;
    report.add('appended and recorded', ticks * 2, 'messages');
    report.add('counted of them', total.messages - messages, 'messages', `= ${ticks * 2}`);
    report.add('the month’s file', monthBytes / 1e6, 'MB');
    report.add('tables of calls, at the start', samples.at(0).tables, 'MB');
    report.add('tables of calls, at the end', samples.at(-1).tables, 'MB');
    report.add('SQLite, at the start', samples.at(0).sqlite, 'MB');
    report.add('SQLite, at the end', samples.at(-1).sqlite, 'MB');
    const perMinute = (after.all - before.all - appendedMegabytes) / spentMinutes;
    report.add('written (wchar, without what is appended)', perMinute, 'MB/min', '< 10');
    report.add(
      'written to disk (write_bytes, all of it)',
      (after.toDisk - before.toDisk) / spentMinutes,
      'MB/min',
    );
    if (total.messages - messages !== ticks * 2 || perMinute >= 10) process.exitCode = 1;
  } finally {
    await writer.shutdown();
    await client.shutdown();
  }
  for (const name of ['host', 'engine', 'process'] as const) judge(name, samples, report);
}

async function sample(hours: number): Promise<Sample> {
  const engine = await memoryInUseOfThread();
  const host = memoryInUse();
  return {
    hours,
    host: (host.heap + host.buffers) / 1e6,
    engine: engine.heap / 1e6,
    tables: engine.buffers / 1e6,
    sqlite: engine.sqlite / 1e6,
    process: process.memoryUsage().rss / 1e6,
  };
}

function show(
  { hours, host, engine, tables, sqlite, process: whole }: Sample,
  writtenMegabytes: number,
): void {
  const megabytes = (value: number): string => value.toFixed(1).padStart(6);
  console.log(
    `${(hours * 60).toFixed(0).padStart(4)} min  host ${megabytes(host)} MB  engine ${megabytes(engine)} MB  ` +
      `tables ${megabytes(tables)} MB  SQLite ${megabytes(sqlite)} MB  process ${megabytes(whole)} MB  written ${megabytes(writtenMegabytes)} MB`,
  );
}

/** The first third is for caches and the allocator. */
function judge(name: 'host' | 'engine' | 'process', samples: Samples, report: Report): void {
  const warm = samples.from(Math.floor(samples.length / 3));
  const { perHour, low, high } = trend(warm.map((each) => ({ hours: each.hours, value: each[name] })));
  const judgedHours = (warm.at(-1)?.hours ?? 0) - (warm[0]?.hours ?? 0);
  const grows = low > 0 && perHour * judgedHours > allowedMegabytes;
  if (grows) process.exitCode = 1;
  const value = percentile(
    warm.map((each) => each[name]),
    0.5,
  );
  report.add(`${name}: in use, median`, value, 'MB');
  const verdict = grows ? 'it grows' : low <= 0 ? 'cannot be told from 0' : 'too little to matter';
  report.add(
    `${name}: slope`,
    perHour,
    'MB/hour',
    `95 %: ${low.toFixed(2)} to ${high.toFixed(2)}: ${verdict}`,
  );
}

runBench(main);
