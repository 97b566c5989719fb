import { randomInt } from 'node:crypto';
import { LedgerError, type LedgerErrorReason, toErrorMessage } from '../model/errors';
import { writeAtomically } from './atomicFile';
import type { Book } from './book';
import { DamageFound } from './months';
import { isUnsaved, type Month, monthFile } from './month';
import type { Catalogue } from './catalogue';
import { catalogueFile, indexFile, noteMonths } from './load';
import { encodeMonthIndex } from './monthIndex';
import { archive } from './recovery';
import { runInSlices } from './slices';

export interface WriteFailure {
  readonly file: string;
  readonly reason: LedgerErrorReason;
  readonly message: string;
}

export interface CheckpointResult {
  /** Everything folded before the call is on the disk, and so are the cursors that say so. */
  readonly complete: boolean;
  /** Files written, in this order. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly failures: readonly WriteFailure[];
}

export interface CheckpointOptions {
  /** Called before every change that others can see; what it throws ends the checkpoint and is thrown on. */
  readonly beforeWrite: (() => void | Promise<void>) | undefined;
  readonly maxOpenMonths: number;
}

/** Generations grow by a random step, so that two writers who fight never give two files the same number. */
const largestStep = 1024;

class Forbidden extends Error {
  constructor(cause: unknown) {
    super('writing was forbidden', { cause });
  }
}

/**
 * Writes the months that changed, then the catalogue as it was when the checkpoint began: its cursors never tell of
 * more than the months hold. Folding may go on meanwhile. A month that cannot be written does not keep the others from
 * being written, but the catalogue stays as it was.
 */
export class Checkpoint {
  readonly #book: Book;
  readonly #catalogue: Catalogue;
  readonly #options: CheckpointOptions;
  readonly #files: string[] = [];
  readonly #failures: WriteFailure[] = [];
  #bytes = 0;

  constructor(book: Book, catalogue: Catalogue, options: CheckpointOptions) {
    this.#book = book;
    this.#catalogue = catalogue;
    this.#options = options;
  }

  async run(): Promise<CheckpointResult> {
    const book = this.#book;
    if (this.#catalogue.dirty || [...book.months.values()].some(isUnsaved)) noteMonths(book, this.#catalogue);
    const cursors = this.#catalogue.dirty ? this.#catalogue.export() : null;
    try {
      await this.#saveMonths();
      if (this.#failures.length === 0) await this.#removeMoved();
      if (this.#failures.length === 0 && cursors !== null) await this.#saveCatalogue(cursors);
    } catch (error) {
      throw error instanceof Forbidden ? error.cause : error;
    }
    book.forgetWritten();
    book.months.closeIdle(this.#options.maxOpenMonths);
    const { length } = this.#failures;
    return { complete: length === 0, files: this.#files, bytes: this.#bytes, failures: this.#failures };
  }

  async #saveMonths(): Promise<void> {
    const book = this.#book;
    for (const month of [...book.months.values()]) {
      if (!isUnsaved(month)) {
        if (month.indexStale && month.moved.size === 0) await this.#saveIndex(month);
        continue;
      }
      await this.#attempt(monthFile(month.number), async () => {
        await runInSlices(book.writing(month), () => this.#mustNotBeRetired());
        await this.#saveMonth(month);
      });
      book.months.closeIdle(this.#options.maxOpenMonths);
    }
  }

  /** Rows that moved to another month are deleted only now that their new month is on the disk. */
  async #removeMoved(): Promise<void> {
    for (const month of [...this.#book.months.values()]) {
      if (month.moved.size === 0) continue;
      await this.#attempt(monthFile(month.number), async () => {
        this.#book.removeMoved(month);
        if (isUnsaved(month)) await this.#saveMonth(month);
      });
    }
  }

  async #saveMonth(month: Month): Promise<void> {
    const book = this.#book;
    // What was folded during the pauses: from here to the copies below nothing may come between.
    book.write(month);
    const generation = month.generation + randomInt(1, largestStep);
    const bytes = book.months.store(month).export(generation);
    const index = month.moved.size === 0 ? this.#encodeIndex(month, generation) : null;
    month.dirty = false;
    month.saving = true;
    try {
      await this.#write(monthFile(month.number), bytes, true);
    } catch (error) {
      month.dirty = true;
      throw error;
    } finally {
      month.saving = false;
    }
    month.generation = generation;
    month.fileBytes = bytes.length;
    month.indexStale = true;
    if (index !== null) await this.#saveIndex(month, index);
  }

  async #saveIndex(month: Month, encoded?: Uint8Array): Promise<void> {
    const index = encoded ?? this.#encodeIndex(month, month.generation);
    try {
      await this.#write(indexFile(month.number), index, false);
      month.indexStale = false;
    } catch (error) {
      // Without it the next start is slower, no more.
      if (error instanceof Forbidden) throw error;
      this.#book.context.log('warn', 'a month index could not be written', {
        file: indexFile(month.number),
        reason: toErrorMessage(error).reason,
      });
    }
  }

  #encodeIndex(month: Month, generation: number): Uint8Array {
    const { number, cube, costStates } = month;
    return encodeMonthIndex(number, generation, cube.columns(), this.#book.keys.keysOf(number), [
      ...costStates.values(),
    ]);
  }

  async #saveCatalogue(bytes: Uint8Array): Promise<void> {
    await this.#attempt(catalogueFile, async () => {
      await this.#write(catalogueFile, bytes, true);
      this.#catalogue.saved();
    });
  }

  async #attempt(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Forbidden || error instanceof DamageFound) throw error;
      const { reason, message } = toErrorMessage(error);
      this.#failures.push({ file, reason, message });
      this.#book.context.log('error', 'a ledger file could not be written', { file, reason, message });
    }
  }

  async #write(name: string, bytes: Uint8Array, backup: boolean): Promise<void> {
    const { fs, folder, now } = this.#book.context;
    if (folder === null) return;
    await writeAtomically(this.#book.months.filePath(name), bytes, {
      fs,
      backup,
      beforeRename: () => this.#mayWrite(),
      displace: () => archive({ fs, folder, now }, name),
    });
    this.#files.push(name);
    this.#bytes += bytes.length;
  }

  async #mayWrite(): Promise<void> {
    try {
      if (this.#book.retired) throw new LedgerError('cancelled', 'the ledger was read anew meanwhile');
      await this.#options.beforeWrite?.();
    } catch (error) {
      throw new Forbidden(error);
    }
  }

  #mustNotBeRetired(): void {
    if (this.#book.retired)
      throw new Forbidden(new LedgerError('cancelled', 'the ledger was read anew meanwhile'));
  }
}
