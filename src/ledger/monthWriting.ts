import { quarterHourOf } from '../model/time';
import { MonthCube } from './cube';
import type { KeyHash, MonthNumber } from './keyIndex';
import { type Month, type MovedRow, placeOf } from './month';
import type { MonthStore } from './monthStore';
import { type Contribution, measureCount, type Row, writeMeasures } from './row';

/** So few that a slice takes less than a millisecond. */
const rowsPerSlice = 100;

/** A row that a transaction has written, and what held of it before. */
interface WrittenRow {
  readonly row: Row;
  readonly slot: number;
  readonly storedMonth: MonthNumber;
  readonly before: Contribution | null;
}

/** The rows in memory, which go on changing while they are written. */
export interface RowsInUse {
  readonly rowsOf: (hash: KeyHash) => readonly Row[];
  /** The month's database has to be told of it. */
  readonly markPending: (row: Row) => void;
}

/** Writes all that is pending for a month, as one transaction. If it fails, all of it is pending again. */
export function* writeMonth(month: Month, store: MonthStore, rows: RowsInUse): Generator<void> {
  // In the order of the file: a B-tree that is filled from left to right is twice as fast.
  const fresh = month.fresh.unwritten();
  const hashes = new Float64Array(fresh.length + month.pending.size);
  hashes.set(fresh);
  hashes.set(
    Array.from(month.pending, (row) => row.hash),
    fresh.length,
  );
  hashes.sort();
  const costStates = [...month.pendingCostStates];
  const written: WrittenRow[] = [];
  const delta = new MonthCube(month.number);
  month.dirty = true;
  month.changes++;
  store.begin();
  try {
    for (let at = 0; at < hashes.length; at += rowsPerSlice) {
      for (const hash of hashes.subarray(at, at + rowsPerSlice)) {
        for (const row of rows.rowsOf(hash))
          if (row.pendingMonth === month.number) {
            const { storedMonth, before } = row;
            writeRow(store, row, month, delta);
            written.push({ row, slot: row.slot, storedMonth, before });
          }
        writeFresh(store, hash, month, delta);
      }
      yield;
    }
    for (const session of costStates) store.putCostState(month.costStates.get(session)!);
    yield* addToRollups(store, delta);
    store.commit();
    month.fresh.committed();
    month.changes++;
    for (const session of costStates) month.pendingCostStates.delete(session);
  } catch (error) {
    store.rollback();
    // A row may have been written twice: what held before the first time is restored last.
    for (const each of written.reverse()) takeBack(each, month, rows);
    for (const row of month.fresh.rolledBack())
      takeBack({ row, slot: 0, storedMonth: -1, before: null }, month, rows);
    throw error;
  }
}

/** What was written of it is undone. */
function takeBack({ row, slot, storedMonth, before }: WrittenRow, month: Month, rows: RowsInUse): void {
  if (row.storedMonth === month.number) {
    row.storedMonth = storedMonth;
    row.before = before;
    row.changed = true;
    rows.markPending(row);
    return;
  }
  // It has moved on meanwhile: what it left here is what was here before.
  const { hash } = row;
  if (before === null) month.moved.delete(placeOf(hash, slot));
  else month.moved.set(placeOf(hash, slot), { hash, slot, contribution: before, row });
}

function writeFresh(store: MonthStore, hash: KeyHash, month: Month, delta: MonthCube): void {
  const row = month.fresh.write(hash, month.number);
  if (row === undefined) return;
  store.putRow(row);
  delta.add(row, 1, quarterHourOf(row.epochMs));
}

function writeRow(store: MonthStore, row: Row, month: Month, delta: MonthCube): void {
  if (row.storedMonth === -1) row.slot = row.alone ? 0 : store.freeSlot(row.hash);
  store.putRow(row);
  if (row.before !== null) addContribution(delta, row.before, -1);
  if (row.counted) delta.add(row, 1, quarterHourOf(row.epochMs));
  row.storedMonth = row.month;
  row.before = null;
  row.changed = false;
  row.pendingMonth = -1;
  month.pending.delete(row);
}

/** Deletes rows that live on in another month. */
export function removeRows(month: Month, store: MonthStore, moved: readonly MovedRow[]): void {
  store.transaction(() => {
    const delta = new MonthCube(month.number);
    for (const { hash, slot, contribution } of moved) {
      store.removeRow(hash, slot);
      addContribution(delta, contribution, -1);
    }
    for (const rollups = addToRollups(store, delta); rollups.next().done !== true;);
  });
}

export function addContribution(delta: MonthCube, contribution: Contribution, times: 1 | -1): void {
  const { counted, quarter, dimensions, measures } = contribution;
  if (counted) delta.addValues(quarter, dimensions, measures, times);
}

function* addToRollups(store: MonthStore, delta: MonthCube): Generator<void> {
  const { dimensions, quarters, sets, values } = delta.columns();
  let fewer = false;
  for (let index = 0; index < quarters.length; index++) {
    const part = values.subarray(index * measureCount, (index + 1) * measureCount);
    store.addToRollup(delta.firstQuarter + quarters[index]!, dimensions[sets[index]!]!, part);
    fewer ||= part[0]! < 0;
    if (index % rowsPerSlice === rowsPerSlice - 1) yield;
  }
  if (fewer) store.dropEmptyRollups();
}

export function contributionOf(row: Row): Contribution {
  const measures = new Float64Array(measureCount);
  writeMeasures(row, measures);
  return { counted: row.counted, quarter: quarterHourOf(row.epochMs), dimensions: row.dimensions, measures };
}
