import { quarterHourOf, type QuarterHour } from '../model/time';
import type { CostState, Price, PricedRecord } from '../model/usageRecord';
import { CostStates } from './costStates';
import { Cube } from './cube';
import { FreshRows } from './freshRows';
import { emptyGroup, findRow, type Group, hasDuplicates, markCounted } from './group';
import { type KeyHash, KeyIndex } from './keyIndex';
import { isPending, type Month, placeOf } from './month';
import { contributionOf, removeRows, type RowsInUse, writeMonth } from './monthWriting';
import { type BookContext, Months } from './months';
import { RecentCalls } from './recentCalls';
import {
  blankRow,
  checkCountable,
  mergeInto,
  readRecord,
  recordOf,
  type Row,
  samePrice,
  takePrice,
  wouldChange,
} from './row';

/** So few that a slice takes less than a millisecond. */
const repricedRowsPerSlice = 100;
export interface FoldResult {
  /** Records that told of a call the ledger did not know. */
  readonly added: number;
  /** Records that made a known call fuller. */
  readonly replaced: number;
  readonly unchanged: number;
  /** Quarter hours in which a sum may have moved. */
  readonly quarters: ReadonlySet<QuarterHour>;
}

/** A row's place in a month's file. */
export interface RowPlace {
  readonly hash: KeyHash;
  readonly slot: number;
}

/** What a slice of pricing anew has changed, in counted messages. */
export interface RepricedSlice {
  readonly next: RowPlace | null;
  readonly quarters: ReadonlySet<QuarterHour>;
  readonly messages: number;
  readonly beforeNanoDollars: number;
  readonly afterNanoDollars: number;
  readonly models: ReadonlySet<string>;
}

const noNames = { model: '', provider: '', project: '', branch: '', source: '', user: '', host: '' };
const noOrigin = { path: '', session: '', beganEpochMs: 0 };

/**
 * The ledger in memory. A fold changes rows and sums here and touches no database for calls that are new; what
 * changed is written into the months' databases by `write`, in slices, before a file is saved or messages are read.
 */
export class Book {
  readonly context: BookContext;
  readonly months: Months;
  readonly keys = new KeyIndex();
  readonly cube: Cube;
  readonly recent = new RecentCalls();
  readonly costStates: CostStates;
  /** Another book has taken over; this one must not write any more. */
  retired = false;
  readonly #groups = new Map<KeyHash, Group>();
  #touched: Group[] = [];
  #quarters = new Set<QuarterHour>();
  #lastQuarter: QuarterHour = -1;
  /** Every record is read into this one row: only those that are new become rows of their own. */
  readonly #copy: Row;

