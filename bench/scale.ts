// Years of data and many users: what summaries, patterns, sessions and exports cost as the ledger grows, against the
// same questions to a ledger of its last three months, and against the old way (everything in memory, one JSON file).
// Every figure comes from a process of its own, so that its peak memory is its own. `--full` adds 1,000 users and ten million
// messages; `--messages N --users M` measures that alone.
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../src/ledger/ledger';
import { exportToFile } from '../src/host/exportFile';
import { messageTable } from '../src/host/exportTables';
import { breakdown } from '../src/stats/breakdown';
import { CivilTime } from '../src/stats/civilTime';
import { usagePatterns } from '../src/stats/patterns';
import { userProfiles } from '../src/stats/profiles';
import { SnapshotBuilder } from '../src/stats/snapshotBuilder';
import type { Rollups } from '../src/stats/rollups';
import { sessionRows } from '../src/stats/sessions';
import { inProcess, option } from './inProcess';
import { Report } from './report';
import { scan } from '../test/stats/rollupFixture';
import { buildLedger, lastMessage, months, openLedger, records, type Shape } from './yearsOfMessages';

const lastThreeMonths = Date.UTC(2026, 8, 1);
const today = '2026-11-24';

const questions = [
  'first figures of a start',
  'today',
  'month',
  'year by model',
  'patterns',
  'profiles',
  'sessions of the month',
] as const;
type Question = (typeof questions)[number];

type Order =
  | { readonly kind: 'build'; readonly folder: string; readonly shape: Shape }
  | { readonly kind: 'verify'; readonly folder: string }
  | { readonly kind: 'ask'; readonly folder: string; readonly question: Question }
  | { readonly kind: 'export'; readonly folder: string; readonly file: string; readonly from: number }
  | { readonly kind: 'old build'; readonly file: string; readonly shape: Shape }
  | { readonly kind: 'old today'; readonly file: string };

interface Outcome {
  readonly ms: number;
  readonly openMs: number;
  /** Peak of the process, and what it had before the question. */
  readonly peakBytes: number;
  readonly idleBytes: number;
}

function rollupsOf(ledger: Ledger): Rollups {
  return {
    months: () => ledger.months(),
    forEach: (from, to, visit) => ledger.cube().forEach(from, to - 1, visit),
  };
}

function asking(ledger: Ledger, question: Question): () => unknown {
  const civil = new CivilTime('Europe/Berlin');
  const rollups = rollupsOf(ledger);
  switch (question) {
    case 'first figures of a start':
      return () => new SnapshotBuilder(rollups, 'Europe/Berlin').build(1, lastMessage, scan);
    case 'today':
      return () =>
        breakdown({ filter: { from: today, to: today }, grain: 'total', by: ['model'] }, civil, rollups);
    case 'month':
      return () =>
        breakdown({ filter: { from: '2026-11-01', to: today }, grain: 'day', by: ['model'] }, civil, rollups);
    case 'year by model':
      return () =>
        breakdown(
          { filter: { from: '2025-12-01', to: today }, grain: 'month', by: ['model'] },
          civil,
          rollups,
        );
    case 'patterns':
      return () => usagePatterns({}, civil, rollups, lastMessage);
    case 'profiles':
      return () => userProfiles({}, civil, rollups, []);
    case 'sessions of the month':
      return () =>
        sessionRows(ledger.sessionParts({ fromEpochMs: Date.UTC(2026, 10) }), (session) =>
          ledger.costState(session),
        );
  }
}

