// `record()` and the journal against the old way (read a JSON file, change it, write it, for every record), and summing
// up in batches against merging one by one. Prints a table; `--json FILE` writes the figures as well.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journals } from '../src/engine/journals';
import { Ledger } from '../src/ledger/ledger';
import { addMeasures, measuresOf, noMeasures } from '../src/model/measures';
import type { PricedRecord } from '../src/model/usageRecord';
import { priceRecord } from '../src/pricing/price';
import { checkEntry } from '../src/sources/recorded/checkEntry';
import { completeEntry, withPrice } from '../src/sources/recorded/completeEntry';
import type { UsageEntry } from '../src/api';
import { aggregateRecords, mergeAggregated, utcDay, type UsageGroups } from '../src/writer/aggregate';
import { journalFoldersIn } from '../src/writer/journalPlaces';
import { UsageWriter } from '../src/writer/usageWriter';
import { newWindowIdentity } from '../src/writer/windowIdentity';

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
}

const rows: Row[] = [];

function report(what: string, value: number, unit: string, target = ''): void {
  rows.push({ what, value, unit, target });
  const figure = value >= 100 ? value.toFixed(0) : value.toPrecision(3);
  console.log(`${what.padEnd(36)} ${figure.padStart(10)} ${unit.padEnd(10)} ${target}`);
}

const window = newWindowIdentity(Date.now());
let ids = 0;

function accept(entry: UsageEntry): PricedRecord {
  const record = completeEntry(checkEntry(entry), {
    clock: Date.now,
    newId: () => `${window.windowId}:${ids++}`,
    project: '/home/ada/work/some-project',
    branch: 'main',
    user: 'ada',
    host: 'machine',
    source: 'bench',
    windowId: window.windowId,
    windowBeganEpochMs: window.beganEpochMs,
  });
  const cost = record.tokens.input * 3_000 + record.tokens.output * 15_000;
  return withPrice(record, {
    cost,
    assumed: false,
    missingOutputTokens: 0,
    missingCost: 0,
    cacheReadSaved: 0,
    cacheWriteExtra: 0,
  });
}

const models = ['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-haiku-4-5', 'gpt-5'];
const entryOf = (index: number): UsageEntry => ({
  model: models[index & 3]!,
  inputTokens: 1_000 + (index % 100),
  outputTokens: 100,
  cacheReadInputTokens: 500,
});

/** Sessions in the old file: three a day for a year. */
const oldSessions = 1_000;

interface OldTotals {
  messages: number;
  input: number;
  output: number;
  cost: number;
}

/** The old file, the shape that older trackers used: every session, and totals by day, model and provider. */
interface OldStore {
  sessions: { time: string; model: string; provider: string; input: number; output: number; cost: number }[];
  daily_totals: Record<string, OldTotals>;
  model_breakdown: Record<string, OldTotals>;
  provider_breakdown: Record<string, OldTotals>;
  last_updated: string;
}

/** The old way: everything in one JSON file, read, changed and written for every record. */
function readModifyWrite(file: string, record: PricedRecord): void {
  const store = JSON.parse(readFileSync(file, 'utf8')) as OldStore;
  const { input, output } = record.tokens;
  const cost = record.price.cost ?? 0;
  store.last_updated = new Date(record.epochMs).toISOString();
  store.sessions.push({
    time: store.last_updated,
    model: record.model,
    provider: record.provider,
    input,
    output,
    cost,
  });
  for (const [totals, name] of [
    [store.daily_totals, utcDay(record.epochMs)],
    [store.model_breakdown, record.model],
    [store.provider_breakdown, record.provider],
  ] as const) {
    const total = (totals[name] ??= { messages: 0, input: 0, output: 0, cost: 0 });
    total.messages++;
    total.input += input;
    total.output += output;
    total.cost += cost;
  }
  writeFileSync(file, JSON.stringify(store, null, 2));
}