  readonly #rowsInUse: RowsInUse = {
    rowsOf: (hash) => this.#groups.get(hash)?.rows ?? [],
    markPending: (row) => this.#markPending(row),
  };

  constructor(context: BookContext) {
    const [dimensions, origin] = [context.interning.dimensions(noNames), context.interning.origin(noOrigin)];
    this.context = context;
    this.months = new Months(context, () => new FreshRows(dimensions, origin));
    this.cube = new Cube(this.months);
    this.costStates = new CostStates(this.months);
    this.#copy = blankRow(dimensions, origin);
  }

  get pendingRows(): number {
    let rows = 0;
    for (const { pending, fresh } of this.months.values()) rows += pending.size + fresh.size;
    return rows;
  }

  fold(records: readonly PricedRecord[]): FoldResult {
    const { interning } = this.context;
    records.forEach(checkCountable);
    this.keys.reserve(records.length);
    const copy = this.#copy;
    this.#quarters = new Set();
    this.#lastQuarter = -1;
    let added = 0;
    let replaced = 0;
    try {
      for (const record of records) {
        readRecord(record, copy, interning);
        const known = this.#groups.get(copy.hash);
        if (known === undefined && !this.keys.has(copy.hash)) {
          this.#addFresh(copy);
          added++;
          continue;
        }
        const group = known ?? this.#openGroup(copy.hash);
        if (group.frozen) continue;
        const row = findRow(group.rows, copy);
        if (row === undefined) {
          this.#touch(group);
          this.#addRow(group, { ...copy });
          added++;
        } else if (wouldChange(row, copy)) {
          this.#touch(group);
          mergeInto(row, copy, interning);
          row.changed = true;
          replaced++;
        }
      }
    } finally {
      this.#settleTouched();
    }
    return { added, replaced, unchanged: records.length - added - replaced, quarters: this.#quarters };
  }

  /**
   * Prices some rows of a month's database anew; what is not in it was folded since, by the prices of now. Sums are in
   * step again when this returns. The position to go on from is null at the end.
   */
  repriceSlice(month: Month, after: RowPlace, priceOf: (record: PricedRecord) => Price): RepricedSlice {
    this.#quarters = new Set();
    this.#lastQuarter = -1;
    const change = { messages: 0, beforeNanoDollars: 0, afterNanoDollars: 0, models: new Set<string>() };
    const rows = this.months.store(month).rowsAfter(after, repricedRowsPerSlice);
    const hashes = new Set<KeyHash>();
    for (const row of rows)
      if (!month.moved.has(placeOf(row.hash, row.slot)) && !samePrice(row, priceOf(recordOf(row))))
        hashes.add(row.hash);
    try {
      for (const hash of hashes) {
        const group = this.#groups.get(hash) ?? this.#openGroup(hash);
        this.#touch(group);
        for (const row of group.rows) {
          const price = priceOf(recordOf(row));
          if (samePrice(row, price)) continue;
          if (row.counted) noteChange(change, row, price);
          takePrice(row, price);
          row.changed = true;
        }
      }
    } finally {
      this.#settleTouched();
    }
    const last = rows.at(-1);
    const next =
      last === undefined || rows.length < repricedRowsPerSlice ? null : { hash: last.hash, slot: last.slot };
    return { next, quarters: this.#quarters, ...change };
  }

  /** Resolves keys anew whose months were not saved together. */
  resolveAgain(hashes: Iterable<KeyHash>): void {
    for (const hash of hashes) this.#touch(this.#groups.get(hash) ?? this.#openGroup(hash));
    this.#settleTouched();
  }

  /** Takes in what a file tells about a month; returns the keys that other months hold too. */
  adopt(month: Month, hashes: ArrayLike<KeyHash>, costStates: readonly CostState[]): KeyHash[] {
    const shared: KeyHash[] = [];
    this.keys.reserve(hashes.length);
    for (let index = 0; index < hashes.length; index++)
      if (this.keys.add(hashes[index]!, month.number)) shared.push(hashes[index]!);
    this.costStates.adopt(month, costStates);
    return shared;
  }

  /** Writes what is pending for a month into its database. */
  write(month: Month): void {
    const slices = this.writing(month);
    while (slices.next().done !== true);
  }

  /**
   * The same in slices, for others to have a turn in between. All of it is one transaction, since rollups and indexes
   * are touched once then and not once a slice; whoever else wants to write meanwhile completes it first. What is
   * folded meanwhile is not written.
   */
  *writing(month: Month, doneShare = 1): Generator<void> {
    if (month.writing !== null) yield* month.writing;
    if (!isPending(month)) return;
    const writing = writeMonth(month, this.months.store(month, doneShare), this.#rowsInUse);
    month.writing = writing;
    try {
      yield* writing;
    } finally {
      if (month.writing === writing) month.writing = null;
    }
  }

  writeAll(): void {
    for (const month of this.months.values()) this.write(month);
  }

  /** Deletes rows that moved to months whose files are on the disk by now; false if some have to stay. */
  removeMoved(month: Month): boolean {
    const ready = [...month.moved].filter(([, { row }]) => {
      if (row.pendingMonth !== -1 || row.storedMonth === -1) return false;
      return this.context.folder === null || !this.months.of(row.storedMonth).dirty;
    });
    if (ready.length > 0) {
      this.write(month);
      const store = this.months.store(month);
      month.dirty = true;
      const moved = ready.map(([, row]) => row);
      removeRows(month, store, moved);
      for (const [id] of ready) month.moved.delete(id);
    }
    return month.moved.size === 0;
  }

  /** Lets go of rows that the databases know, for good: while a transaction is under way, none do. */
  forgetWritten(): void {
    for (const { writing } of this.months.values()) if (writing !== null) return;
    for (const [hash, { rows }] of this.#groups)
      if (rows.every((row) => row.pendingMonth === -1)) this.#groups.delete(hash);
  }

  /** Every row and cost state that no file may hold yet; what a damaged database holds is not asked for. */
  *unsaved(): Generator<Row | CostState> {
    for (const { rows } of this.#groups.values()) yield* rows;
    for (const month of this.months.values()) {
      yield* month.fresh.rows(month.number);
      for (const session of month.pendingCostStates) yield month.costStates.get(session)!;
      if (!month.dirty || month.store === null) continue;
      yield* month.costStates.values();
      yield* month.store.allRows();
    }
  }

  close(): void {
    this.retired = true;
    this.months.close();
  }

  #openGroup(hash: KeyHash): Group {
    const group = emptyGroup(hash);
    if (this.keys.has(hash)) {
      for (const number of this.keys.monthsOf(hash)) {
        const month = this.months.of(number);
        const fresh = month.fresh.take(hash, number);
        if (fresh !== undefined) {
          group.rows.push(fresh);
          if (fresh.pendingMonth === number) month.pending.add(fresh);
          continue;
        }
        const store = this.months.store(month);
        group.frozen ||= store.compacted.has(hash);
        for (const row of store.rowsOf(hash))
          if (!month.moved.has(placeOf(hash, row.slot))) group.rows.push(row);
      }
      if (hasDuplicates(group.rows)) this.#collapse(group);
    }
    this.#groups.set(hash, group);
    return group;
  }

  /** Two months hold the same row: the process ended between their saves. One row goes on, the other is to go. */
  #collapse(group: Group): void {
    this.#touch(group);
    const rows: Row[] = [];
    for (const row of group.rows) {
      const kept = findRow(rows, row);
      if (kept === undefined) rows.push(row);
      else {
        mergeInto(kept, row, this.context.interning);
        kept.counted ||= row.counted;
        kept.changed = true;
        this.#moveAway(row, kept);
      }
    }
    group.rows = rows;
  }

  #touch(group: Group): void {
    if (group.touched) return;
    group.touched = true;
    this.#touched.push(group);
    const { rows } = group;
    if (rows.length === 0) return;
    group.monthsBefore = rows.map((row) => row.month);
    for (const row of rows) {
      if (row.storedMonth !== -1) row.before ??= contributionOf(row);
      if (row.counted) this.#count(row, -1);
    }
  }

  /** The first that is heard of a call, which is the same for its sums as a row of its own. */
  #addFresh(row: Row): void {
    const { fresh, number } = this.months.of(row.month);
    fresh.add(row);
    this.keys.add(row.hash, number);
    this.#count(row, 1);
  }

  #addRow(group: Group, row: Row): void {
    if (group.rows.length === 0) row.alone = true;
    else for (const other of group.rows) other.alone = false;
    group.rows.push(row);
  }

  #settleTouched(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (const group of touched) this.#settle(group);
  }

  #settle(group: Group): void {
    const { rows, hash, monthsBefore } = group;
    group.touched = false;
    group.monthsBefore = null;
    if (!group.frozen) {
      if (rows.length === 1) rows[0]!.counted = true;
      else markCounted(rows);
    }
    for (const row of rows) {
      if (row.counted) this.#count(row, 1);
      this.keys.add(hash, row.month);
      if (row.changed || row.before?.counted !== row.counted) this.#markPending(row);
      else if (row.pendingMonth === -1) row.before = null;
    }
    for (const number of monthsBefore ?? [])
      if (!rows.some((row) => row.month === number)) this.keys.remove(hash, number);
  }

  #count(row: Row, times: 1 | -1): void {
    const quarter = quarterHourOf(row.epochMs);
    this.months.of(row.month).cube.add(row, times, quarter);
    if (row.epochMs >= this.recent.from) this.recent.count(row, times);
    if (quarter !== this.#lastQuarter) {
      this.#lastQuarter = quarter;
      this.#quarters.add(quarter);
    }
  }

  #markPending(row: Row): void {
    if (row.storedMonth !== -1 && row.storedMonth !== row.month) {
      this.#moveAway(row, row);
      row.storedMonth = -1;
      row.before = null;
      row.alone = false;
    }
    if (row.pendingMonth === row.month) return;
    if (row.pendingMonth !== -1) this.months.of(row.pendingMonth).pending.delete(row);
    row.pendingMonth = row.month;
    this.months.of(row.month).pending.add(row);
  }

  /** Leaves the place of `row` to be deleted once the row that goes on is on the disk. */
  #moveAway({ storedMonth, hash, slot, before }: Row, goesOn: Row): void {
    if (storedMonth === -1 || before === null) return;
    const moved = { hash, slot, contribution: before, row: goesOn };
    const month = this.months.of(storedMonth);
    month.changes++;
    month.moved.set(placeOf(hash, slot), moved);
  }
}

function noteChange(
  change: { messages: number; beforeNanoDollars: number; afterNanoDollars: number; models: Set<string> },
  row: Row,
  price: Price,
): void {
  change.messages++;
  change.beforeNanoDollars += row.cost ?? 0;
  change.afterNanoDollars += price.cost ?? 0;
  change.models.add(row.dimensions.model);
}
