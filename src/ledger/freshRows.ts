import { tokenSum } from '../model/tokens';
import type { Origin } from '../model/usageRecord';
import type { DimensionSet } from './interning';
import type { KeyHash, MonthNumber } from './keyIndex';
import { blankRow, type Row } from './row';

const numbersPerRow = 16;
/** Columns come in pieces, so that nothing is copied when there are more. */
const rowsPerPiece = 512;
const isSidechain = 1;
const isFast = 2;
const isUsOnly = 4;
const isAssumed = 8;
const isUnfinished = 16;
/** A transaction that is under way has written it. */
const isWritten = 32;
/** It became a `Row`, which goes on in its place. */
const isTaken = 64;

/**
 * Rows of calls that nobody had heard of before, the only ones of their keys: nearly all of what a first scan finds.
 * Until a database is told of them they are kept as columns, in a third of the room that objects need and without work
 * for the garbage collector. Whoever wants to change one takes it out.
 */
export class FreshRows {
  #pieces: Piece[] = [];
  #count = 0;
  /** An open-addressing table of positions plus 1, by hash. */
  #places = new Int32Array(0);
  #live = 0;
  #takenWritten: Row[] = [];
  readonly #scratch: Row;

  /** Names are only there to begin with. */
  constructor(dimensions: DimensionSet, origin: Origin) {
    this.#scratch = { ...blankRow(dimensions, origin), counted: true, alone: true };
  }

  /** Rows that were neither taken out nor told to a database for good. */
  get size(): number {
    return this.#live;
  }