function oldStore(file: string): void {
  const day = (index: number): number =>
    Date.UTC(2025, 10, 24) + Math.floor((index / oldSessions) * 365) * 86_400_000;
  const store: OldStore = {
    sessions: Array.from({ length: oldSessions }, (_, index) => ({
      time: new Date(day(index)).toISOString(),
      model: models[index & 3]!,
      provider: 'anthropic',
      input: 1e4,
      output: 1e3,
      cost: 1e7,
    })),
    daily_totals: Object.fromEntries(
      Array.from({ length: oldSessions }, (_, index) => [
        utcDay(day(index)),
        { messages: 3, input: 3e4, output: 3e3, cost: 3e7 },
      ]),
    ),
    model_breakdown: {},
    provider_breakdown: {},
    last_updated: '',
  };
  writeFileSync(file, JSON.stringify(store, null, 2));
}

const percentile = (sorted: Float64Array, share: number) => sorted[Math.floor(sorted.length * share)]!;
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function newWriter(folder: string, flushRecords: number): UsageWriter<UsageEntry> {
  return new UsageWriter({
    window,
    folders: journalFoldersIn(folder, folder),
    accept,
    log: (level, message, data) => console.error(level, message, data),
    sink: { flush: () => Promise.resolve({ durable: 'ledger', records: 0 }) },
    settings: { flushRecords, maxQueuedRecords: 1e7 },
  });
}

async function benchRecord(folder: string): Promise<void> {
  const writer = newWriter(join(folder, 'record'), 10);
  for (let index = 0; index < 20_000; index++) writer.record(entryOf(index));
  await writer.flush();
  // The best of three rounds: a pause of the whole machine is no property of `record`.
  let times = new Float64Array(0);
  for (let round = 0; round < 3; round++) {
    const these = new Float64Array(50_000);
    for (let index = 0; index < these.length; index++) {
      const began = performance.now();
      writer.record(entryOf(index));
      these[index] = performance.now() - began;
      if (index % 50 === 49) await turn();
    }
    if (times.length === 0 || mean(these) < mean(times)) times = these;
    await writer.flush();
  }
  await writer.shutdown();
  const old = new Float64Array(500);
  const file = join(folder, 'usage.json');
  oldStore(file);
  for (let index = 0; index < old.length; index++) {
    const record = accept(entryOf(index));
    const began = performance.now();
    readModifyWrite(file, record);
    old[index] = performance.now() - began;
  }
  times.sort();
  old.sort();
  report('record(), mean', mean(times), 'ms', '<= 0.002');
  report('record(), median', percentile(times, 0.5), 'ms');
  report('record(), p99', percentile(times, 0.99), 'ms', '<= 0.02');
  report('old way, mean', mean(old), 'ms');
  report('old way, median', percentile(old, 0.5), 'ms');
  report('old way / record(), means', mean(old) / mean(times), 'x', '>= 1000');
  report('old way / record(), medians', percentile(old, 0.5) / percentile(times, 0.5), 'x', '>= 1000');
}

async function benchThroughput(folder: string): Promise<void> {
  let best = 0;
  const count = 200_000;
  for (let round = 0; round < 3; round++) {
    const writer = newWriter(join(folder, `throughput-${round}`), 1e9);
    const began = performance.now();
    for (let index = 0; index < count; index++) {
      writer.record(entryOf(index));
      if (index % 2_000 === 1_999) await turn();
    }
    await writer.flush();
    best = Math.max(best, (count / (performance.now() - began)) * 1_000);
    if (writer.stats().journaled !== count) throw new Error('not all records were journaled');
    await writer.shutdown();
  }
  report('accepted, journaled and synced', best, 'records/s', '>= 200000');
}

