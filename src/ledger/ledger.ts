import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Measures } from '../model/measures';
import type { MessageRow } from '../model/query';
import type { EpochMs, Month as MonthName } from '../model/time';
import type { CostState, Dimensions, Price, PricedRecord } from '../model/usageRecord';
import { sweepTemporaryFiles } from './atomicFile';
import { type Book, type FoldResult, type RepricedSlice, type RowPlace } from './book';
import type { Catalogue, CursorState } from './catalogue';
import { Checkpoint, type CheckpointResult } from './checkpoint';
import { CurrentBook } from './currentBook';
import { countedBetween, recentFrom } from './countedRows';
import type { Cube } from './cube';
import { type FileSystem, nodeFileSystem } from './fileSystem';
import { Interning, storableText } from './interning';
import { hashKey, type MonthNumber } from './keyIndex';
import { holdsOnDisk } from './holdsOnDisk';
import { isUnsaved, type Month, monthName, monthNamed } from './month';
import { type BookContext, DamageFound } from './months';
import { contributionOf } from './monthWriting';
import { type MessageFilter, Reader } from './reader';
import { recount } from './recount';
import type { RecentCalls } from './recentCalls';
import type { Recovery } from './recovery';
import { monthNumberOf, namedMeasures } from './row';
import { Retention } from './retention';
import { loadSqlEngine } from './schema';
import { runInSlices } from './slices';
import type { SessionPart } from './sessionParts';
import { differences } from './verify';

export interface LedgerOptions {
  /** The ledger's own folder, made if need be; null keeps everything in memory. */
  readonly folder: string | null;
  /** Where `sql-wasm.wasm` lies. */
  readonly wasmPath: string;
  readonly now: () => EpochMs;
  readonly log: Log;
  readonly fs?: FileSystem;
  /** Databases kept open when nothing is pending in them. */
  readonly maxOpenMonths?: number;
  /** Months of the last days stay open once they are; 0 (as by default): none. */
  readonly warmDays?: number;
  /** Rows kept outside the databases; above it a fold writes them in. */
  readonly maxPendingRows?: number;
  /** The lease's check: called before every change on the disk, and what it throws forbids the change. */
  readonly beforeWrite?: () => void | Promise<void>;
  /**
   * Damaged files were replaced by an older generation or by nothing, and all cursors dropped: everything that can
   * be read again has to be. Called during `open` as well.
   */
  readonly onRecovery?: (recoveries: readonly Recovery[]) => void;
}

export interface LedgerHealth {
  readonly months: number;
  readonly openMonths: number;
  readonly maxOpenMonths: number;
  /** Sums of sessions in months that have not changed since they were asked for. */
  readonly rememberedSessionParts: number;
  readonly pendingRows: number;
  /** Of all month files, as far as they are known. */
  readonly monthBytes: number;
  readonly checkpoints: number;
  readonly lastCheckpoint: CheckpointResult | null;
  readonly recoveries: readonly Recovery[];
}

const nothingRepriced: RepricedSlice = {
  next: null,
  quarters: new Set(),
  messages: 0,
  beforeNanoDollars: 0,
  afterNanoDollars: 0,
  models: new Set(),
};

/**
 * Every billed call once, with exact sums, on the disk. Folding the same records again, in any order and any
 * grouping, across restarts and crashes, changes nothing.
 */
export class Ledger {
  /** Months made sums of, archived, restored. */
  readonly retention: Retention;
  readonly #options: LedgerOptions;
  readonly #current: CurrentBook;
  readonly #reader: Reader;
  #running: Promise<unknown> = Promise.resolve();
  #checkpoints = 0;
  #lastCheckpoint: CheckpointResult | null = null;

