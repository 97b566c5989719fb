import type { Book } from './book';
import { MonthCube } from './cube';
import type { KeyHash } from './keyIndex';
import { type Month, placeOf } from './month';
import { addContribution } from './monthWriting';

/** Makes rollups, sums in memory and the key index of a month anew from the messages in its database. */
export function recount(book: Book, month: Month): void {
  book.write(month);
  const store = book.months.store(month);
  store.transaction(() => store.recount());
  month.dirty = true;
  month.cube = new MonthCube(month.number);
  for (const { quarter, dimensions, values } of store.rollups('rollup'))
    month.cube.addValues(quarter, dimensions, values, 1);
  for (const { contribution } of month.moved.values()) addContribution(month.cube, contribution, -1);
  for (const hash of book.keys.keysOf(month.number)) book.keys.remove(hash, month.number);
  for (const hash of storedKeys(book, month)) book.keys.add(hash, month.number);
  book.recent.restart(Infinity);
}

/** Keys of which a month's database has a row, or what is left of it; not those that live on in another month. */
export function storedKeys(book: Book, month: Month): Float64Array {
  const store = book.months.store(month);
  const hashes = new Set<KeyHash>(store.compacted.keys());
  for (const { hash, slot } of store.allRows()) if (!month.moved.has(placeOf(hash, slot))) hashes.add(hash);
  return Float64Array.from(hashes);
}
