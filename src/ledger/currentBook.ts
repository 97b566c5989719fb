import { LedgerError } from '../model/errors';
import type { CostState, PricedRecord } from '../model/usageRecord';
import type { Book } from './book';
import { type BookContext, DamageFound } from './months';
import type { Catalogue } from './catalogue';
import { load } from './load';
import type { Recovery } from './recovery';
import { recordOf } from './row';

export interface CurrentBookOptions {
  readonly context: BookContext;
  /** Databases kept open when nothing is pending in them. */
  readonly maxOpenMonths: number;
  readonly onRecovery?: ((recoveries: readonly Recovery[]) => void) | undefined;
  /** Another book is in use now. */
  readonly onReload: () => void;
}

/** The book and the catalogue in use. When a damaged file turns up, they are read anew, and others take their place. */
export class CurrentBook {
  readonly context: BookContext;
  maxOpenMonths: number;
  readonly #options: CurrentBookOptions;
  #book: Book;
  #catalogue: Catalogue;
  readonly #recoveries: Recovery[] = [];
  #closed = false;

  /** Throws `newer-schema` if a later version has written to the folder, or the reason of the system's error. */
  constructor(options: CurrentBookOptions) {
    this.#options = options;
    this.context = options.context;
    this.maxOpenMonths = options.maxOpenMonths;
    const { book, catalogue, recoveries } = load(this.context, this.maxOpenMonths);
    this.#book = book;
    this.#catalogue = catalogue;
    this.#report(recoveries);
  }

  get book(): Book {
    return this.#book;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  get recoveries(): readonly Recovery[] {
    return this.#recoveries;
  }

  get closed(): boolean {
    return this.#closed;
  }

  mustBeOpen(): void {
    if (this.#closed) throw new LedgerError('closed', 'the ledger is closed');
  }

  /** Does the work; if a damaged file turns up, reads the ledger anew from what is left and does it again. */
  repairing<Result>(work: (book: Book) => Result): Result {
    for (;;) {
      try {
        return work(this.#book);
      } catch (error) {
        if (!(error instanceof DamageFound)) throw error;
        this.reload(error);
      }
    }
  }

  /** What is not on the disk yet goes over into the new book as records: folding rows is folding their copies. */
  reload(damage: DamageFound): void {
    const before = this.#book;
    const cursorsGone = this.#catalogue;
    const { book, catalogue, recoveries } = load(this.context, this.maxOpenMonths);
    catalogue.dropCursors([...catalogue.cursors().keys()]);
    this.#book = book;
    this.#catalogue = catalogue;
    this.#options.onReload();
    const records: PricedRecord[] = [];
    const costStates: CostState[] = [];
    for (const item of before.unsaved()) {
      if ('hash' in item) records.push(recordOf(item));
      else costStates.push(item);
    }
    before.close();
    cursorsGone.close();
    this.#report([damage.recovery, ...recoveries.filter(({ file }) => file !== damage.recovery.file)]);
    book.costStates.fold(costStates);
    this.repairing((now) => now.fold(records));
  }

  closeIdle(): void {
    this.#book.months.closeIdle(this.maxOpenMonths);
  }

  /** From now on nobody writes; `close` is for when nobody is at work any more. */
  retire(): void {
    this.#closed = true;
    this.#book.retired = true;
  }

  close(): void {
    this.#book.close();
    this.#catalogue.close();
  }

  #report(recoveries: readonly Recovery[]): void {
    if (recoveries.length === 0) return;
    this.#recoveries.push(...recoveries);
    for (const { file, outcome, cause } of recoveries)
      this.context.log('error', 'a damaged ledger file was recovered', { file, outcome, cause });
    this.#options.onRecovery?.(recoveries);
  }
}
