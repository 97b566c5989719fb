import { join } from 'node:path';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import type { CostState } from '../model/usageRecord';
import { Book } from './book';
import { type BookContext, DamageFound } from './months';
import { type Month, monthFile } from './month';
import { Catalogue } from './catalogue';
import type { KeyHash, MonthNumber } from './keyIndex';
import { decodeMonthIndex, type MonthIndex } from './monthIndex';
import { MonthStore } from './monthStore';
import { archive, openOrRecover, type Recovery } from './recovery';
import { monthNumberOf } from './row';
import { type FileHead, fileHeadBytes, monthSchema, readFileHead, refuseNewer } from './schema';

export const catalogueFile = 'catalog.sqlite';

export function indexFile(month: MonthNumber): string {
  return monthFile(month).replace('.sqlite', '.index');
}

export interface Loaded {
  readonly book: Book;
  readonly catalogue: Catalogue;
  readonly recoveries: readonly Recovery[];
}

/**
 * Reads a ledger's folder. A month whose index file describes it is not opened at all. Damaged files are archived and
 * replaced by their backup, or by nothing; then the catalogue's cursors are dropped, so that everything that can be
 * read again is. Throws `newer-schema` and changes nothing if a later version has written here.
 */
export function load(context: BookContext, maxOpenMonths: number): Loaded {
  const found: Recovery[] = [];
  for (;;) {
    try {
      return loadOnce(context, maxOpenMonths, found);
    } catch (error) {
      // Two months share a key, and one of them, opened to resolve it, is damaged: it is archived by now.
      if (!(error instanceof DamageFound)) throw error;
      found.push(error.recovery);
    }
  }
}

function loadOnce(context: BookContext, maxOpenMonths: number, found: readonly Recovery[]): Loaded {
  const book = new Book(context);
  const { folder, fs, sql } = context;
  if (folder === null) return { book, catalogue: new Catalogue(sql, null), recoveries: [] };
  const at = { fs, folder, now: context.now };
  fs.makeFolder(folder);
  const months = monthsIn(fs.list(folder));
  const heads = new Map(months.map((number) => [number, headOf(context, folder, number)]));
  const recoveries = [...found];
  const report = (recovery: Recovery | null): void => {
    if (recovery !== null && !recoveries.some(({ file }) => file === recovery.file))
      recoveries.push(recovery);
  };
  const { opened: catalogue, recovery } = openOrRecover(
    at,
    catalogueFile,
    (bytes) => new Catalogue(sql, bytes),
  );
  report(recovery);
  try {
    const shared = new Set<KeyHash>();
    for (const number of months) {
      const month = book.months.of(number);
      const head = heads.get(number) ?? null;
      const index = head === null ? null : readIndex(context, folder, number, head);
      let known: { readonly hashes: ArrayLike<KeyHash>; readonly costStates: readonly CostState[] };
      if (head !== null && index !== null) {
        month.cube = index.cube;
        month.generation = head.generation;
        month.fileBytes = head.size;
        known = index;
      } else {
        const { store, recovery: recovered } = openMonth(context, folder, month);
        report(recovered);
        for (const { quarter, dimensions, values } of store.rollups('rollup'))
          month.cube.addValues(quarter, dimensions, values, 1);
        known = { hashes: store.hashes(), costStates: store.costStates() };
      }
      for (const hash of book.adopt(month, known.hashes, known.costStates)) shared.add(hash);
      book.months.closeIdle(maxOpenMonths);
    }
    for (const file of missingOrOlder(book, catalogue))
      report({
        file,
        outcome: 'fresh',
        archived: [],
        cause: 'the file is missing or older than the catalogue',
      });
    if (recoveries.length > 0) catalogue.dropCursors([...catalogue.cursors().keys()]);
    book.resolveAgain(shared);
  } catch (error) {
    catalogue.close();
    book.close();
    throw error;
  }
  return { book, catalogue, recoveries };
}

const monthsKey = 'months';

/** Lets the catalogue know which months it goes with, so that a month that was taken away or put back is noticed. */
export function noteMonths(book: Book, catalogue: Catalogue): void {
  const generations: [string, number][] = [];
  for (const { number, generation } of book.months.values())
    if (generation > 0) generations.push([monthFile(number), generation]);
  catalogue.putMeta(monthsKey, JSON.stringify(generations));
}

function missingOrOlder(book: Book, catalogue: Catalogue): string[] {
  const found = new Map(
    [...book.months.values()].map(({ number, generation }) => [monthFile(number), generation]),
  );
  const noted = JSON.parse(catalogue.meta(monthsKey) ?? '[]') as [string, number][];
  return noted.filter(([file, generation]) => (found.get(file) ?? 0) < generation).map(([file]) => file);
}

function monthsIn(names: readonly string[]): MonthNumber[] {
  const numbers = new Set<MonthNumber>();
  for (const name of names) {
    const match = /^(\d{4})-(0[1-9]|1[0-2])\.sqlite(\.bak)?$/.exec(name);
    if (match !== null) numbers.add(monthNumberOf(Date.UTC(Number(match[1]), Number(match[2]) - 1)));
  }
  return [...numbers].sort((one, other) => one - other);
}

/** null: the file is missing or damaged, which its opening will sort out. */
function headOf(
  { fs }: BookContext,
  folder: string,
  month: MonthNumber,
): (FileHead & { readonly size: number }) | null {
  try {
    const { head, size } = fs.readHead(join(folder, monthFile(month)), fileHeadBytes);
    const known = readFileHead(monthSchema, head, size);
    if (known === null) return null;
    refuseNewer(monthSchema, known.schema);
    return { ...known, size };
  } catch (error) {
    if (LedgerError.is(error)) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'EISDIR') return null;
    throw new LedgerError(
      reasonOfSystemError(error),
      `${monthFile(month)} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** null: the month itself has to be read. An older schema's index is not used, so that the month is brought forward. */
function readIndex(
  { fs, log, interning }: BookContext,
  folder: string,
  month: MonthNumber,
  head: FileHead,
): MonthIndex | null {
  if (head.schema !== monthSchema.migrations.length) return null;
  try {
    const bytes = fs.read(join(folder, indexFile(month)));
    return decodeMonthIndex(bytes, month, head.generation, interning);
  } catch (error) {
    log('debug', 'a month index could not be read', { month: monthFile(month), code: errorCode(error) });
    return null;
  }
}

function openMonth(
  context: BookContext,
  folder: string,
  month: Month,
): { readonly store: MonthStore; readonly recovery: Recovery | null } {
  const { sql, interning, fs } = context;
  const at = { fs, folder, now: context.now };
  const file = monthFile(month.number);
  const { opened, from, recovery } = openOrRecover(
    at,
    file,
    (bytes) => new MonthStore(sql, month.number, bytes, interning),
  );
  month.store = opened;
  month.generation = opened.generation;
  month.indexStale = true;
  month.dirty = from !== 'primary' || opened.migrated;
  if (from !== 'primary' && fs.list(folder).includes(indexFile(month.number)))
    // It describes what is lost, and a later generation could bear the same number.
    archive(at, indexFile(month.number));
  return { store: opened, recovery };
}