/** The leader's part: reads the journals, prices, folds and saves what they hold. */
async function benchFolding(folder: string): Promise<void> {
  const count = 50_000;
  const writer = newWriter(folder, 1_000);
  for (let index = 0; index < count; index++) {
    writer.record(entryOf(index));
    if (index % 500 === 499) await turn();
  }
  await writer.flush();
  await writer.shutdown();
  const wasmPath = join(__dirname, '..', '..', 'dist', 'sql-wasm.wasm');
  const log = (): void => undefined;
  const ledger = await Ledger.open({ folder: join(folder, 'ledger'), wasmPath, now: Date.now, log });
  const journals = new Journals({
    folder: join(folder, 'journal'),
    fold: (records) => {
      ledger.fold(records.map((record) => withPrice(record, priceRecord(record, null, 'auto'))));
    },
    log,
  });
  const began = performance.now();
  await journals.fold();
  const folded = performance.now();
  const { complete } = await ledger.checkpoint();
  const saved = performance.now();
  const problems = ledger.verify();
  if (!complete || problems.length > 0) throw new Error(problems.join('; '));
  await ledger.close();
  report('folded from the journal', (count / (folded - began)) * 1_000, 'records/s', '>= 50000');
  report('folded and saved', (count / (saved - began)) * 1_000, 'records/s');
}

async function benchFlushes(folder: string): Promise<void> {
  const steady = newWriter(join(folder, 'steady'), 10);
  for (let index = 0; index < 300; index++) {
    steady.record(entryOf(index));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await steady.shutdown();
  report('records a flush, steady', steady.stats().journaled / steady.stats().flushes, '', '>= 10');
  const burst = newWriter(join(folder, 'burst'), 10);
  for (let index = 0; index < 20_000; index++) {
    burst.record(entryOf(index));
    if (index % 200 === 199) await turn();
  }
  await burst.shutdown();
  report('records a flush, burst', burst.stats().journaled / burst.stats().flushes, '', '>= 100');
}

function mergeOneByOne(into: UsageGroups, records: readonly PricedRecord[]): void {
  for (const record of records) {
    const { model, provider, project, user } = record;
    const day = utcDay(record.epochMs);
    const key = `${day}\n${model}\n${provider}\n${user}\n${project}`;
    let group = into.get(key);
    if (group === undefined) {
      group = { day, model, provider, project, user, total: noMeasures() };
      into.set(key, group);
    }
    addMeasures(group.total, measuresOf(record));
  }
}

function benchAggregation(): void {
  const uniform = (size: number) => Array.from({ length: size }, () => accept(entryOf(0)));
  // Worst case: hardly two of a batch have anything in common.
  const mixed = (size: number) =>
    Array.from({ length: size }, (_, index) => ({
      ...accept(entryOf(index)),
      project: `/home/ada/work/project-${index}`,
      user: `user-${index % 7}`,
      epochMs: Date.UTC(2026, 0, 1 + (index % 90)),
    }));
  for (const [kind, make] of [
    ['uniform', uniform],
    ['mixed', mixed],
  ] as const) {
    for (const size of [10, 100, 1_000, 10_000]) {
      const records = make(size);
      const rounds = Math.ceil(100_000 / size);
      const time = (work: (into: UsageGroups) => void) => {
        let best = Infinity;
        for (let attempt = 0; attempt < 7; attempt++) {
          const began = performance.now();
          for (let round = 0; round < rounds; round++) work(new Map());
          best = Math.min(best, performance.now() - began);
        }
        return best;
      };
      const single = time((into) => mergeOneByOne(into, records));
      const batched = time((into) => mergeAggregated(into, aggregateRecords(records)));
      report(
        `aggregation, ${kind}, ${size} records`,
        single / batched,
        'x',
        kind === 'uniform' ? '>= 2' : '>= 1',
      );
    }
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-bench-'));
  try {
    await benchRecord(folder);
    await benchThroughput(folder);
    await benchFolding(join(folder, 'folding'));
    await benchFlushes(folder);
    benchAggregation();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const json = process.argv.indexOf('--json');
  if (json !== -1) writeFileSync(process.argv[json + 1]!, `${JSON.stringify(rows, null, 2)}\n`);
}

void main();
