// The import of an old file: time and peak memory, really and as a dry run, of a file and of one of a quarter of its size, in
// no order of time. `--size MB` sets how large it is. The old way, for sizes at which it works at all: JSON.parse of all of it.
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LegacyImport } from '../src/engine/legacyImport';
import { Ledger } from '../src/ledger/ledger';
import { priceRecord } from '../src/pricing/price';
import { withPrice } from '../src/sources/recorded/completeEntry';
import { CivilTime } from '../src/stats/civilTime';
import { inProcess, option } from './inProcess';
import { type Report, runBench } from './report';

const months = 36;
const users = 20;
const begin = Date.UTC(2023, 11, 1);
const end = Date.UTC(2026, 10, 24);
/** A string can be no longer. */
const mostParsedMegabytes = 450;

type Order =
  | { readonly kind: 'import' | 'dry run' | 'verify'; readonly folder: string; readonly ledger: string }
  | { readonly kind: 'old way'; readonly folder: string };

interface Outcome {
  readonly ms: number;
  readonly peakBytes: number;
  readonly sessions: number;
}

/** `usage.json` as a tracker keeps it that writes a user's sessions together: they reach over all the years. */
function writeSessions(folder: string, megabytes: number): number {
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'usage.json'), 'w');
  const models = ['claude-sonnet-4-5', 'claude-opus-4-5', 'gpt-4o', 'claude-haiku-4-5', 'o3'];
  const sessions = Math.round((megabytes * 1e6) / 390);
  const ofAUser = Math.ceil(sessions / users);
  writeSync(file, '{"sessions":{');
  for (let from = 0; from < sessions; from += 1_000) {
    const texts: string[] = [];
    for (let index = from; index < Math.min(sessions, from + 1_000); index++) {
      const user = Math.floor(index / ofAUser);
      // Eight hours a day, on one project a day.
      const day = Math.floor((((index % ofAUser) / ofAUser) * (end - begin)) / 86_400_000);
      const time = begin + day * 86_400_000 + 28_800_000 + ((index * 7_919) % 28_800) * 1_000;
      texts.push(
        `"${index.toString(16).padStart(8, '0')}-5f0a-4d62-9c1e-7b3a":{"user_id":"user-${user}","provider":"x",` +
          `"start_time":"${new Date(time).toISOString()}","end_time":"${new Date(time + 60_000).toISOString()}",` +
          `"model":"${models[(user + day) % models.length]!}","project":"/home/user-${user}/work/project-${day % 7}",` +
          `"input_tokens":${100 + (index % 9_000)},"output_tokens":${10 + (index % 700)},"total_cost":0.0${1 + (index % 89)},` +
          `"requests":${1 + (index % 5)},"tags":["one","two"],"status":"completed","note":"${'x'.repeat(30)}"}`,
      );
    }
    writeSync(file, (from === 0 ? '' : ',\n') + texts.join(',\n'));
  }
  const bytes = writeSync(file, '},"last_updated":"2026-11-24"}');
  closeSync(file);
  return bytes === 0 ? 0 : sessions;
}

async function obey(order: Order): Promise<Outcome> {
  const began = performance.now();
  const outcome = (sessions: number): Outcome => ({
    ms: performance.now() - began,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
    sessions,
  });
  if (order.kind === 'old way') {
    const { sessions } = JSON.parse(readFileSync(join(order.folder, 'usage.json'), 'utf8')) as {
      sessions: object;
    };
    return outcome(Object.keys(sessions).length);
  }
  const ledger = await Ledger.open({
    folder: join(order.ledger, 'ledger'),
    wasmPath: resolve('dist', 'sql-wasm.wasm'),
    now: () => end,
    log: () => undefined,
  });
  if (order.kind === 'verify') {
    const differences = ledger.verify();
    if (differences.length > 0) throw new Error(differences.slice(0, 5).join('\n'));
    return outcome(0);
  }
  const { sessions, problems } = await new LegacyImport({
    folder: order.folder,
    dryRun: order.kind === 'dry run',
    ledger,
    fold: (records) => {
      ledger.fold(records.map((record) => withPrice(record, priceRecord(record, null, 'auto'))));
    },
    save: async () => {
      const { complete } = await ledger.checkpoint();
      if (!complete) throw new Error('the ledger could not be saved');
    },
    civil: new CivilTime('Europe/Berlin'),
    user: 'ada',
    host: 'desk',
    spoolFolder: join(order.ledger, 'import'),
    onProgress: () => undefined,
    log: () => undefined,
  }).run();
  if (problems.length > 0)
    throw new Error(problems.map(({ file, error }) => `${file}: ${error.message}`).join('\n'));
  const result = outcome(sessions);
  await ledger.close();
  return result;
}

function measured(order: Order): Outcome {
  return inProcess(__filename, order) as Outcome;
}

function main(folder: string, report: Report): Promise<void> {
  const megabytes = Number(option('size') ?? 60);
  const outcomes = new Map<string, Outcome>();
  for (const size of [megabytes / 4, megabytes]) {
    const at = { folder: join(folder, `old-${size}`), ledger: join(folder, `ledger-${size}`) };
    const sessions = writeSessions(at.folder, size);
    console.log(`usage.json of ${size} MB: ${sessions.toLocaleString('en')} sessions over ${months} months`);
    if (size <= mostParsedMegabytes) {
      const { ms, peakBytes } = measured({ kind: 'old way', folder: at.folder });
      report.add(`${size} MB: JSON.parse of all of it`, ms / 1_000, 's');
      report.add(`${size} MB: JSON.parse, peak memory`, peakBytes / 1e6, 'MB');
    }
    for (const kind of ['dry run', 'import'] as const) {
      const outcome = measured({ kind, ...at });
      if (outcome.sessions !== sessions)
        throw new Error(`${kind}: ${outcome.sessions} of ${sessions} sessions`);
      outcomes.set(`${kind} ${size}`, outcome);
      report.add(`${size} MB: ${kind}`, outcome.ms / 1_000, 's');
      report.add(`${size} MB: ${kind}, a second`, size / (outcome.ms / 1_000), 'MB');
      report.add(`${size} MB: ${kind}, peak memory`, outcome.peakBytes / 1e6, 'MB');
    }
    measured({ kind: 'verify', ...at });
  }
  for (const kind of ['dry run', 'import']) {
    const [few, many] = [outcomes.get(`${kind} ${megabytes / 4}`)!, outcomes.get(`${kind} ${megabytes}`)!];
    report.add(`${kind}: time for four times the bytes`, many.ms / few.ms, 'x', '4 (proportional)');
    report.add(`${kind}: peak memory for four times the bytes`, many.peakBytes / few.peakBytes, 'x');
  }
  return Promise.resolve();
}

const order = option('order');
if (order === undefined) runBench(main);
else
  void obey(JSON.parse(order) as Order).then(
    (outcome) => process.stdout.write(JSON.stringify(outcome)),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
