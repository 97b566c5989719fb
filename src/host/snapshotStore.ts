import { readFile } from 'node:fs/promises';
import { errorCode } from '../model/errors';
import type { Log } from '../model/logRecord';
import { periodNames, type ScanProgress, type Snapshot } from '../model/snapshot';
import { type MoneyFormat, usDollars } from '../model/format';
import type { EngineStatus, PanelView } from '../protocol/panelApi';
import { Emitter } from './emitter';

/** What changed: `progress` comes often and matters to few; `context` is what figures are shown in, not what they are. */
export type StoreChange = 'snapshot' | 'progress' | 'engine' | 'context';

/** What this window knows right now: every surface shows this and nothing else. */
export class SnapshotStore {
  readonly #changes = new Emitter<StoreChange>();
  readonly #log: Log;
  #snapshot: Snapshot | null = null;
  #origin: PanelView['origin'] = 'none';
  #progress: ScanProgress | null = null;
  #engine: EngineStatus = { kind: 'idle', reason: null };
  /** Why the running engine cannot use the ledger; null: it can. */
  #unavailable: string | null = null;
  #money: MoneyFormat = usDollars;
  #workspaceFolders: readonly string[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    return this.#changes.on(listener);
  }

  view(nowEpochMs: number): PanelView {
    return {
      snapshot: this.#snapshot,
      origin: this.#origin,
      progress: this.#progress,
      engine: this.#unavailable === null ? this.#engine : { kind: 'unavailable', reason: this.#unavailable },
      nowEpochMs,
      money: this.#money,
      workspaceFolders: this.#workspaceFolders,
    };
  }

  /**
   * Shows the last figures of an earlier run, unless the engine was faster. A file that cannot be used is as good as none.
   * @returns whether figures are shown now.
   */
  async load(path: string): Promise<boolean> {
    let snapshot: Snapshot | null;
    try {
      snapshot = parseSnapshot(await readFile(path, 'utf8'));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        this.#log('warn', 'The last snapshot could not be read', { error: String(error) });
      return this.#snapshot !== null;
    }
    if (snapshot === null) {
      this.#log('warn', 'The last snapshot has a format that this version does not read');
      return this.#snapshot !== null;
    }
    if (this.#origin === 'engine') return true;
    this.#snapshot = snapshot;
    this.#origin = 'disk';
    this.#changes.fire('snapshot');
    return true;
  }

  accept(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#origin = 'engine';
    this.#unavailable = null;
    this.#changes.fire('snapshot');
  }

  setMoney(money: MoneyFormat): void {
    if (isSame(money, this.#money)) return;
    this.#money = money;
    this.#changes.fire('context');
  }

  setWorkspaceFolders(folders: readonly string[]): void {
    if (isSame(folders, this.#workspaceFolders)) return;
    this.#workspaceFolders = folders;
    this.#changes.fire('context');
  }

  setProgress(progress: ScanProgress | null): void {
    if (progress === null && this.#progress === null) return;
    this.#progress = progress;
    this.#changes.fire('progress');
  }

  /** Until the next snapshot, which says that the ledger is back. */
  setUnavailable(reason: string): void {
    this.#unavailable = reason;
    this.#progress = null;
    this.#changes.fire('engine');
  }

  setEngine(engine: EngineStatus): void {
    this.#engine = engine;
    if (engine.kind !== 'running') this.#unavailable = null;
    if (engine.kind !== 'running' && engine.kind !== 'starting') this.#progress = null;
    this.#changes.fire('engine');
  }
}

/** Checks as much as the surfaces rely on; null if it is no snapshot of this format. */
export function parseSnapshot(json: string): Snapshot | null {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return null;
  const snapshot = value as Partial<Snapshot>;
  const usable =
    snapshot.format === 1 &&
    typeof snapshot.takenEpochMs === 'number' &&
    typeof snapshot.timeZone === 'string' &&
    isObject(snapshot.periods) &&
    periodNames.every((name) => {
      const period: unknown = snapshot.periods?.[name];
      return (
        isObject(period) &&
        isObject(period['total']) &&
        typeof period['total']['costNanoDollars'] === 'number' &&
        Array.isArray(period['byModel']) &&
        Array.isArray(period['byProject'])
      );
    }) &&
    Array.isArray(snapshot.days) &&
    Array.isArray(snapshot.unpricedModels) &&
    isObject(snapshot.scan) &&
    Array.isArray(snapshot.scan.roots);
  return usable ? (snapshot as Snapshot) : null;
}

/** Of plain data; Node's own comparison has to be loaded first, while a window waits. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
