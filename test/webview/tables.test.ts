import assert from 'node:assert/strict';
import { withGaps } from '../../src/webview/parts/rowWindow';
import { arranged } from '../../src/webview/parts/sorting';
import { nextIndex } from '../../src/webview/parts/roving';

interface Row {
  readonly name: string;
  readonly cost: number | null;
}

const rows: readonly Row[] = [
  { name: 'b10', cost: 1 },
  { name: 'B2', cost: null },
  { name: 'a', cost: 3 },
  { name: 'c', cost: 1 },
];
const columns = [
  { id: 'name', value: ({ name }: Row) => name },
  { id: 'cost', value: ({ cost }: Row) => cost },
];
const names = (by: string, down: boolean, search = ''): string[] =>
  arranged(rows, columns, { by, down }, search, ({ name }) => name).map(({ name }) => name);

describe('A table', () => {
  it('sorts by a column either way, what has no value last, equal rows as they came', () => {
    assert.deepEqual(names('cost', true), ['a', 'b10', 'c', 'B2']);
    assert.deepEqual(names('cost', false), ['b10', 'c', 'a', 'B2']);
    assert.deepEqual(names('name', false), ['a', 'B2', 'b10', 'c']);
  });

  it('finds the rows that hold every word, whatever the case', () => {
    assert.deepEqual(names('name', false, 'B'), ['B2', 'b10']);
    assert.deepEqual(names('name', false, ' b 1'), ['b10']);
    assert.deepEqual(names('name', false, 'z'), []);
  });

  it('is as high with the rows in view as with all of them', () => {
    const parts = withGaps([2, 10, 11, 12], 1_000, 30);
    assert.deepEqual(parts, [
      { gap: 60, at: 0 },
      { row: 2 },
      { gap: 7 * 30, at: 3 },
      { row: 10 },
      { row: 11 },
      { row: 12 },
      { gap: 987 * 30, at: 13 },
    ]);
    assert.deepEqual(withGaps([0, 1], 2, 30), [{ row: 0 }, { row: 1 }]);
  });
});

describe('Arrow keys', () => {
  it('go along a row and stop at its ends', () => {
    assert.equal(nextIndex('ArrowLeft', 0, 3), 0);
    assert.equal(nextIndex('ArrowRight', 1, 3), 2);
    assert.equal(nextIndex('End', 0, 3), 2);
    assert.equal(nextIndex('ArrowDown', 0, 3), null);
  });

  it('go up and down in a grid, never out of it', () => {
    assert.equal(nextIndex('ArrowDown', 5, 168, 24), 29);
    assert.equal(nextIndex('ArrowUp', 5, 168, 24), 5);
    assert.equal(nextIndex('ArrowDown', 160, 168, 24), 160);
  });
});
