import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PricedRecord } from '../../src/model/usageRecord';
import type { RepricedSlice } from '../../src/ledger/book';
import { Ledger, type LedgerOptions } from '../../src/ledger/ledger';

export const wasmPath = join('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');
export const noon = Date.UTC(2026, 10, 24, 12);

export interface Told extends Partial<Omit<PricedRecord, 'tokens' | 'price'>> {
  readonly tokens?: Partial<PricedRecord['tokens']>;
  readonly price?: Partial<PricedRecord['price']>;
}

/** A plausible record with what the test cares about put in. */
export function record(told: Told = {}): PricedRecord {
  const { tokens, price, ...rest } = told;
  return {
    key: 'msg_1',
    requestId: 'req_1',
    sidechain: false,
    epochMs: noon,
    fast: false,
    usOnly: false,
    reportedCost: null,
    unfinished: false,
    contentCharacters: 0,
    model: 'claude-opus-4-5',
    provider: 'anthropic',
    project: '/home/ada/engine',
    branch: 'main',
    source: 'claude-code',
    user: 'ada',
    host: 'analytical',
    origin: { path: '/home/ada/.claude/projects/engine/one.jsonl', beganEpochMs: noon, session: 'one' },
    ...rest,
    tokens: {
      input: 3,
      output: 100,
      cacheRead: 20_000,
      cacheWrite5m: 400,
      cacheWrite1h: 0,
      webSearches: 0,
      ...tokens,
    },
    price: {
      cost: 5_000_000,
      assumed: false,
      missingOutputTokens: 0,
      missingCost: 0,
      cacheReadSaved: 7_000,
      cacheWriteExtra: 300,
      ...price,
    },
  };
}

/** `count` messages over the given days, as a scan would hand them over: two copies of each, the second one fuller. */
export function manyRecords(count: number, days = 30, from = Date.UTC(2026, 9, 10)): PricedRecord[] {
  const records: PricedRecord[] = [];
  const step = Math.floor((days * 86_400_000) / count);
  for (let index = 0; index < count; index++) {
    const session = Math.floor(index / 200);
    const told: Told = {
      key: `msg_01${((index * 2_654_435_761) % 4_294_967_296).toString(36)}${index.toString(36)}XyZabc`,
      requestId: `req_011${((index * 40_503) % 65_536).toString(36)}${index.toString(36)}QwErty`,
      epochMs: from + index * step,
      model: index % 7 === 0 ? 'claude-haiku-4-5' : 'claude-opus-4-5',
      project: `/home/ada/project-${session % 12}`,
      branch: session % 3 === 0 ? 'main' : `feature-${session % 5}`,
      origin: {
        path: `/home/ada/.claude/projects/p/${session}.jsonl`,
        beganEpochMs: from + session * 200 * step,
        session: `session-${session}`,
      },
    };
    records.push(
      record({ ...told, tokens: { output: 1, cacheRead: index } }),
      record({ ...told, tokens: { output: 50 + (index % 900), cacheRead: index } }),
    );
  }
  return records;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'usage-ledger-test-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export function openLedger(folder: string | null, options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return Ledger.open({ folder, wasmPath, now: () => noon, log: () => undefined, ...options });
}

/** Prices all months anew; returns what that has changed. */
export function repriceAll(
  ledger: Ledger,
  priceOf: (record: PricedRecord) => PricedRecord['price'],
): Omit<RepricedSlice, 'next' | 'quarters'> {
  const change = { messages: 0, beforeNanoDollars: 0, afterNanoDollars: 0, models: new Set<string>() };
  for (const month of ledger.months())
    for (const slice of ledger.repricing(month, priceOf)) {
      change.messages += slice.messages;
      change.beforeNanoDollars += slice.beforeNanoDollars;
      change.afterNanoDollars += slice.afterNanoDollars;
      for (const model of slice.models) change.models.add(model);
    }
  return change;
}
