import { join } from 'node:path';
import { LedgerError } from '../model/errors';
import type { Month as MonthName } from '../model/time';
import type { CheckpointResult } from './checkpoint';
import { absorbCompacted, type CompactedPart, compactSlice, restoreMonth } from './compaction';
import type { CurrentBook } from './currentBook';
import { archiveName, openForeignMonth } from './foreignMonths';
import type { KeyHash } from './keyIndex';
import { isUnsaved, type Month, monthFile, monthNamed } from './month';
import type { MonthStore } from './monthStore';
import { runInSlices } from './slices';

/** Which generation of each month has nothing left to make sums of. */
const compactedMeta = 'compacted';

export interface RetentionOptions {
  readonly current: CurrentBook;
  readonly checkpoint: () => Promise<CheckpointResult>;
  /** Where `sql-wasm.wasm` lies. */
  readonly wasmPath: string;
}

/** How long messages stay: months are made sums of, archived, and restored. */
export class Retention {
  readonly #current: CurrentBook;
  readonly #checkpoint: RetentionOptions['checkpoint'];
  readonly #wasmPath: string;

  constructor({ current, checkpoint, wasmPath }: RetentionOptions) {
    this.#current = current;
    this.#checkpoint = checkpoint;
    this.#wasmPath = wasmPath;
  }

  /**
   * Makes sums of the messages of one month, whose totals do not change, and saves it. Returns how many went: none if it
   * is there already, or if it cannot be done now.
   */
  async compact(name: MonthName): Promise<number> {
    const current = this.#current;
    const done = JSON.parse(current.catalogue.meta(compactedMeta) ?? '{}') as Record<MonthName, number>;
    const before = this.#month(name);
    if (before.generation > 0 && !isUnsaved(before) && done[name] === before.generation) return 0;
    await this.#checkpoint();
    let rows = 0;
    const compacting = this.#compacting(name, (count) => (rows += count));
    await runInSlices(compacting, () => current.mustBeOpen());
    if (rows > 0) await this.#saveAll();
    current.mustBeOpen();
    current.catalogue.putMeta(
      compactedMeta,
      JSON.stringify({ ...done, [name]: this.#month(name).generation }),
    );
    return rows;
  }

  *#compacting(name: MonthName, gone: (rows: number) => void): Generator<void> {
    const current = this.#current;
    let any = false;
    for (let place: KeyHash | null = -1; place !== null;) {
      const after: KeyHash = place;
      const { next, rows } = current.repairing((book) => compactSlice(book, this.#month(name), after));
      place = next;
      any ||= rows > 0;
      gone(rows);
      yield;
    }
    if (any) current.repairing((book) => book.months.store(this.#month(name)).compacted.shrink());
  }

  /**
   * Writes a month's file as it is into a folder, reads it back, and then makes sums of its messages here. Returns the
   * copy's path. Throws `invalid` if there is nothing to archive, or the reason of the system's error, such as that the
   * file exists; then nothing has changed here.
   */
  async archive(name: MonthName, folder: string): Promise<string> {
    const current = this.#current;
    const { fs, folder: own } = current.context;
    if (own === null) throw new LedgerError('unavailable', 'this ledger is in memory');
    await this.#saveAll();
    const month = this.#month(name);
    const messages = current.repairing((book) => book.months.store(month).compacted.compactable());
    if (messages === 0) throw new LedgerError('invalid', `there are no messages in ${name} to archive`);
    const target = join(folder, archiveName(name));
    await fs.copy(join(own, monthFile(month.number)), target);
    await fs.syncFolder(folder);
    const copy = await openForeignMonth(target, this.#wasmPath);
    try {
      if (copy.compacted.compactable() < messages)
        throw new LedgerError('io', `${target} was not written whole`);
    } finally {
      copy.close();
    }
    await this.compact(name);
    return target;
  }

  /** Puts the messages of an archived month back where they were made sums of. Returns how many came back. */
  async restore(archived: MonthStore): Promise<number> {
    await this.#checkpoint();
    const rows = this.#current.repairing((book) =>
      restoreMonth(book, book.months.of(archived.month), archived),
    );
    if (rows > 0) await this.#saveAll();
    return rows;
  }

  /** Takes in what another ledger made sums of, whole or not at all. */
  absorb(part: CompactedPart, dryRun = false): 'new' | 'known' | 'mixed' {
    this.#current.mustBeOpen();
    return this.#current.repairing((book) => absorbCompacted(book, part, dryRun));
  }

  #month(name: MonthName): Month {
    return monthNamed(this.#current.book.months, name);
  }

  async #saveAll(): Promise<void> {
    const { complete, failures } = await this.#checkpoint();
    if (complete) return;
    const [first] = failures;
    throw new LedgerError(first?.reason ?? 'io', failures.map(({ message }) => message).join('; '));
  }
}