  private constructor(options: LedgerOptions, context: BookContext) {
    this.#options = options;
    this.#reader = new Reader({
      now: context.now,
      read: (work) => {
        this.#current.mustBeOpen();
        return this.#current.repairing(work);
      },
      done: () => this.#current.closeIdle(),
    });
    this.#current = new CurrentBook({
      context,
      maxOpenMonths: options.maxOpenMonths ?? 4,
      onRecovery: options.onRecovery,
      onReload: () => this.#reader.forget(),
    });
    this.retention = new Retention({
      current: this.#current,
      checkpoint: () => this.checkpoint(),
      wasmPath: options.wasmPath,
    });
  }

  /** Throws `newer-schema` if a later version has written to the folder, or the reason of the system's error. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const { folder, now, log, fs = nodeFileSystem } = options;
    const sql = await loadSqlEngine(options.wasmPath);
    if (folder !== null) await sweepTemporaryFiles(fs, folder);
    const warmMs = (options.warmDays ?? 0) * 86_400_000;
    const isWarm = (month: MonthNumber): boolean => warmMs > 0 && month >= monthNumberOf(now() - warmMs);
    return new Ledger(options, { sql, fs, folder, now, log, interning: new Interning(), isWarm });
  }

  /**
   * Takes copies of messages in, in memory: `checkpoint` brings them onto the disk. Throws `invalid`, and takes
   * nothing in, if a record has a number that cannot be counted.
   */
  fold(records: readonly PricedRecord[]): FoldResult {
    this.#current.mustBeOpen();
    const result = this.#current.repairing((book) => book.fold(records));
    this.#limitPending();
    return result;
  }

  #limitPending(): void {
    if (this.#book.pendingRows <= (this.#options.maxPendingRows ?? 100_000)) return;
    this.#current.repairing(() => {
      this.#book.writeAll();
      this.#book.forgetWritten();
    });
  }

  /**
   * Prices one month anew, because rates have changed. Every slice leaves sums in step with messages; between them others
   * may fold, read and save. Leave it at any time: what was done stays.
   */
  *repricing(name: MonthName, priceOf: (record: PricedRecord) => Price): Generator<RepricedSlice> {
    const writing = this.#book.writing(this.#month(name));
    while (this.#current.repairing(() => writing.next()).done !== true) yield nothingRepriced;
    for (let place: RowPlace | null = { hash: -1, slot: -1 }; place !== null;) {
      this.#current.mustBeOpen();
      const after: RowPlace = place;
      const slice = this.#current.repairing((book) => book.repriceSlice(this.#month(name), after, priceOf));
      place = slice.next;
      this.#limitPending();
      yield slice;
    }
    this.#current.closeIdle();
  }

  /** The combinations of names that a month's rollups have, or had. */
  namesIn(name: MonthName): readonly Dimensions[] {
    return this.#month(name).cube.sets;
  }

  /**
   * Tells whether the files on the disk, read anew, hold a message for each of these keys. True is a promise that the
   * records need not be kept elsewhere any more; false may also mean that a file cannot be read just now.
   */
  holdsOnDisk(keys: Iterable<string>): boolean {
    this.#current.mustBeOpen();
    return this.#options.folder !== null && holdsOnDisk(this.#book, keys);
  }

  /** Returns how many sessions have a new total. */
  foldCostStates(states: readonly CostState[]): number {
    this.#current.mustBeOpen();
    return this.#book.costStates.fold(states);
  }

  /** The largest of the totals that Claude Code itself states for a session. */
  costState(session: string): CostState | undefined {
    return this.#book.costStates.get(session);
  }

  /** The rollups of all time, always in step with `fold`. Do not keep it: after a recovery there is another. */
  cube(): Cube {
    return this.#book.cube;
  }

  cursors(): ReadonlyMap<string, CursorState> {
    return this.#catalogue.cursors();
  }

  cursor(path: string): CursorState {
    return this.#catalogue.cursor(path);
  }

  /** Put it after the fold of the records that it tells of: a checkpoint saves it after them. */
  putCursor(path: string, state: CursorState): void {
    this.#current.mustBeOpen();
    this.#catalogue.putCursor(path, state);
  }

  dropCursors(paths: Iterable<string>): void {
    this.#current.mustBeOpen();
    this.#catalogue.dropCursors(paths);
  }

  /** A small setting that belongs to this ledger. */
  meta(key: string): string | undefined {
    return this.#catalogue.meta(key);
  }

  putMeta(key: string, value: string): void {
    this.#current.mustBeOpen();
    this.#catalogue.putMeta(key, value);
  }

  /**
   * Brings what was folded into the databases in memory, where it takes a fraction of the room, in slices. Nothing
   * is saved by this. `doneShare`: how much of what is coming has come (1: all of it), for files to be made large enough.
   */
  settle(doneShare = 1): Promise<void> {
    const run = this.#running.then(async () => {
      const book = this.#book;
      const mustGoOn = (): void => {
        if (this.#current.closed || book.retired)
          throw new LedgerError('cancelled', 'the ledger was read anew meanwhile');
      };
      mustGoOn();
      for (const month of [...book.months.values()])
        await runInSlices(book.writing(month, doneShare), mustGoOn);
      book.forgetWritten();
    });
    this.#running = run.catch(() => undefined);
    return run;
  }

  /** Rows that no database holds yet. */
  get pendingRows(): number {
    return this.#book.pendingRows;
  }

  /** True if a checkpoint would write something. */
  get dirty(): boolean {
    return this.#catalogue.dirty || [...this.#book.months.values()].some(isUnsaved);
  }

  /**
   * Brings everything folded so far onto the disk. Resolves also if files could not be written: see `complete` and
   * `failures`; what failed is tried again by the next one. Rejects only with what `beforeWrite` throws, or `closed`.
   */
  checkpoint(): Promise<CheckpointResult> {
    const run = this.#running.then(() => this.#checkpoint());
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #checkpoint(): Promise<CheckpointResult> {
    for (;;) {
      this.#current.mustBeOpen();
      const book = this.#book;
      try {
        const result = await new Checkpoint(book, this.#catalogue, {
          beforeWrite: this.#options.beforeWrite,
          maxOpenMonths: this.#current.maxOpenMonths,
        }).run();
        this.#checkpoints++;
        this.#lastCheckpoint = result;
        return result;
      } catch (error) {
        if (error instanceof DamageFound && book === this.#book) this.#current.reload(error);
        else if (!book.retired || this.#current.closed) throw error;
      }
    }
  }

  /** Counted messages in the order of time, in chunks; memory stays bounded whatever their number. */
  messages(filter: MessageFilter = {}, chunk = 1000): AsyncGenerator<readonly MessageRow[]> {
    return this.#reader.messages(filter, chunk);
  }

  /** What each session used, by origin and names, month by month. */
  sessionParts(filter: MessageFilter = {}): AsyncGenerator<readonly SessionPart[]> {
    return this.#reader.sessionParts(filter);
  }

  /**
   * What was counted from an instant on, kept in step with every fold; it may hold a little more. Asking for an earlier
   * instant than before reads the months from there on, so ask for a time that moves with the clock.
   */
  recent(from: EpochMs): RecentCalls {
    this.#current.mustBeOpen();
    return this.#current.repairing((book) => recentFrom(book, from));
  }

  /** What was counted in a short range of time (`to` is exclusive), in the order of time. Equal names are one object. */
  countedBetween(
    from: EpochMs,
    to: EpochMs,
  ): readonly { readonly epochMs: EpochMs; readonly names: Dimensions; readonly total: Measures }[] {
    this.#current.mustBeOpen();
    const rows = this.#current.repairing((book) => countedBetween(book, from, to));
    return rows.map((row) => ({
      epochMs: row.epochMs,
      names: row.dimensions,
      total: namedMeasures(contributionOf(row).measures),
    }));
  }

  /** The ledger holds a message of this key, or the sums that are left of it. */
  knows(key: string): boolean {
    return this.#book.keys.has(hashKey(storableText(key)));
  }

  #month(name: MonthName): Month {
    return monthNamed(this.#book.months, name);
  }

  get #book(): Book {
    return this.#current.book;
  }

  get #catalogue(): Catalogue {
    return this.#current.catalogue;
  }

  /** Lets go of what was remembered for readers and not asked for since an instant, and of databases but the warm. */
  tidy(unusedSinceEpochMs: EpochMs): void {
    this.#reader.tidy(unusedSinceEpochMs);
    this.#book.months.closeIdle(0);
  }

  set maxOpenMonths(count: number) {
    this.#current.maxOpenMonths = count;
    this.#current.closeIdle();
  }

  /** Every way in which sums, rollups, indexes and messages disagree: none, or there is an error in the ledger. */
  verify(): string[] {
    return this.months().flatMap((name) => this.differencesIn(name));
  }

  /** The same of one month. */
  differencesIn(name: MonthName): string[] {
    this.#current.mustBeOpen();
    return this.#current.repairing(() => {
      // Of all months: a message may be on its way from one to another.
      this.#book.writeAll();
      const found = differences(this.#book, this.#month(name));
      this.#current.closeIdle();
      return found;
    });
  }

  /** Makes all sums of a month anew from its messages, and decides once more which copies count. */
  recount(name: MonthName): void {
    this.#current.mustBeOpen();
    this.#current.repairing(() => {
      if (this.differencesIn(name).length > 0) recount(this.#book, this.#month(name));
      this.#book.resolveAgain(this.#book.months.store(this.#month(name)).entangledHashes());
      this.#current.closeIdle();
    });
  }

  health(): LedgerHealth {
    const months = [...this.#book.months.values()];
    return {
      months: months.length,
      maxOpenMonths: this.#current.maxOpenMonths,
      rememberedSessionParts: this.#reader.rememberedParts,
      openMonths: months.filter(({ store }) => store !== null).length,
      pendingRows: this.#book.pendingRows,
      monthBytes: months.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
      checkpoints: this.#checkpoints,
      lastCheckpoint: this.#lastCheckpoint,
      recoveries: [...this.#current.recoveries],
    };
  }

  /** Months that hold anything, such as `2026-11`. */
  months(): string[] {
    return [...this.#book.months.keys()].sort((one, other) => one - other).map(monthName);
  }

  /** Frees the memory and saves nothing: checkpoint first. */
  async close(): Promise<void> {
    if (this.#current.closed) return;
    this.#current.retire();
    await this.#running;
    this.#current.close();
  }
}
