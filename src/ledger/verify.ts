import { join } from 'node:path';
import { measureNames } from '../model/measures';
import type { Book } from './book';
import { type Month, monthName } from './month';
import type { DimensionSet } from './interning';
import { indexFile } from './load';
import { decodeMonthIndex } from './monthIndex';
import { MonthCube } from './cube';
import { storedKeys } from './recount';
import { measureCount } from './row';

type Sums = Map<string, readonly number[]>;

/** Holds every way of knowing a sum against the others; each line names one that differs. Nothing may be pending. */
export function differences(book: Book, month: Month): string[] {
  const found: string[] = [];
  const store = book.months.store(month);
  const name = monthName(month.number);
  const stored = sumsOf(store.rollups('rollup'));
  compare(found, `${name}: rollups against messages`, stored, sumsOf(store.rollups('message')));
  compare(found, `${name}: memory against rollups`, memorySums(month, true), stored);
  compareKeys(found, `${name}: known keys`, storedKeys(book, month), book.keys.keysOf(month.number));
  compareIndexFile(found, book, month);
  return found;
}

function* cubeRollups(
  cube: MonthCube,
): Generator<{ quarter: number; dimensions: DimensionSet; values: readonly number[] }> {
  const { dimensions, quarters, sets, values } = cube.columns();
  for (let index = 0; index < quarters.length; index++)
    yield {
      quarter: cube.firstQuarter + quarters[index]!,
      dimensions: dimensions[sets[index]!]!,
      values: [...values.subarray(index * measureCount, (index + 1) * measureCount)],
    };
}

/** A row that moved away but is not deleted yet is still in the file's sums. */
function memorySums(month: Month, withMoved: boolean): Sums {
  const copy = new MonthCube(month.number);
  for (const { quarter, dimensions, values } of cubeRollups(month.cube))
    copy.addValues(quarter, dimensions, values, 1);
  if (withMoved)
    for (const { contribution } of month.moved.values()) {
      const { counted, quarter, dimensions, measures } = contribution;
      if (counted) copy.addValues(quarter, dimensions, measures, 1);
    }
  return sumsOf(cubeRollups(copy));
}

function compareIndexFile(found: string[], book: Book, month: Month): void {
  const { folder, fs, interning } = book.context;
  // While a month is being saved, its file is still the one before.
  if (
    folder === null ||
    month.dirty ||
    month.saving ||
    month.indexStale ||
    month.generation === 0 ||
    month.moved.size > 0
  )
    return;
  const name = `${monthName(month.number)}: index file`;
  const bytes = fs.read(join(folder, indexFile(month.number)));
  const index = decodeMonthIndex(bytes, month.number, month.generation, interning);
  if (index === null) {
    found.push(`${name} cannot be read`);
    return;
  }
  compare(found, `${name} against memory`, sumsOf(cubeRollups(index.cube)), memorySums(month, false));
  compareKeys(found, name, index.hashes, book.keys.keysOf(month.number));
}

function sumsOf(
  rollups: Iterable<{ quarter: number; dimensions: DimensionSet; values: readonly number[] }>,
): Sums {
  const sums = new Map<string, readonly number[]>();
  for (const { quarter, dimensions, values } of rollups)
    sums.set(`${quarter} ${JSON.stringify(dimensions)}`, values);
  return sums;
}

function compare(found: string[], what: string, one: Sums, other: Sums): void {
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const first = one.get(key);
    const second = other.get(key);
    if (first === undefined || second === undefined) found.push(`${what}: ${key} is in one alone`);
    else
      for (const [index, name] of measureNames.entries())
        if (first[index] !== second[index])
          found.push(`${what}: ${key} ${name} ${String(first[index])} against ${String(second[index])}`);
  }
}

function compareKeys(found: string[], what: string, one: ArrayLike<number>, other: ArrayLike<number>): void {
  const first = new Set(Array.from(one));
  const second = new Set(Array.from(other));
  if (first.size !== other.length || ![...second].every((hash) => first.has(hash)))
    found.push(`${what}: ${first.size} against ${second.size}, or others`);
}
