import { LedgerError } from '../model/errors';
import type { Month as MonthName } from '../model/time';
import type { CostState } from '../model/usageRecord';
import { MonthCube } from './cube';
import type { FreshRows } from './freshRows';
import type { KeyHash, MonthNumber } from './keyIndex';
import type { MonthStore } from './monthStore';
import type { Contribution, Row } from './row';

/** What a row has left behind in the month that it moved away from. */
export interface MovedRow {
  readonly hash: KeyHash;
  readonly slot: number;
  readonly contribution: Contribution;
  /** The row that goes on. */
  readonly row: Row;
}

/** What the ledger knows about one month. */
export interface Month {
  readonly number: MonthNumber;
  cube: MonthCube;
  store: MonthStore | null;
  /** Of the file; 0 if there is none. */
  generation: number;
  /** The database in memory differs from the file. */
  dirty: boolean;
  /** A copy of the database is on its way to the disk; should it not arrive, the database is needed again. */
  saving: boolean;
  /** The index file does not describe the file. */
  indexStale: boolean;
  fileBytes: number;
  lastUse: number;
  /** Grows with every change to what the database says of the month's messages. */
  changes: number;
  /** Rows that the database has to be told of: those that are known, and those that are new to it and to every other. */
  readonly pending: Set<Row>;
  readonly fresh: FreshRows;
  /** Places of rows that live on in another month; they go once that month's file is on the disk. */
  readonly moved: Map<string, MovedRow>;
  readonly costStates: Map<string, CostState>;
  readonly pendingCostStates: Set<string>;
  /** A transaction that somebody has begun and not completed yet. */
  writing: Generator<void> | null;
}

export function emptyMonth(number: MonthNumber, fresh: FreshRows): Month {
  return {
    number,
    cube: new MonthCube(number),
    store: null,
    generation: 0,
    dirty: false,
    saving: false,
    indexStale: false,
    fileBytes: 0,
    lastUse: 0,
    changes: 0,
    pending: new Set(),
    fresh,
    moved: new Map(),
    costStates: new Map(),
    pendingCostStates: new Set(),
    writing: null,
  };
}

export function isPending({ pending, fresh, pendingCostStates }: Month): boolean {
  return pending.size > 0 || fresh.size > 0 || pendingCostStates.size > 0;
}

export function isUnsaved(month: Month): boolean {
  return month.dirty || isPending(month);
}

export function monthName(month: MonthNumber): string {
  return `${1970 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Throws `invalid` if there is none of that name. */
export function monthNamed(months: ReadonlyMap<MonthNumber, Month>, name: MonthName): Month {
  for (const month of months.values()) if (monthName(month.number) === name) return month;
  throw new LedgerError('invalid', `there is no month ${name}`);
}

export function monthFile(month: MonthNumber): string {
  return `${monthName(month)}.sqlite`;
}

/** Of a row in a month's file. */
export function placeOf(hash: KeyHash, slot: number): string {
  return `${hash}:${slot}`;
}
