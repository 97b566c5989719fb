import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../src/model/errors';
import { listSegments, readSegment } from '../../src/writer/journalReader';
import { remove, temporaryFolder, waitUntil } from './support';

export interface CrashStormOptions {
  readonly rounds: number;
  /** Windows that record into one folder at the same time. */
  readonly windows: number;
  readonly durability: 'grouped' | 'immediate';
  /** What takes the journals in, made anew for each round's folder. Default: a list in memory. */
  readonly store?: (folder: string) => Promise<CrashStore>;
}

/** The part of the ledger: takes all journals of a folder in, and deletes what it holds for good. */
export interface CrashStore {
  fold(): Promise<void>;
  /** Input tokens by key, of all that was taken in. */
  finish(): Promise<ReadonlyMap<string, number>>;
}

export interface CrashStormResult {
  readonly rounds: number;
  readonly recorded: number;
  readonly acknowledged: number;
  readonly found: number;
  /** Records that had to be there and were not. Anything but 0 breaks law 2. */
  readonly lostAcknowledged: number;
  readonly lostOlderThan50Ms: number;
  /** The oldest record that was lost, in time during which its window ran, and by the clock. */
  readonly oldestLostMs: number;
  readonly oldestLostByClockMs: number;
  readonly foldedTwice: number;
  readonly tornLines: number;
  /** Bad lines that no crash explains. */
  readonly badLines: number;
  readonly wrong: number;
  /** Segments left in the folder at the end of a round. */
  readonly leftSegments: number;
}

/** `rounds` times: windows record, a leader folds and deletes meanwhile, all windows are killed at random moments. */
export async function crashStorm(options: CrashStormOptions): Promise<CrashStormResult> {
  const total = {
    rounds: 0,
    recorded: 0,
    acknowledged: 0,
    found: 0,
    lostAcknowledged: 0,
    lostOlderThan50Ms: 0,
    oldestLostMs: 0,
    oldestLostByClockMs: 0,
    foldedTwice: 0,
    tornLines: 0,
    badLines: 0,
    wrong: 0,
    leftSegments: 0,
  };
  for (; total.rounds < options.rounds; total.rounds++) {
    const folder = temporaryFolder();
    try {
      await stormOnce(folder, options, total);
    } finally {
      remove(folder);
    }
  }
  return total;
}

type Counters = { -readonly [Name in keyof CrashStormResult]: CrashStormResult[Name] };

/** Keeps in memory what it reads, and counts what is odd about it. */
function listInMemory(journal: string, total: Counters): CrashStore {
  const tokensByKey = new Map<string, number>();
  return {
    fold: async () => {
      for (const segment of await listSegments(journal)) {
        const { records, badLines, closed } = await readSegment(segment);
        for (const record of records) {
          if (tokensByKey.has(record.key)) total.foldedTwice++;
          tokensByKey.set(record.key, record.tokens.input);
        }
        // Like the engine: what is still open is folded early, and again when it is closed.
        if (!closed) {
          for (const record of records) tokensByKey.delete(record.key);
          continue;
        }
        for (const { reason } of badLines) total[reason === 'torn' ? 'tornLines' : 'badLines']++;
        await unlink(segment.path).catch((error: unknown) => {
          if (errorCode(error) !== 'ENOENT') throw error;
        });
      }
    },
    finish: () => Promise.resolve(tokensByKey),
  };
}

async function stormOnce(folder: string, options: CrashStormOptions, total: Counters): Promise<void> {
  const journal = join(folder, 'journal');
  const store = (await options.store?.(folder)) ?? listInMemory(journal, total);

  // One leader: it does one thing after the other.
  let leader = Promise.resolve();
  const fold = () => (leader = leader.then(() => store.fold()));

  const windows = Array.from({ length: options.windows }, (_, index) => {
    const audit = join(folder, `audit-${index}`);
    const child = spawn(
      process.execPath,
      [join(__dirname, '..', 'writer', 'crashChild.js'), folder, audit, `w${index}`, options.durability],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return { audit, child, ended, name: `w${index}` };
  });
  try {
    await waitUntil(() => windows.every(({ audit }) => existsSync(audit)), 'all windows record');
    await Promise.all(
      windows.map(async ({ child, ended }) => {
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 250));
        await fold();
        child.kill('SIGKILL');
        await ended;
        await fold();
      }),
    );
  } finally {
    for (const { child } of windows) child.kill('SIGKILL');
    await Promise.all(windows.map(({ ended }) => ended));
  }
  await fold();
  const tokensByKey = await store.finish();
  total.leftSegments += (await listSegments(journal)).length;
  for (const { audit, name } of windows) checkWindow(name, readFileSync(audit, 'utf8'), tokensByKey, total);
  total.found += tokensByKey.size;
}

function checkWindow(name: string, audit: string, found: ReadonlyMap<string, number>, total: Counters): void {
  const ticks: { readonly upTo: number; readonly ms: number; readonly ranMs: number }[] = [];
  let acknowledged = 0;
  // The last line may be torn by the kill.
  for (const line of audit.slice(0, audit.lastIndexOf('\n') + 1).split('\n')) {
    const [kind, upTo, ms] = line.split(' ');
    if (kind === 'r')
      ticks.push({ upTo: Number(upTo), ms: Number(ms), ranMs: ranMs(ticks.at(-1), Number(ms)) });
    if (kind === 'a') acknowledged = Math.max(acknowledged, Number(upTo));
  }
  const last = ticks.at(-1);
  if (last === undefined) return;
  total.recorded += last.upTo;
  total.acknowledged += acknowledged;
  let number = 0;
  for (const { upTo, ms, ranMs } of ticks) {
    for (; number < upTo; number++) {
      const tokens = found.get(`api:${name}-${number}`);
      if (tokens === number) continue;
      if (tokens !== undefined) total.wrong++;
      else {
        const ageMs = last.ranMs - ranMs;
        total.oldestLostByClockMs = Math.max(total.oldestLostByClockMs, last.ms - ms);
        total.oldestLostMs = Math.max(total.oldestLostMs, ageMs);
        if (number < acknowledged) total.lostAcknowledged++;
        if (ageMs > 50) total.lostOlderThan50Ms++;
      }
    }
  }
}

/** A window pauses for 8 ms at most. If it does not turn for longer, the machine did not let it run. */
function ranMs(before: { readonly ms: number; readonly ranMs: number } | undefined, ms: number): number {
  return before === undefined ? 0 : before.ranMs + Math.min(ms - before.ms, 10);
}