/** The best of a few: what else the machine does is no part of the figure. */
async function bestOf(work: () => unknown, rounds: number): Promise<number> {
  let best = Infinity;
  const until = performance.now() + 1_500;
  for (let round = 0; round < 1 || (round < rounds && performance.now() < until); round++) {
    const began = performance.now();
    await work();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

async function exportFrom(fromEpochMs: number, ledger: Ledger, file: string): Promise<void> {
  const chunks = ledger.messages({ fromEpochMs });
  const source = {
    next: async () => {
      const step = await chunks.next();
      return step.done === true ? [] : step.value;
    },
    close: async () => {
      await chunks.return(undefined);
    },
  };
  await exportToFile({ table: messageTable, source, format: 'csv', timeZone: 'UTC' }, file);
}

/** One object a message in one file, the way trackers began that hold everything in memory. */
async function oldBuild(file: string, shape: Shape): Promise<void> {
  const out = createWriteStream(file);
  let index = 0;
  for (const { key, epochMs, model, provider, project, user, tokens, price, origin } of records(shape)) {
    const entry = { id: key, time: epochMs, model, provider, project, user, tokens, cost: price.cost };
    const text = JSON.stringify({ ...entry, session: origin.session });
    if (!out.write((index++ === 0 ? '{"sessions":[\n' : ',\n') + text)) await once(out, 'drain');
  }
  out.end('\n]}\n');
  await once(out, 'close');
}

function oldToday(file: string): number {
  const { sessions } = JSON.parse(readFileSync(file, 'utf8')) as {
    sessions: { time: number; model: string; cost: number }[];
  };
  const sums = new Map<string, number>();
  for (const { time, model, cost } of sessions)
    if (time >= Date.parse(today)) sums.set(model, (sums.get(model) ?? 0) + cost);
  return sums.size;
}

async function obey(order: Order): Promise<Outcome> {
  const began = performance.now();
  const outcome = (ms: number, openMs: number, idleBytes: number): Outcome => ({
    ms,
    openMs,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
    idleBytes,
  });
  if (order.kind === 'build' || order.kind === 'old build') {
    if (order.kind === 'build') await buildLedger(order.folder, order.shape);
    else await oldBuild(order.file, order.shape);
    return outcome(performance.now() - began, 0, 0);
  }
  if (order.kind === 'old today') {
    oldToday(order.file);
    return outcome(performance.now() - began, 0, 0);
  }
  const ledger = await openLedger(order.folder);
  if (order.kind === 'verify') {
    const differences = ledger.verify();
    if (differences.length > 0) throw new Error(differences.slice(0, 5).join('\n'));
    return outcome(performance.now() - began, 0, 0);
  }
  const openMs = performance.now() - began;
  const idleBytes = process.memoryUsage().rss;
  const ms =
    order.kind === 'ask'
      ? // At a start everything is done for the first time.
        await bestOf(asking(ledger, order.question), order.question === questions[0] ? 1 : 200)
      : await (async () => {
          const exporting = performance.now();
          await exportFrom(order.from, ledger, order.file);
          return performance.now() - exporting;
        })();
  const result = outcome(ms, openMs, idleBytes);
  await ledger.close();
  return result;
}

function measured(order: Order): Outcome {
  return inProcess(__filename, order) as Outcome;
}

function bench(): void {
  const report = new Report();
  const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-scale-'));
  const megabytes = (bytes: number): number => bytes / 1e6;
  const full = process.argv.includes('--full');
  const only = option('messages');
  const standard = [
    { messages: 10_000, users: 1 },
    { messages: 200_000, users: 1 },
    { messages: 200_000, users: 1_000 },
    { messages: 1_000_000, users: 1 },
    ...(full
      ? [
          { messages: 1_000_000, users: 1_000 },
          { messages: 10_000_000, users: 1_000 },
        ]
      : []),
  ];
  const shapes =
    only === undefined ? standard : [{ messages: Number(only), users: Number(option('users') ?? 1) }];
  try {
    for (const { messages, users } of shapes) {
      const name = `${messages.toLocaleString('en')} messages, ${users.toLocaleString('en')} users`;
      console.log(`${name}, ${months} months`);
      const all = join(folder, 'all');
      const recent = join(folder, 'recent');
      const built = measured({
        kind: 'build',
        folder: all,
        shape: { messages, users, from: 0 },
      });
      report.add(`${name}: build`, built.ms / 1_000, 's');
      if (messages <= 200_000) measured({ kind: 'verify', folder: all });
      measured({
        kind: 'build',
        folder: recent,
        shape: { messages, users, from: lastThreeMonths },
      });
      for (const question of questions) {
        const asked = measured({ kind: 'ask', folder: all, question });
        report.add(`${name}: ${question}`, asked.ms, 'ms');
        report.add(`${name}: ${question}, peak memory`, megabytes(asked.peakBytes), 'MB');
        if (question !== 'today' && question !== 'month' && question !== 'sessions of the month') continue;
        const few = measured({ kind: 'ask', folder: recent, question });
        report.add(`${name}: ${question}, 36 against 3 months`, asked.ms / few.ms, 'x', '<= 1.2');
      }
      const file = join(folder, 'export.csv');
      const exported = measured({ kind: 'export', folder: all, file, from: 0 });
      const exportedFew = measured({
        kind: 'export',
        folder: all,
        file,
        from: lastThreeMonths,
      });
      report.add(`${name}: export, a second`, messages / (exported.ms / 1_000), 'messages');
      report.add(`${name}: export, peak memory`, megabytes(exported.peakBytes), 'MB');
      report.add(
        `${name}: export's peak memory, 36 against 3 months of it`,
        exported.peakBytes / exportedFew.peakBytes,
        'x',
        '<= 1.2',
      );
      // A file of a few thousand entries is read faster than SQLite's code.
      const large = messages >= 200_000;
      if (messages <= 1_000_000) {
        const old = join(folder, 'old.json');
        measured({ kind: 'old build', file: old, shape: { messages, users, from: 0 } });
        const before = measured({ kind: 'old today', file: old });
        const now = measured({ kind: 'ask', folder: all, question: 'today' });
        report.add(
          `${name}: start and today, old way / ours`,
          before.ms / (now.openMs + now.ms),
          'x',
          large ? '> 1' : '',
        );
        const bare = measured({
          kind: 'old build',
          file: old,
          shape: { messages: 0, users, from: 0 },
        });
        report.add(
          `${name}: memory for it, old way / ours`,
          (before.peakBytes - bare.peakBytes) / Math.max(1, now.peakBytes - bare.peakBytes),
          'x',
          large ? '> 1' : '',
        );
      }
      for (const each of [all, recent]) rmSync(each, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  report.end();
}

const given = option('order');
if (given === undefined) bench();
else void obey(JSON.parse(given) as Order).then((outcome) => process.stdout.write(JSON.stringify(outcome)));
