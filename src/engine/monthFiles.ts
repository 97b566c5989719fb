import { setImmediate as nextTurn } from 'node:timers/promises';
import { LedgerError, toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import { type Month, monthOf, type QuarterHour } from '../model/time';
import type { UsageRecord } from '../model/usageRecord';
import type { MergeResult, RestoreResult } from '../protocol/engineApi';
import { foreignMonthFiles, openForeignMonth } from '../ledger/foreignMonths';
import type { Ledger } from '../ledger/ledger';
import type { MonthStore } from '../ledger/monthStore';
import { recordOf, type Row } from '../ledger/row';
import type { Role } from './engine';

const rowsAtATime = 500;

export interface MonthFilesOptions {
  readonly ledger: Ledger;
  readonly wasmPath: string;
  /** Prices and folds; figures follow. */
  readonly fold: (records: readonly UsageRecord[]) => void;
  /** Sums of these quarter hours have moved by something else than a fold. */
  readonly changed: (quarters: ReadonlySet<QuarterHour>) => void;
  /** Messages of this month came back with the prices of then. */
  readonly onRestore: (month: Month) => void;
  readonly save: () => Promise<void>;
  readonly log: Log;
}

type Calls = Pick<Role['calls'], 'archiveMonth' | 'restoreMonth' | 'mergeLedger'>;

/** Month files that leave the ledger, come back to it, or come from another one. */
export class MonthFiles {
  readonly #options: MonthFilesOptions;
  /** One at a time: they all move the same months. */
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: MonthFilesOptions) {
    this.#options = options;
  }

  readonly calls: Calls = {
    archiveMonth: ({ month, folder }) =>
      this.#afterOthers(async () => {
        if (month >= monthOf(Date.now()))
          throw new LedgerError('invalid', `${month} is not over yet: a month is archived when it has ended`);
        const path = await this.#options.ledger.retention.archive(month, folder);
        this.#options.log('info', 'a month was archived', { month, path });
        return { path };
      }),
    restoreMonth: ({ path }) => this.#afterOthers(() => this.#restore(path)),
    mergeLedger: ({ folder, dryRun }) => this.#afterOthers(() => this.#merge(folder, dryRun)),
  };

  #afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#running.then(work);
    this.#running = result.catch(() => undefined);
    return result;
  }

  async #restore(path: string): Promise<RestoreResult> {
    const { ledger, wasmPath, onRestore, save, log } = this.#options;
    const archived = await openForeignMonth(path, wasmPath);
    try {
      const restored = await ledger.retention.restore(archived);
      const { added } = await this.#takeIn(archived, false, new Set());
      const month = monthOf(Date.UTC(1970, archived.month));
      onRestore(month);
      await save();
      log('info', 'an archived month was restored', { month, path, restored, added });
      return { month, restored, added };
    } finally {
      archived.close();
    }
  }

  async #merge(folder: string, dryRun: boolean): Promise<MergeResult> {
    const { wasmPath, save, log } = this.#options;
    const sum = { months: 0, added: 0, known: 0, sumsAdded: 0, sumsKnown: 0, sumsRefused: 0 };
    const failures: MergeResult['failures'][number][] = [];
    const hosts = new Set<string>();
    for (const file of await foreignMonthFiles(folder)) {
      let month: MonthStore;
      try {
        month = await openForeignMonth(file, wasmPath);
      } catch (error) {
        const { reason, message } = toErrorMessage(error);
        log('warn', 'a month of another ledger could not be read', { file, reason, message });
        failures.push({ file, reason });
        continue;
      }
      try {
        const { added, known } = await this.#takeIn(month, dryRun, hosts);
        sum.months++;
        sum.added += added;
        sum.known += known;
        const sums = this.#takeSums(month, dryRun, hosts);
        if (sums === 'new') sum.sumsAdded++;
        else if (sums === 'known') sum.sumsKnown++;
        else if (sums === 'mixed') sum.sumsRefused++;
      } finally {
        month.close();
      }
    }
    if (!dryRun) {
      await save();
      log('info', 'another ledger was merged', { folder, ...sum, failures: failures.length });
    }
    return { ...sum, hosts: [...hosts].sort(), failures };
  }

  /** Folds every row, or only counts those that stand for a message. */
  async #takeIn(
    month: MonthStore,
    dryRun: boolean,
    hosts: Set<string>,
  ): Promise<{ readonly added: number; readonly known: number }> {
    const { ledger, fold } = this.#options;
    let added = 0;
    let known = 0;
    let rows: Row[] = [];
    let last = { key: '', known: false };
    const done = async (): Promise<void> => {
      if (!dryRun) fold(rows.map(recordOf));
      rows = [];
      await nextTurn();
    };
    for (const row of month.allRows()) {
      // Rows of one key come one after the other, and the first of them may be folded by now.
      if (row.key !== last.key) last = { key: row.key, known: ledger.knows(row.key) };
      if (row.counted && last.known) known++;
      else if (row.counted) added++;
      if (row.counted) hosts.add(row.dimensions.host);
      rows.push(row);
      if (rows.length === rowsAtATime) await done();
    }
    await done();
    if (!dryRun) ledger.foldCostStates(month.costStates());
    return { added, known };
  }

  /** null: there are none. */
  #takeSums(month: MonthStore, dryRun: boolean, hosts: Set<string>): 'new' | 'known' | 'mixed' | null {
    const keys = month.compacted.keys();
    if (keys.length === 0) return null;
    const rollups = [...month.compacted.rollups()];
    for (const { dimensions } of rollups) hosts.add(dimensions.host);
    const outcome = this.#options.ledger.retention.absorb({ month: month.month, keys, rollups }, dryRun);
    if (outcome === 'new' && !dryRun) this.#options.changed(new Set(rollups.map(({ quarter }) => quarter)));
    return outcome;
  }
}
