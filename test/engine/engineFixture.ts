import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Snapshot } from '../../src/model/snapshot';
import type { EngineStart } from '../../src/protocol/engineApi';
import { EngineClient } from '../../src/host/engineClient';
import { response, text, type Json } from '../sources/claude/transcriptFixtures';

/** The engine as it ships: the bundle that the extension starts. */
export const workerPath = resolve('dist', 'engine.js');
export const wasmPath = resolve('dist', 'sql-wasm.wasm');

export function engineStart(roots: readonly string[], changes: Partial<EngineStart> = {}): EngineStart {
  return {
    storageFolder: null,
    onlyRoots: roots,
    environment: { home: '/nowhere', claudeConfigDir: undefined, xdgConfigHome: undefined },
    wasmPath,
    hostName: 'desk',
    windowId: `${process.pid}-${Date.now()}-test`,
    background: true,
    ...changes,
    settings: {
      timeZone: 'UTC',
      costMode: 'auto',
      userPrices: [],
      extraRoots: [],
      user: 'someone',
      minIntervalMs: 60_000,
      maxIntervalMs: 600_000,
      metricsPort: 0,
      limits: [],
      messageDetailMonths: 0,
      openMonths: 4,
      ...changes.settings,
    },
  };
}

export class TestEngine {
  readonly client: EngineClient;
  readonly log: string[] = [];
  readonly snapshots: Snapshot[] = [];
  #waiting: { test: (snapshot: Snapshot) => boolean; resolve: (snapshot: Snapshot) => void }[] = [];

  constructor(start: EngineStart) {
    this.client = new EngineClient({
      workerPath,
      start: () => start,
      log: (level, message) => this.log.push(`${level} ${message}`),
    });
    this.client.on('log', ({ level, message, data }) =>
      this.log.push(`${level} ${message} ${JSON.stringify(data)}`),
    );
    this.client.on('snapshot', (snapshot) => {
      this.snapshots.push(snapshot);
      for (const each of this.#waiting.filter(({ test }) => test(snapshot))) each.resolve(snapshot);
      this.#waiting = this.#waiting.filter(({ test }) => !test(snapshot));
    });
    this.client.start();
  }

  /** A snapshot, told already or yet to come, that passes the test. */
  until(test: (snapshot: Snapshot) => boolean, timeoutMs = 20_000): Promise<Snapshot> {
    const last = this.snapshots.at(-1);
    if (last !== undefined && test(last)) return Promise.resolve(last);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(
            `no such snapshot came; last: ${JSON.stringify(this.snapshots.at(-1)?.scan)} log: ${this.log.join('\n')}`,
          ),
        );
      }, timeoutMs);
      this.#waiting.push({
        test,
        resolve: (snapshot) => {
          clearTimeout(timer);
          resolve(snapshot);
        },
      });
    });
  }

  messages(count: number): Promise<Snapshot> {
    return this.until(({ periods, scan }) => scan.complete && periods.allTime.total.messages === count);
  }

  stop(): Promise<void> {
    return this.client.shutdown();
  }
}

/** A message of its own, `minute` minutes into 3 February 2026. */
export function message(
  id: string,
  changes: { output?: number; minute?: number; line?: Json; message?: Json } = {},
): Json {
  const timestamp = new Date(Date.UTC(2026, 1, 3) + (changes.minute ?? 0) * 60_000).toISOString();
  return response({
    line: { timestamp, uuid: `uuid-${id}-${changes.output ?? 20}`, requestId: `req_${id}`, ...changes.line },
    message: { id: `msg_${id}`, ...changes.message },
    usage: { output_tokens: changes.output ?? 20 },
  });
}

export function writeTranscript(root: string, name: string, ...lines: readonly (Json | string)[]): string {
  const path = join(root, 'projects', '-work-app', `${name}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text(...lines));
  return path;
}
