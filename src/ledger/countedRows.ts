import { quarterHourMs, type EpochMs } from '../model/time';
import type { Book } from './book';
import { placeOf } from './month';
import type { RecentCalls } from './recentCalls';
import { latestEpochMs, type Row } from './row';

const everyRow = { dimensionSets: null, origins: null };
/** How much older than what was asked for a recent call may be before it is let go. */
const forgetStepMs = 300_000;

/** Counted rows of a range of time (`to` is exclusive) in the order of time, whether a database knows them or not. */
export function countedBetween(book: Book, from: EpochMs, to: EpochMs): Row[] {
  const rows: Row[] = [];
  for (const month of [...book.months.values()].sort((one, other) => one.number - other.number)) {
    const held = month.cube.range();
    if (held === null || held.from * quarterHourMs >= to || (held.to + 1) * quarterHourMs <= from) continue;
    book.write(month);
    const found = book.months
      .store(month)
      .countedAfter({ epochMs: from, hash: -1, slot: -1 }, to, -1, everyRow);
    for (const row of found) if (!month.moved.has(placeOf(row.hash, row.slot))) rows.push(row);
  }
  return rows;
}

/** What was counted from an instant on. Databases are asked only if that reaches further back than before. */
export function recentFrom(book: Book, from: EpochMs): RecentCalls {
  const { recent } = book;
  if (from < recent.from) {
    const rows = countedBetween(book, from, latestEpochMs + 1);
    recent.restart(from);
    for (const row of rows) recent.count(row, 1);
  } else if (from > recent.from + forgetStepMs) recent.forgetBefore(from);
  return recent;
}
