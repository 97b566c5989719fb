import { join } from 'node:path';
import type { Log } from '../model/logRecord';
import { quarterHourMs, quarterHourOf, type EpochMs, type QuarterHour } from '../model/time';
import type { CostState, Price, PricedRecord } from '../model/usageRecord';
import { betterCostState } from './costStates';
import { Cube, MonthCube } from './cube';
import type { FileSystem } from './fileSystem';
import { FreshRows } from './freshRows';
import { type Interning, storableText } from './interning';
import { emptyGroup, findRow, type Group, hasDuplicates, markCounted } from './group';
import { type KeyHash, KeyIndex, type MonthNumber } from './keyIndex';
import { emptyMonth, isPending, isUnsaved, type Month, monthFile, placeOf } from './month';
import { addContribution, contributionOf, removeRows, type RowsInUse, writeMonth } from './monthWriting';
import { MonthStore } from './monthStore';
import { RecentCalls } from './recentCalls';
import { openOrRecover, type Recovery } from './recovery';
import {
  blankRow,
  checkCountable,
  latestEpochMs,
  mergeInto,
  monthNumberOf,
  readRecord,
  recordOf,
  type Row,
  samePrice,
  takePrice,
  wouldChange,
} from './row';
import type { SqlEngine } from './schema';

/** So few that a slice takes less than a millisecond. */
const repricedRowsPerSlice = 100;
/** An estimate from so little is no more than a guess. */
const leastShare = 0.1;
const everyRow = { dimensionSets: null, origins: null };
/** How much older than what was asked for a recent call may be before it is let go. */
const forgetStepMs = 300_000;

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

export interface BookContext {
  readonly sql: SqlEngine;
  readonly fs: FileSystem;
  /** null: nothing is on the disk. */
  readonly folder: string | null;
  readonly now: () => EpochMs;
  readonly log: Log;
  readonly interning: Interning;
  /** A month that is likely to be read again soon stays open. */
  readonly isWarm: (month: MonthNumber) => boolean;
}

/** A month's file turned out to be damaged while figures from it were already in use: the ledger has to be read anew. */
export class DamageFound extends Error {
  readonly recovery: Recovery;
  constructor(recovery: Recovery) {
    super(`${recovery.file} was damaged`);
    this.recovery = recovery;
  }
}

const noNames = { model: '', provider: '', project: '', branch: '', source: '', user: '', host: '' };
const noOrigin = { path: '', session: '', beganEpochMs: 0 };

/**
 * The ledger in memory. A fold changes rows and sums here and touches no database for calls that are new; what
 * changed is written into the months' databases by `write`, in slices, before a file is saved or messages are read.
 */
export class Book {
  readonly context: BookContext;
  readonly months = new Map<MonthNumber, Month>();
  readonly keys = new KeyIndex();
  readonly cube = new Cube(this.months);
  readonly recent = new RecentCalls();
  /** Another book has taken over; this one must not write any more. */
  retired = false;
  readonly #groups = new Map<KeyHash, Group>();
  readonly #costStates = new Map<string, CostState>();
  #touched: Group[] = [];
  #useCounter = 0;
  #quarters = new Set<QuarterHour>();
  #lastQuarter: QuarterHour = -1;
  /** Every record is read into this one row: only those that are new become rows of their own. */
  readonly #copy: Row;