  add(row: Row): void {
    if (this.#count === this.#pieces.length * rowsPerPiece) this.#pieces.push(new Piece());
    const at = this.#count++;
    this.#piece(at).put(at % rowsPerPiece, row);
    if (this.#count * 2 > this.#places.length) this.#rehash();
    else this.#note(at, row.hash);
    this.#live++;
  }

  /** Takes a row out; undefined if there is none of this key. */
  take(hash: KeyHash, month: MonthNumber): Row | undefined {
    const at = this.#find(hash);
    if (at < 0) return undefined;
    const row = { ...this.#read(at, month) };
    if (this.#has(at, isWritten)) {
      row.storedMonth = month;
      row.pendingMonth = -1;
      row.changed = false;
      this.#takenWritten.push(row);
    }
    this.#piece(at).flags[at % rowsPerPiece]! |= isTaken;
    this.#live--;
    return row;
  }

  /** Hashes of the rows that no transaction has written. */
  unwritten(): Float64Array {
    const hashes = new Float64Array(this.#live);
    let count = 0;
    for (let at = 0; at < this.#count; at++)
      if (!this.#has(at, isWritten | isTaken)) hashes[count++] = this.#hash(at);
    return hashes.subarray(0, count);
  }

  /** The row as it has to be written now, which counts as done; good until the next call. Undefined if there is none. */
  write(hash: KeyHash, month: MonthNumber): Row | undefined {
    const at = this.#find(hash);
    if (at < 0 || this.#has(at, isWritten)) return undefined;
    this.#piece(at).flags[at % rowsPerPiece]! |= isWritten;
    return this.#read(at, month);
  }

  /** What was written is in the database for good. Rows may have been added meanwhile: they stay. */
  committed(): void {
    this.#takenWritten = [];
    const left = [...this.#rowsWithout(isWritten | isTaken, 0)];
    this.#pieces = [];
    this.#places = new Int32Array(0);
    this.#count = this.#live = 0;
    for (const row of left) this.add(row);
  }

  /** What was written is not in the database after all. Returns those of the rows that were taken out meanwhile. */
  rolledBack(): readonly Row[] {
    for (const { flags } of this.#pieces)
      for (let index = 0; index < rowsPerPiece; index++) flags[index]! &= ~isWritten;
    const taken = this.#takenWritten;
    this.#takenWritten = [];
    return taken;
  }

  rows(month: MonthNumber): Generator<Row> {
    return this.#rowsWithout(isTaken, month);
  }

  *#rowsWithout(flags: number, month: MonthNumber): Generator<Row> {
    for (let at = 0; at < this.#count; at++) if (!this.#has(at, flags)) yield { ...this.#read(at, month) };
  }

  /** Good until the next call. */
  #read(at: number, month: MonthNumber): Row {
    const row = this.#scratch;
    this.#piece(at).get(at % rowsPerPiece, row);
    row.month = row.pendingMonth = month;
    return row;
  }

  #piece(at: number): Piece {
    return this.#pieces[Math.floor(at / rowsPerPiece)]!;
  }

  #hash(at: number): KeyHash {
    return this.#piece(at).numbers[(at % rowsPerPiece) * numbersPerRow]!;
  }

  #has(at: number, flags: number): boolean {
    return (this.#piece(at).flags[at % rowsPerPiece]! & flags) !== 0;
  }

  #find(hash: KeyHash): number {
    if (this.#live === 0) return -1;
    const mask = this.#places.length - 1;
    for (let place = hash % this.#places.length; ; place = (place + 1) & mask) {
      const at = this.#places[place]! - 1;
      if (at < 0) return -1;
      if (this.#hash(at) === hash && !this.#has(at, isTaken)) return at;
    }
  }

  #note(at: number, hash: KeyHash): void {
    const mask = this.#places.length - 1;
    let place = hash % this.#places.length;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = at + 1;
  }

  #rehash(): void {
    this.#places = new Int32Array(Math.max(64, this.#places.length * 4));
    for (let at = 0; at < this.#count; at++) this.#note(at, this.#hash(at));
  }
}

class Piece {
  readonly numbers = new Float64Array(rowsPerPiece * numbersPerRow);
  readonly flags = new Uint8Array(rowsPerPiece);
  readonly #keys: string[] = [];
  readonly #requestIds: string[] = [];
  readonly #dimensions: DimensionSet[] = [];
  readonly #origins: Origin[] = [];

  put(index: number, row: Row): void {
    const { numbers } = this;
    let next = index * numbersPerRow;
    numbers[next++] = row.hash;
    numbers[next++] = row.epochMs;
    numbers[next++] = row.requests;
    numbers[next++] = row.input;
    numbers[next++] = row.output;
    numbers[next++] = row.cacheRead;
    numbers[next++] = row.cacheWrite5m;
    numbers[next++] = row.cacheWrite1h;
    numbers[next++] = row.webSearches;
    numbers[next++] = row.reportedCost ?? NaN;
    numbers[next++] = row.cost ?? NaN;
    numbers[next++] = row.cacheReadSaved;
    numbers[next++] = row.cacheWriteExtra;
    numbers[next++] = row.missingOutputTokens;
    numbers[next++] = row.missingCost;
    numbers[next] = row.contentCharacters;
    this.flags[index] =
      (row.sidechain ? isSidechain : 0) |
      (row.fast ? isFast : 0) |
      (row.usOnly ? isUsOnly : 0) |
      (row.assumed ? isAssumed : 0) |
      (row.unfinished ? isUnfinished : 0);
    this.#keys[index] = row.key;
    this.#requestIds[index] = row.requestId;
    this.#dimensions[index] = row.dimensions;
    this.#origins[index] = row.origin;
  }

  get(index: number, row: Row): void {
    const { numbers } = this;
    const flags = this.flags[index]!;
    let next = index * numbersPerRow;
    row.hash = numbers[next++]!;
    row.epochMs = numbers[next++]!;
    row.requests = numbers[next++]!;
    row.input = numbers[next++]!;
    row.output = numbers[next++]!;
    row.cacheRead = numbers[next++]!;
    row.cacheWrite5m = numbers[next++]!;
    row.cacheWrite1h = numbers[next++]!;
    row.tokenSum = tokenSum(row);
    row.webSearches = numbers[next++]!;
    row.reportedCost = orNull(numbers[next++]!);
    row.cost = orNull(numbers[next++]!);
    row.cacheReadSaved = numbers[next++]!;
    row.cacheWriteExtra = numbers[next++]!;
    row.missingOutputTokens = numbers[next++]!;
    row.missingCost = numbers[next++]!;
    row.contentCharacters = numbers[next]!;
    row.sidechain = (flags & isSidechain) !== 0;
    row.fast = (flags & isFast) !== 0;
    row.usOnly = (flags & isUsOnly) !== 0;
    row.assumed = (flags & isAssumed) !== 0;
    row.unfinished = (flags & isUnfinished) !== 0;
    row.key = this.#keys[index]!;
    row.requestId = this.#requestIds[index]!;
    row.dimensions = this.#dimensions[index]!;
    row.origin = this.#origins[index]!;
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
