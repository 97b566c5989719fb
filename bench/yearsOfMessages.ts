// Three years of messages in a ledger, made fast: without transcripts, straight into the months' files.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ledger } from '../src/ledger/ledger';
import type { PricedRecord } from '../src/model/usageRecord';

export const months = 36;
export const lastMessage = Date.UTC(2026, 10, 24, 12);
const messagesASession = 50;

export interface Shape {
  readonly messages: number;
  readonly users: number;
  /** Only what is later; the rest of the data is the same. */
  readonly from: number;
  /** Of the last session; by default one that does not change from run to run. */
  readonly end?: number;
}

const models = ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5', 'gpt-5', 'claude-opus-4-5'];

/** The first instant of one of the months, of which the last holds `end`. */
function monthStart(month: number, end: number): number {
  const last = new Date(end);
  return Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1 - months + month);
}

/** Sessions of an hour, evenly over the years, each of one user in one project. */
export function* records(
  { messages, users, from, end = lastMessage }: Shape,
  until = Infinity,
): Generator<PricedRecord> {
  const begin = monthStart(0, end);
  const sessions = Math.ceil(messages / messagesASession);
  const pauseMs = (end - begin - 3_600_000) / sessions;
  const first = Math.max(0, Math.floor((from - 3_600_000 - begin) / pauseMs)) * messagesASession;
  for (let index = first; index < messages; index++) {
    const session = Math.floor(index / messagesASession);
    const began = begin + Math.floor(pauseMs * session);
    const epochMs = began + (index % messagesASession) * 72_000;
    if (began >= until) return;
    if (epochMs < from || epochMs >= until) continue;
    const cost = 1_000_000 + ((index * 7_919) % 9_000_000);
    yield {
      key: `msg_${index.toString(36).padStart(10, '0')}`,
      requestId: `req_${index.toString(36)}`,
      sidechain: false,
      epochMs,
      fast: false,
      usOnly: false,
      reportedCost: null,
      unfinished: false,
      contentCharacters: 0,
      model: models[session % models.length]!,
      provider: session % models.length === 3 ? 'openai' : 'anthropic',
      project: `/home/someone/work/project-${session % 40}`,
      branch: session % 7 === 0 ? 'main' : `feature-${session % 7}`,
      source: 'claude-code',
      user: `user-${session % users}`,
      host: 'desk',
      origin: {
        path: `/c/projects/p/session-${session}.jsonl`,
        session: `session-${session}`,
        beganEpochMs: began,
      },
      tokens: {
        input: 10,
        output: 200 + (index % 700),
        cacheRead: 20_000,
        cacheWrite5m: 500,
        cacheWrite1h: 0,
        webSearches: 0,
      },
      price: {
        cost,
        assumed: false,
        missingOutputTokens: 0,
        missingCost: 0,
        cacheReadSaved: 1_000,
        cacheWriteExtra: 10,
      },
    };
  }
}

export function openLedger(folder: string, end = lastMessage): Promise<Ledger> {
  const wasmPath = resolve('dist', 'sql-wasm.wasm');
  return Ledger.open({ folder, wasmPath, now: () => end, log: () => undefined });
}

async function foldAll(folder: string, all: Iterable<PricedRecord>, end: number): Promise<void> {
  const ledger = await openLedger(folder, end);
  let some: PricedRecord[] = [];
  for (const record of all) {
    some.push(record);
    if (some.length < 5_000) continue;
    ledger.fold(some);
    some = [];
  }
  ledger.fold(some);
  await ledger.checkpoint();
  await ledger.close();
}

/**
 * Each month is made by a ledger of its own and its files are put together, since a month's files know nothing of other
 * months; the last one comes in by way of all of them. `verify` finds the same as in a ledger that folded everything.
 */
export async function buildLedger(folder: string, shape: Shape): Promise<void> {
  const { end = lastMessage } = shape;
  const building = join(folder, 'building');
  mkdirSync(folder, { recursive: true });
  for (let month = 0; month < months; month++) {
    const from = Math.max(shape.from, monthStart(month, end));
    const until = monthStart(month + 1, end);
    if (from >= until) continue;
    const its = records({ ...shape, from }, until);
    if (month === months - 1) {
      await foldAll(folder, its, end);
      continue;
    }
    await foldAll(building, its, end);
    for (const name of readdirSync(building))
      if (/^\d{4}-\d{2}\.(sqlite|index)$/.test(name)) renameSync(join(building, name), join(folder, name));
    rmSync(building, { recursive: true });
  }
}