  readonly #rowsInUse: RowsInUse = {
    rowsOf: (hash) => this.#groups.get(hash)?.rows ?? [],
    markPending: (row) => this.#markPending(row),
  };

  constructor(context: BookContext) {
    this.context = context;
    this.#copy = blankRow(context.interning.dimensions(noNames), context.interning.origin(noOrigin));
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
    const rows = this.store(month).rowsAfter(after, repricedRowsPerSlice);
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

  /** Counted rows of a range of time (`to` is exclusive) in the order of time, whether a database knows them or not. */
  countedBetween(from: EpochMs, to: EpochMs): Row[] {
    const rows: Row[] = [];
    for (const month of [...this.months.values()].sort((one, other) => one.number - other.number)) {
      const held = month.cube.range();
      if (held === null || held.from * quarterHourMs >= to || (held.to + 1) * quarterHourMs <= from) continue;
      this.write(month);
      const found = this.store(month).countedAfter({ epochMs: from, hash: -1, slot: -1 }, to, -1, everyRow);
      for (const row of found) if (!month.moved.has(placeOf(row.hash, row.slot))) rows.push(row);
    }
    return rows;
  }

  /** What was counted from an instant on. Databases are asked only if that reaches further back than before. */
  recentFrom(from: EpochMs): RecentCalls {
    const { recent } = this;
    if (from < recent.from) {
      const rows = this.countedBetween(from, latestEpochMs + 1);
      recent.restart(from);
      for (const row of rows) recent.count(row, 1);
    } else if (from > recent.from + forgetStepMs) recent.forgetBefore(from);
    return recent;
  }

  /** Makes rollups, sums in memory and the key index of a month anew from the messages in its database. */
  recount(month: Month): void {
    this.write(month);
    const store = this.store(month);
    store.transaction(() => store.recount());
    month.dirty = true;
    month.cube = new MonthCube(month.number);
    for (const { quarter, dimensions, values } of store.rollups('rollup'))
      month.cube.addValues(quarter, dimensions, values, 1);
    for (const { contribution } of month.moved.values()) addContribution(month.cube, contribution, -1);
    for (const hash of this.keys.keysOf(month.number)) this.keys.remove(hash, month.number);
    for (const hash of this.storedKeys(month)) this.keys.add(hash, month.number);
    this.recent.restart(Infinity);
  }

  /** Keys of which a month's database has a row, or what is left of it; not those that live on in another month. */
  storedKeys(month: Month): Float64Array {
    const store = this.store(month);
    const hashes = new Set<KeyHash>(store.compacted.keys());
    for (const { hash, slot } of store.allRows()) if (!month.moved.has(placeOf(hash, slot))) hashes.add(hash);
    return Float64Array.from(hashes);
  }

  /** Resolves keys anew whose months were not saved together. */
  resolveAgain(hashes: Iterable<KeyHash>): void {
    for (const hash of hashes) this.#touch(this.#groups.get(hash) ?? this.#openGroup(hash));
    this.#settleTouched();
  }

  foldCostStates(states: readonly CostState[]): number {
    let changed = 0;
    for (const state of states) {
      const session = storableText(state.session);
      const stored = { ...state, session, path: storableText(state.path) };
      const known = this.#costStates.get(session);
      if (known !== undefined && !betterCostState(stored, known)) continue;
      this.#costStates.set(session, stored);
      const month = this.month(monthNumberOf(state.epochMs));
      month.costStates.set(session, stored);
      month.pendingCostStates.add(session);
      changed++;
    }
    return changed;
  }

  costStates(): CostState[] {
    return [...this.#costStates.values()];
  }

  month(number: MonthNumber): Month {
    let month = this.months.get(number);
    if (month === undefined) {
      month = emptyMonth(number, new FreshRows(this.#copy.dimensions, this.#copy.origin));
      this.months.set(number, month);
    }
    return month;
  }

  /** Takes in what a file tells about a month; returns the keys that other months hold too. */
  adopt(month: Month, hashes: ArrayLike<KeyHash>, costStates: readonly CostState[]): KeyHash[] {
    const shared: KeyHash[] = [];
    this.keys.reserve(hashes.length);
    for (let index = 0; index < hashes.length; index++)
      if (this.keys.add(hashes[index]!, month.number)) shared.push(hashes[index]!);
    for (const state of costStates) {
      month.costStates.set(state.session, state);
      const known = this.#costStates.get(state.session);
      if (known === undefined || betterCostState(state, known)) this.#costStates.set(state.session, state);
    }
    return shared;
  }

  /** The month's database, opened if need be. Throws `DamageFound` if the file is not what it was. */
  store(month: Month, doneShare = 1): MonthStore {
    month.lastUse = ++this.#useCounter;
    if (month.store !== null) return month.store;
    const { sql, folder, interning } = this.context;
    const open = (bytes: Uint8Array | null): MonthStore =>
      new MonthStore(sql, month.number, bytes, interning, month.fresh.size / Math.max(leastShare, doneShare));
    if (folder === null || month.generation === 0) return (month.store = open(null));
    const { opened, from, recovery } = openOrRecover(
      { ...this.context, folder },
      monthFile(month.number),
      open,
    );
    if (from !== 'primary') {
      opened.close();
      const file = monthFile(month.number);
      throw new DamageFound(
        recovery ?? { file, outcome: 'fresh', archived: [], cause: 'the file has disappeared' },
      );
    }
    if (opened.migrated) month.dirty = true;
    return (month.store = opened);
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
    const writing = writeMonth(month, this.store(month, doneShare), this.#rowsInUse);
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
      return this.context.folder === null || !this.month(row.storedMonth).dirty;
    });
    if (ready.length > 0) {
      this.write(month);
      const store = this.store(month);
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

  /** Closes the databases used least lately that hold nothing unsaved and are not of recent days. */
  closeIdle(maxOpen: number): void {
    const open = [...this.months.values()].filter(({ store }) => store !== null);
    open.sort((one, other) => one.lastUse - other.lastUse);
    let excess = open.length - maxOpen;
    for (const month of open) {
      if (excess <= 0) return;
      if (this.closeIfIdle(month)) excess--;
    }
  }

  closeIfIdle(month: Month): boolean {
    if (this.context.folder === null || this.context.isWarm(month.number)) return false;
    if (isUnsaved(month) || month.saving || month.moved.size > 0) return false;
    month.store?.close();
    month.store = null;
    month.cube.shrink();
    return true;
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
    for (const month of this.months.values()) {
      month.store?.close();
      month.store = null;
    }
  }

  filePath(name: string): string {
    return join(this.context.folder ?? '', name);
  }

  #openGroup(hash: KeyHash): Group {
    const group = emptyGroup(hash);
    if (this.keys.has(hash)) {
      for (const number of this.keys.monthsOf(hash)) {
        const month = this.month(number);
        const fresh = month.fresh.take(hash, number);
        if (fresh !== undefined) {
          group.rows.push(fresh);
          if (fresh.pendingMonth === number) month.pending.add(fresh);
          continue;
        }
        const store = this.store(month);
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
    const { fresh, number } = this.month(row.month);
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
    this.month(row.month).cube.add(row, times, quarter);
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
    if (row.pendingMonth !== -1) this.month(row.pendingMonth).pending.delete(row);
    row.pendingMonth = row.month;
    this.month(row.month).pending.add(row);
  }

  /** Leaves the place of `row` to be deleted once the row that goes on is on the disk. */
  #moveAway({ storedMonth, hash, slot, before }: Row, goesOn: Row): void {
    if (storedMonth === -1 || before === null) return;
    const moved = { hash, slot, contribution: before, row: goesOn };
    const month = this.month(storedMonth);
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
