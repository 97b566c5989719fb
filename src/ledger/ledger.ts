import { join } from 'node:path';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Measures } from '../model/measures';
import type { MessageRow } from '../model/query';
import type { EpochMs, Month as MonthName } from '../model/time';
import type { CostState, Dimensions, Price, PricedRecord } from '../model/usageRecord';
import { sweepTemporaryFiles } from './atomicFile';
import {
  type Book,
  type BookContext,
  DamageFound,
  type FoldResult,
  type RepricedSlice,
  type RowPlace,
} from './book';
import type { Catalogue, CursorState } from './catalogue';
import { Checkpoint, type CheckpointResult } from './checkpoint';
import { absorbCompacted, type CompactedPart, compactSlice, restoreMonth } from './compaction';
import type { Cube } from './cube';
import { archiveName, openForeignMonth } from './foreignMonths';
import { type FileSystem, nodeFileSystem } from './fileSystem';
import { Interning, storableText } from './interning';
import { hashKey, type KeyHash, type MonthNumber } from './keyIndex';
import type { MonthStore } from './monthStore';
import { holdsOnDisk } from './holdsOnDisk';
import { isUnsaved, type Month, monthFile, monthName } from './month';
import { load } from './load';
import { contributionOf } from './monthWriting';
import { type MessageFilter, Reader } from './reader';
import type { RecentCalls } from './recentCalls';
import type { Recovery } from './recovery';
import { monthNumberOf, namedMeasures, recordOf } from './row';
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

