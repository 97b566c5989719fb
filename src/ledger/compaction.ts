import { LedgerError } from '../model/errors';
import type { Book } from './book';
import { type Month, monthName } from './month';
import type { KeyHash, MonthNumber } from './keyIndex';
import type { Rollup } from './monthDatabase';
import type { MonthStore } from './monthStore';
import { measureCount, type Row } from './row';

/** Sums that are left of messages, and the hashes of their keys. */
export interface CompactedPart {
  readonly month: MonthNumber;
  readonly keys: ArrayLike<KeyHash>;
  readonly rollups: readonly Rollup[];
}

/** So few that a slice takes a millisecond or two. */
const keysPerSlice = 100;

/**
 * Makes sums of a month's messages, some keys at a time; the sums themselves do not change. Between slices others may
 * fold, read and save. `next` is null at the end.
 */
export function compactSlice(
  book: Book,
  month: Month,
  after: KeyHash,
): { readonly next: KeyHash | null; readonly rows: number } {
  settle(book);
  // Rows that are on their way to another month would be counted here for good: the next time, then.
  if (month.moved.size > 0) return { next: null, rows: 0 };
  const slice = book.months.store(month).compacted.compactSlice(after, keysPerSlice);
  if (slice.rows > 0) changed(month);
  return slice;
}

/** Puts the messages back that an archive of the month kept; returns how many rows came back. */
export function restoreMonth(book: Book, month: Month, archived: MonthStore): number {
  settle(book);
  const store = book.months.store(month);
  const rows: Row[] = [];
  const { interning } = book.context;
  for (const row of archived.allRows()) {
    if (!store.compacted.has(row.hash)) continue;
    // Equal names are one object within a ledger, and the archive may have been read by another.
    row.dimensions = interning.dimensions(row.dimensions);
    row.origin = interning.origin(row.origin);
    rows.push(row);
  }
  if (rows.length === 0) return 0;
  try {
    store.transaction(() => {
      for (const row of rows) store.putRow(row);
      store.compacted.takeOut(rows);
    });
  } catch (error) {
    // Its names are not those of its database any more; the file has not been touched.
    store.close();
    month.store = null;
    throw error;
  }
  changed(month);
  return rows.length;
}

/**
 * Takes in what another ledger has compacted. Which messages the sums are of cannot be told, so it is all of them or
 * none: `mixed` if some of them are known here.
 */
export function absorbCompacted(
  book: Book,
  { month: number, keys, rollups }: CompactedPart,
  dryRun: boolean,
): 'new' | 'known' | 'mixed' {
  const { interning } = book.context;
  const hashes = Array.from(keys);
  const known = hashes.filter((hash) => book.keys.has(hash)).length;
  if (known > 0) return known === hashes.length ? 'known' : 'mixed';
  if (dryRun) return 'new';
  const own = rollups.map(({ quarter, dimensions, values }) => ({
    quarter,
    dimensions: interning.dimensions(dimensions),
    values: checked(values, number),
  }));
  settle(book);
  const month = book.months.of(number);
  const store = book.months.store(month);
  book.keys.reserve(hashes.length);
  store.transaction(() => {
    for (const hash of hashes) store.compacted.addKey(hash);
    for (const { quarter, dimensions, values } of own) {
      store.compacted.add(quarter, dimensions, values);
      store.addToRollup(quarter, dimensions, values);
    }
  });
  for (const hash of hashes) book.keys.add(hash, number);
  for (const { quarter, dimensions, values } of own) month.cube.addValues(quarter, dimensions, values, 1);
  changed(month);
  return 'new';
}

/** Nothing may be in memory that the databases do not know: what they hold is about to change underneath it. */
function settle(book: Book): void {
  book.writeAll();
  book.forgetWritten();
}

function changed(month: Month): void {
  month.dirty = true;
  month.changes++;
}

function checked(values: readonly number[], month: MonthNumber): readonly number[] {
  if (values.length !== measureCount || !values.every(Number.isSafeInteger))
    throw new LedgerError('corrupt', `${monthName(month)}: a sum that cannot be counted`);
  return values;
}
