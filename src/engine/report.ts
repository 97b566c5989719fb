import { homedir, hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { usd } from '../model/cost';
import { LedgerError } from '../model/errors';
import { addMeasures, noMeasures, type Measures } from '../model/measures';
import type { Snapshot } from '../model/snapshot';
import type { EngineStart } from '../protocol/engineApi';
import type { Lease } from '../ledger/lease';
import { LeaseWaiter } from '../ledger/leaseWaiter';
import { Leader } from './leader';
import { ledgerFolderOf, schemaVersion } from './storage';

const usage = `Usage: npm run report -- [options]

What the transcripts of Claude Code add up to, by day and model.

  --root DIR       a Claude config folder (it holds projects/); may be repeated; nothing else is read then
  --timezone ZONE  the zone that days are counted in (an IANA name; the system's by default)
  --ledger DIR     keep the ledger in this folder, and read only what is new; in memory by default
  --json           print JSON
  --help           print this
`;

/** How long a ledger that another process leads is waited for, in milliseconds. */
const leaseWaitMs = 10_000;

interface Figures {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly messages: number;
  /** null: nothing in it has a price. What has none is left out of it, and counted in `unpricedMessages`. */
  readonly costUSD: number | null;
  readonly unpricedMessages: number;
}

interface Report {
  readonly daily: readonly ({ readonly date: string; readonly model: string } & Figures)[];
  readonly totals: Figures & Pick<Measures, 'webSearches' | 'unfinishedMessages' | 'assumedMessages'>;
  readonly scan: Snapshot['scan'];
}

function figures(total: Measures): Figures {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = total;
  const { messages, unpricedMessages } = total;
  return {
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens,
    messages,
    costUSD: messages > 0 && unpricedMessages === messages ? null : usd(total.costNanoDollars),
    unpricedMessages,
  };
}

async function takeLease(storageFolder: string): Promise<Lease> {
  const waiter = new LeaseWaiter({
    folder: ledgerFolderOf(storageFolder),
    schemaVersion,
    onLost: () => undefined,
  });
  const timer = setTimeout(() => waiter.cancel(), leaseWaitMs);
  const lease = await waiter.lease;
  clearTimeout(timer);
  if (lease === null) throw new LedgerError('unavailable', `${storageFolder} is in use by another process`);
  return lease;
}

async function makeReport(start: EngineStart): Promise<Report> {
  const lease = start.storageFolder === null ? null : await takeLease(start.storageFolder);
  try {
    const leader = await Leader.open({
      start,
      lease,
      tell: () => undefined,
      log: (level, message, data) => {
        if (level === 'warn' || level === 'error')
          process.stderr.write(`${message} ${JSON.stringify(data ?? {})}\n`);
      },
    });
    try {
      const { scan } = await leader.calls.refresh(null);
      await leader.priceAnew();
      const rows = await leader.calls.breakdown({ filter: {}, grain: 'day', by: ['model'] });
      const sum = noMeasures();
      for (const { total } of rows) addMeasures(sum, total);
      const { webSearches, unfinishedMessages, assumedMessages } = sum;
      return {
        daily: rows
          .map(({ bucket, names, total }) => ({ date: bucket, model: names.model ?? '', ...figures(total) }))
          .sort((a, b) => (a.date + a.model < b.date + b.model ? -1 : 1)),
        totals: { ...figures(sum), webSearches, unfinishedMessages, assumedMessages },
        scan,
      };
    } finally {
      await leader.stop();
    }
  } finally {
    await lease?.release();
  }
}

function asText({ daily, totals, scan }: Report): string {
  const header = ['date', 'model', 'messages', 'input', 'output', 'cache read', 'cache write', 'USD'];
  const line = (date: string, model: string, each: Figures): string[] => [
    date,
    model,
    ...[
      each.messages,
      each.inputTokens,
      each.outputTokens,
      each.cacheReadTokens,
      each.cacheWrite5mTokens + each.cacheWrite1hTokens,
    ].map((count) => count.toLocaleString('en-US')),
    each.costUSD === null ? '?' : each.costUSD.toFixed(2) + (each.unpricedMessages > 0 ? '+?' : ''),
  ];
  const rows = [header, ...daily.map((each) => line(each.date, each.model, each)), line('total', '', totals)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const body = rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
  const places = scan.roots.map(({ path, exists }) => `${path}${exists ? '' : ' (missing)'}`).join(', ');
  return [...body, '', `${scan.filesSeen} files in ${places}; ${scan.badLines} bad lines`].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', multiple: true },
      timezone: { type: 'string' },
      ledger: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const report = await makeReport({
    storageFolder: values.ledger === undefined ? null : resolve(values.ledger),
    onlyRoots: values.root?.map((root) => resolve(root)) ?? null,
    environment: {
      home: homedir(),
      claudeConfigDir: process.env['CLAUDE_CONFIG_DIR'],
      xdgConfigHome: process.env['XDG_CONFIG_HOME'],
    },
    wasmPath: join(__dirname, 'sql-wasm.wasm'),
    hostName: hostname(),
    windowId: `report-${process.pid}`,
    background: false,
    settings: {
      timeZone: values.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      costMode: 'auto',
      userPrices: [],
      extraRoots: [],
      user: userInfo().username,
      minIntervalMs: 10_000,
      maxIntervalMs: 300_000,
      metricsPort: 0,
      limits: [],
      messageDetailMonths: 0,
      openMonths: 4,
    },
  });
  process.stdout.write(`${values.json ? JSON.stringify(report) : asText(report)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