/** Which generation of each month has nothing left to make sums of. */
const compactedMeta = 'compacted';

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
  readonly #options: LedgerOptions;
  readonly #context: BookContext;
  #book: Book;
  #catalogue: Catalogue;
  readonly #reader: Reader;
  readonly #recoveries: Recovery[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #checkpoints = 0;
  #lastCheckpoint: CheckpointResult | null = null;
  #closed = false;
  #maxOpenMonths: number;

  private constructor(options: LedgerOptions, context: BookContext) {
    this.#options = options;
    this.#context = context;
    this.#maxOpenMonths = options.maxOpenMonths ?? 4;
    this.#reader = new Reader({
      now: context.now,
      read: (work) => {
        this.#mustBeOpen();
        return this.#repairing(() => work(this.#book));
      },
      done: () => this.#book.closeIdle(this.#maxOpenMonths),
    });
    const { book, catalogue, recoveries } = load(context, this.#maxOpenMonths);
    this.#book = book;
    this.#catalogue = catalogue;
    this.#report(recoveries);
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
    this.#mustBeOpen();
    const result = this.#repairing(() => this.#book.fold(records));
    this.#limitPending();
    return result;
  }

  #limitPending(): void {
    if (this.#book.pendingRows <= (this.#options.maxPendingRows ?? 100_000)) return;
    this.#repairing(() => {
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
    while (this.#repairing(() => writing.next()).done !== true) yield nothingRepriced;
    for (let place: RowPlace | null = { hash: -1, slot: -1 }; place !== null;) {
      this.#mustBeOpen();
      const after: RowPlace = place;
      const slice = this.#repairing(() => this.#book.repriceSlice(this.#month(name), after, priceOf));
      place = slice.next;
      this.#limitPending();
      yield slice;
    }
    this.#book.closeIdle(this.#maxOpenMonths);
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
    this.#mustBeOpen();
    return this.#context.folder !== null && holdsOnDisk(this.#book, keys);
  }

  /** Returns how many sessions have a new total. */
  foldCostStates(states: readonly CostState[]): number {
    this.#mustBeOpen();
    return this.#book.foldCostStates(states);
  }

  /** The largest of Claude Code's own totals, one a session. */
  costStates(): readonly CostState[] {
    return this.#book.costStates();
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
    this.#mustBeOpen();
    this.#catalogue.putCursor(path, state);
  }

  dropCursors(paths: Iterable<string>): void {
    this.#mustBeOpen();
    this.#catalogue.dropCursors(paths);
  }

  /** A small setting that belongs to this ledger. */
  meta(key: string): string | undefined {
    return this.#catalogue.meta(key);
  }

  putMeta(key: string, value: string): void {
    this.#mustBeOpen();
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
        if (this.#closed || book.retired)
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
      this.#mustBeOpen();
      const book = this.#book;
      try {
        const result = await new Checkpoint(book, this.#catalogue, {
          beforeWrite: this.#options.beforeWrite,
          maxOpenMonths: this.#maxOpenMonths,
        }).run();
        this.#checkpoints++;
        this.#lastCheckpoint = result;
        return result;
      } catch (error) {
        if (error instanceof DamageFound && book === this.#book) this.#reload(error);
        else if (!book.retired || this.#isClosed()) throw error;
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
    this.#mustBeOpen();
    return this.#repairing(() => this.#book.recentFrom(from));
  }

  /** What was counted in a short range of time (`to` is exclusive), in the order of time. Equal names are one object. */
  countedBetween(
    from: EpochMs,
    to: EpochMs,
  ): readonly { readonly epochMs: EpochMs; readonly names: Dimensions; readonly total: Measures }[] {
    this.#mustBeOpen();
    const rows = this.#repairing(() => this.#book.countedBetween(from, to));
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

  /**
   * Makes sums of the messages of one month, whose totals do not change, and saves it. Returns how many went: none if it
   * is there already, or if it cannot be done now.
   */
  async compact(name: MonthName): Promise<number> {
    const done = JSON.parse(this.meta(compactedMeta) ?? '{}') as Record<MonthName, number>;
    const isDone = (): boolean => {
      const month = this.#month(name);
      return month.generation > 0 && !isUnsaved(month) && done[name] === month.generation;
    };
    if (isDone()) return 0;
    await this.checkpoint();
    let rows = 0;
    const compacting = this.#compacting(name, (count) => (rows += count));
    await runInSlices(compacting, () => this.#mustBeOpen());
    if (rows > 0) await this.#saveAll();
    this.putMeta(compactedMeta, JSON.stringify({ ...done, [name]: this.#month(name).generation }));
    return rows;
  }

  *#compacting(name: MonthName, gone: (rows: number) => void): Generator<void> {
    let any = false;
    for (let place: KeyHash | null = -1; place !== null;) {
      const after: KeyHash = place;
      const { next, rows } = this.#repairing(() => compactSlice(this.#book, this.#month(name), after));
      place = next;
      any ||= rows > 0;
      gone(rows);
      yield;
    }
    if (any) this.#repairing(() => this.#book.store(this.#month(name)).compacted.shrink());
  }

  /**
   * Writes a month's file as it is into a folder, reads it back, and then makes sums of its messages here. Returns the
   * copy's path. Throws `invalid` if there is nothing to archive, or the reason of the system's error, such as that the
   * file exists; then nothing has changed here.
   */
  async archive(name: MonthName, folder: string): Promise<string> {
    if (this.#context.folder === null) throw new LedgerError('unavailable', 'this ledger is in memory');
    await this.#saveAll();
    const month = this.#month(name);
    const messages = this.#repairing(() => this.#book.store(month).compacted.compactable());
    if (messages === 0) throw new LedgerError('invalid', `there are no messages in ${name} to archive`);
    const target = join(folder, archiveName(name));
    const { fs } = this.#context;
    await fs.copy(this.#book.filePath(monthFile(month.number)), target);
    await fs.syncFolder(folder);
    const copy = await openForeignMonth(target, this.#options.wasmPath);
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
    await this.checkpoint();
    const rows = this.#repairing(() => restoreMonth(this.#book, this.#book.month(archived.month), archived));
    if (rows > 0) await this.#saveAll();
    return rows;
  }

  /** Takes in what another ledger made sums of, whole or not at all. */
  absorbCompacted(part: CompactedPart, dryRun = false): 'new' | 'known' | 'mixed' {
    this.#mustBeOpen();
    return this.#repairing(() => absorbCompacted(this.#book, part, dryRun));
  }

  #month(name: MonthName): Month {
    const month = [...this.#book.months.values()].find(({ number }) => monthName(number) === name);
    if (month === undefined) throw new LedgerError('invalid', `there is no month ${name}`);
    return month;
  }

  async #saveAll(): Promise<void> {
    const { complete, failures } = await this.checkpoint();
    if (complete) return;
    const [first] = failures;
    throw new LedgerError(first?.reason ?? 'io', failures.map(({ message }) => message).join('; '));
  }

  /** Lets go of what was remembered for readers and not asked for since an instant, and of databases but the warm. */
  tidy(unusedSinceEpochMs: EpochMs): void {
    this.#reader.tidy(unusedSinceEpochMs);
    this.#book.closeIdle(0);
  }

  set maxOpenMonths(count: number) {
    this.#maxOpenMonths = count;
    this.#book.closeIdle(count);
  }

  /** Every way in which sums, rollups, indexes and messages disagree: none, or there is an error in the ledger. */
  verify(): string[] {
    return this.months().flatMap((name) => this.differencesIn(name));
  }

  /** The same of one month. */
  differencesIn(name: MonthName): string[] {
    this.#mustBeOpen();
    return this.#repairing(() => {
      // Of all months: a message may be on its way from one to another.
      this.#book.writeAll();
      const found = differences(this.#book, this.#month(name));
      this.#book.closeIdle(this.#maxOpenMonths);
      return found;
    });
  }

  /** Makes all sums of a month anew from its messages, and decides once more which copies count. */
  recount(name: MonthName): void {
    this.#mustBeOpen();
    this.#repairing(() => {
      if (this.differencesIn(name).length > 0) this.#book.recount(this.#month(name));
      this.#book.resolveAgain(this.#book.store(this.#month(name)).entangledHashes());
      this.#book.closeIdle(this.#maxOpenMonths);
    });
  }

  health(): LedgerHealth {
    const months = [...this.#book.months.values()];
    return {
      months: months.length,
      maxOpenMonths: this.#maxOpenMonths,
      rememberedSessionParts: this.#reader.rememberedParts,
      openMonths: months.filter(({ store }) => store !== null).length,
      pendingRows: this.#book.pendingRows,
      monthBytes: months.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
      checkpoints: this.#checkpoints,
      lastCheckpoint: this.#lastCheckpoint,
      recoveries: [...this.#recoveries],
    };
  }

  /** Months that hold anything, such as `2026-11`. */
  months(): string[] {
    return [...this.#book.months.keys()].sort((one, other) => one - other).map(monthName);
  }

  /** Frees the memory and saves nothing: checkpoint first. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#book.retired = true;
    await this.#running;
    this.#book.close();
    this.#catalogue.close();
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new LedgerError('closed', 'the ledger is closed');
  }

  /** Does the work; if a damaged file turns up, reads the ledger anew from what is left and does it again. */
  #repairing<Result>(work: () => Result): Result {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof DamageFound)) throw error;
        this.#reload(error);
      }
    }
  }

  /** What is not on the disk yet goes over into the new book as records: folding rows is folding their copies. */
  #reload(damage: DamageFound): void {
    const before = this.#book;
    const cursorsGone = this.#catalogue;
    const { book, catalogue, recoveries } = load(this.#context, this.#maxOpenMonths);
    catalogue.dropCursors([...catalogue.cursors().keys()]);
    this.#book = book;
    this.#catalogue = catalogue;
    this.#reader.forget();
    const records: PricedRecord[] = [];
    const costStates: CostState[] = [];
    for (const item of before.unsaved()) {
      if ('hash' in item) records.push(recordOf(item));
      else costStates.push(item);
    }
    before.close();
    cursorsGone.close();
    this.#report([damage.recovery, ...recoveries.filter(({ file }) => file !== damage.recovery.file)]);
    book.foldCostStates(costStates);
    this.#repairing(() => this.#book.fold(records));
  }

  #report(recoveries: readonly Recovery[]): void {
    if (recoveries.length === 0) return;
    this.#recoveries.push(...recoveries);
    for (const { file, outcome, cause } of recoveries)
      this.#options.log('error', 'a damaged ledger file was recovered', { file, outcome, cause });
    this.#options.onRecovery?.(recoveries);
  }
}
