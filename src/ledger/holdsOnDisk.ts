import { LedgerError } from '../model/errors';
import type { Book } from './book';
import { monthFile } from './month';
import { storableText } from './interning';
import { hashKey, type MonthNumber } from './keyIndex';
import { MonthStore } from './monthStore';

/** Reads the months that should hold these keys from the disk, not from memory, and looks for each key. */
export function holdsOnDisk(book: Book, keys: Iterable<string>): boolean {
  const missing = new Map<MonthNumber, Set<string>>();
  for (const raw of keys) {
    const key = storableText(raw);
    const months = book.keys.monthsOf(hashKey(key));
    if (months.length === 0) return false;
    for (const month of months) {
      const wanted = missing.get(month);
      if (wanted === undefined) missing.set(month, new Set([key]));
      else wanted.add(key);
    }
  }
  const found = new Set<string>();
  for (const [month, wanted] of missing) for (const key of keysOnDisk(book, month, wanted)) found.add(key);
  for (const wanted of missing.values()) for (const key of wanted) if (!found.has(key)) return false;
  return true;
}

function keysOnDisk(book: Book, month: MonthNumber, wanted: ReadonlySet<string>): string[] {
  const { fs, sql, interning } = book.context;
  let store: MonthStore;
  try {
    store = new MonthStore(sql, month, fs.read(book.months.filePath(monthFile(month))), interning);
  } catch (error) {
    // Unreadable or damaged: nothing is known to be there. Opening it for use reports and repairs that.
    book.context.log('warn', 'a month could not be read back', {
      month,
      error: LedgerError.is(error) ? error.reason : String(error),
    });
    return [];
  }
  try {
    return [...wanted].filter(
      (key) => store.compacted.has(hashKey(key)) || store.rowsOf(hashKey(key)).some((row) => row.key === key),
    );
  } finally {
    store.close();
  }
}
