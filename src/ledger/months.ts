import { join } from 'node:path';
import type { Log } from '../model/logRecord';
import type { EpochMs } from '../model/time';
import type { FileSystem } from './fileSystem';
import type { FreshRows } from './freshRows';
import type { Interning } from './interning';
import type { MonthNumber } from './keyIndex';
import { emptyMonth, isUnsaved, type Month, monthFile } from './month';
import { MonthStore } from './monthStore';
import { openOrRecover, type Recovery } from './recovery';
import type { SqlEngine } from './schema';

/** An estimate from so little is no more than a guess. */
const leastShare = 0.1;

export interface BookContext {
  readonly sql: SqlEngine;
  readonly fs: FileSystem;
  /** null: nothing is on the disk. */
  readonly folder: string | null;
  readonly now: () => EpochMs;
  readonly log: Log;
  readonly interning: Interning;
  /** A month that is likely to be read again soon stays open. */
  readonly isWarm: (month: MonthNumber) => boolean;
}

/** A month's file turned out to be damaged while figures from it were already in use: the ledger has to be read anew. */
export class DamageFound extends Error {
  readonly recovery: Recovery;
  constructor(recovery: Recovery) {
    super(`${recovery.file} was damaged`);
    this.recovery = recovery;
  }
}

/** The months of a ledger, and which of their databases are open. */
export class Months extends Map<MonthNumber, Month> {
  readonly #context: BookContext;
  readonly #noRows: () => FreshRows;
  #useCounter = 0;

  constructor(context: BookContext, noRows: () => FreshRows) {
    super();
    this.#context = context;
    this.#noRows = noRows;
  }

  /** The month of this number, which begins empty. */
  of(number: MonthNumber): Month {
    let month = this.get(number);
    if (month === undefined) {
      month = emptyMonth(number, this.#noRows());
      this.set(number, month);
    }
    return month;
  }

  /** The month's database, opened if need be. Throws `DamageFound` if the file is not what it was. */
  store(month: Month, doneShare = 1): MonthStore {
    month.lastUse = ++this.#useCounter;
    if (month.store !== null) return month.store;
    const { sql, folder, interning } = this.#context;
    const open = (bytes: Uint8Array | null): MonthStore =>
      new MonthStore(sql, month.number, bytes, interning, month.fresh.size / Math.max(leastShare, doneShare));
    if (folder === null || month.generation === 0) return (month.store = open(null));
    const { opened, from, recovery } = openOrRecover(
      { ...this.#context, folder },
      monthFile(month.number),
      open,
    );
    if (from !== 'primary') {
      opened.close();
      const file = monthFile(month.number);
      throw new DamageFound(
        recovery ?? { file, outcome: 'fresh', archived: [], cause: 'the file has disappeared' },
      );
    }
    if (opened.migrated) month.dirty = true;
    return (month.store = opened);
  }

  /** Closes the databases used least lately that hold nothing unsaved and are not of recent days. */
  closeIdle(maxOpen: number): void {
    const open = [...this.values()].filter(({ store }) => store !== null);
    open.sort((one, other) => one.lastUse - other.lastUse);
    let excess = open.length - maxOpen;
    for (const month of open) {
      if (excess <= 0) return;
      if (this.closeIfIdle(month)) excess--;
    }
  }

  closeIfIdle(month: Month): boolean {
    if (this.#context.folder === null || this.#context.isWarm(month.number)) return false;
    if (isUnsaved(month) || month.saving || month.moved.size > 0) return false;
    month.store?.close();
    month.store = null;
    month.cube.shrink();
    return true;
  }

  close(): void {
    for (const month of this.values()) {
      month.store?.close();
      month.store = null;
    }
  }

  filePath(name: string): string {
    return join(this.#context.folder ?? '', name);
  }
}
