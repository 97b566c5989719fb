// One window without VS Code: the engine as it ships, started as the extension starts it, and the usage writer wired to
// it. Does what its parent orders over IPC, and tells it when this window begins to lead.
import { readFileSync } from 'node:fs';
import { EngineClient } from '../../src/host/engineClient';
import type { Snapshot } from '../../src/model/snapshot';
import type { EngineStart, FlushResult } from '../../src/protocol/engineApi';
import type { WriterStats } from '../../src/api';
import { journalFoldersIn } from '../../src/writer/journalPlaces';
import { UsageWriter } from '../../src/writer/usageWriter';
import { newWindowIdentity } from '../../src/writer/windowIdentity';
import { toErrorMessage, type ErrorMessage } from '../../src/model/errors';
import { engineStart, workerPath } from '../engine/engineFixture';
import { acceptFor, entry } from '../writer/support';

export interface WindowOrder {
  readonly storage: string;
  /** Where the emergency folder lies. */
  readonly temporary: string;
  readonly root: string;
  readonly settings?: Partial<EngineStart['settings']>;
}

export interface Commands {
  /** Starts the engine; until then the process is a window without one. */
  start: { params: null; result: null };
  /** Records the entries `<name>-<number>` from a number to another (exclusive), each with its number as input tokens. */
  record: { params: { readonly name: string; readonly from: number; readonly to: number }; result: null };
  flush: { params: { readonly save: boolean }; result: FlushResult };
  snapshot: { params: null; result: Snapshot };
  refresh: { params: null; result: Snapshot };
  stats: { params: null; result: WindowStats };
  close: { params: null; result: null };
}

export interface WindowStats {
  readonly writer: WriterStats;
  readonly role: Snapshot['scan']['role'] | null;
  readonly sweeps: number;
  readonly unavailable: ErrorMessage | null;
  /** Of the whole process. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** What this process alone takes, without pages shared with others; null where the system does not say. */
  readonly privateBytes: number | null;
  readonly log: readonly string[];
}

export type ToWindow = {
  readonly id: number;
  readonly command: keyof Commands;
  readonly params: unknown;
};

export type FromWindow =
  | { readonly kind: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorMessage }
  | { readonly kind: 'ready' }
  | { readonly kind: 'hasLease'; readonly epochMs: number }
  | { readonly kind: 'leads'; readonly epochMs: number }
  | {
      readonly kind: 'shows';
      readonly epochMs: number;
      readonly messages: number;
      readonly inputTokens: number;
    };

const order = JSON.parse(process.argv[2]!) as WindowOrder;
const identity = newWindowIdentity(Date.now());
const log: string[] = [];
let last: Snapshot | null = null;
let sweeps = 0;
let unavailable: ErrorMessage | null = null;
let save = false;

function tell(message: FromWindow): void {
  process.send?.(message);
}

function note(level: string, message: string, data?: unknown): void {
  log.push(`${Date.now()} ${level} ${message} ${data === undefined ? '' : JSON.stringify(data)}`);
  if (log.length > 500) log.shift();
}

const client = new EngineClient({
  workerPath,
  start: () =>
    engineStart([order.root], {
      storageFolder: order.storage,
      windowId: identity.windowId,
      ...(order.settings === undefined ? {} : { settings: order.settings as EngineStart['settings'] }),
    }),
  log: note,
});
client.on('log', ({ level, message, data, epochMs }) => {
  note(level, message, data);
  if (message === 'swept') sweeps++;
  if (message === 'this window has the lease') tell({ kind: 'hasLease', epochMs });
  if (message === 'this window leads') tell({ kind: 'leads', epochMs });
});
client.on('snapshot', (snapshot) => {
  last = snapshot;
  unavailable = null;
  const { messages, inputTokens } = snapshot.periods.allTime.total;
  tell({ kind: 'shows', epochMs: Date.now(), messages, inputTokens });
});
client.on('unavailable', (error) => (unavailable = error));

const writer = new UsageWriter({
  window: identity,
  folders: journalFoldersIn(order.storage, order.temporary),
  accept: acceptFor(identity),
  log: note,
});

const commands: { [Name in keyof Commands]: (params: never) => Promise<Commands[Name]['result']> } = {
  start: () => {
    client.start();
    writer.setSink({ flush: (windowId) => client.call('flush', { windowId, save }) });
    return Promise.resolve(null);
  },
  record: ({ name, from, to }: Commands['record']['params']) => {
    for (let number = from; number < to; number++)
      writer.record(entry(`${name}-${number}`, { inputTokens: number }));
    return Promise.resolve(null);
  },
  flush: async (params: Commands['flush']['params']) => {
    save = params.save;
    return writer.flush();
  },
  snapshot: () => client.call('snapshot', null),
  refresh: () => client.call('refresh', null),
  stats: () =>
    Promise.resolve({
      writer: writer.stats(),
      role: last?.scan.role ?? null,
      sweeps,
      unavailable,
      cpuMs: (process.cpuUsage().user + process.cpuUsage().system) / 1_000,
      ...memory(),
      log,
    }),
  close: async () => {
    save = true;
    await writer.shutdown();
    await client.shutdown();
    return null;
  },
};

function memory(): Pick<WindowStats, 'rssBytes' | 'privateBytes'> {
  globalThis.gc?.();
  const rssBytes = process.memoryUsage.rss();
  try {
    const text = readFileSync('/proc/self/smaps_rollup', 'utf8');
    let privateBytes = 0;
    for (const [, kilobytes] of text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm))
      privateBytes += Number(kilobytes) * 1_024;
    return { rssBytes, privateBytes };
  } catch {
    return { rssBytes, privateBytes: null };
  }
}

process.on('message', ({ id, command, params }: ToWindow) => {
  const run = commands[command] as (params: unknown) => Promise<unknown>;
  run(params).then(
    (result) => {
      tell({ kind: 'reply', id, result });
      if (command === 'close') process.disconnect();
    },
    (error: unknown) => tell({ kind: 'failure', id, error: toErrorMessage(error) }),
  );
});
// Without its parent nobody needs this window.
process.on('disconnect', () => setTimeout(() => process.exit(), 3_000).unref());
tell({ kind: 'ready' });
