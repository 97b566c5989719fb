import type { KeyHash, MonthNumber } from './keyIndex';
import { resolveGroup } from './resolve';
import type { Row } from './row';

/** All rows of one key (or of the few keys that share its hash), while they are in use. */
export interface Group {
  readonly hash: KeyHash;
  rows: Row[];
  /** Its rows are taken out of the sums and go back in by `#settle`. */
  touched: boolean;
  /** Some month has compacted a row of it, so which rows count was decided then, and other copies are ignored. */
  frozen: boolean;
  monthsBefore: MonthNumber[] | null;
}

export function emptyGroup(hash: KeyHash): Group {
  return { hash, rows: [], touched: false, frozen: false, monthsBefore: null };
}

export function findRow(rows: readonly Row[], copy: Row): Row | undefined {
  for (const row of rows)
    if (row.requestId === copy.requestId && row.sidechain === copy.sidechain && row.key === copy.key)
      return row;
  return undefined;
}

export function hasDuplicates(rows: readonly Row[]): boolean {
  return rows.some((row, index) => findRow(rows, row) !== rows[index]);
}

/** Rows of one hash are nearly always of one key; if not, each key is resolved by itself. */
export function markCounted(rows: readonly Row[]): void {
  for (const key of new Set(rows.map((row) => row.key))) {
    const own = rows.filter((row) => row.key === key);
    const counted = resolveGroup(own);
    for (const row of own) row.counted = counted.has(row);
  }
}
