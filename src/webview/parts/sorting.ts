export interface Sorting {
  readonly by: string;
  readonly down: boolean;
}

interface SortedColumn<Row> {
  readonly id: string;
  readonly value?: (row: Row) => number | string | null;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/**
 * The rows that hold every word of the search, in the order of a column. What has no value comes last whichever the
 * direction; equal rows keep the order they came in.
 */
export function arranged<Row>(
  rows: readonly Row[],
  columns: readonly SortedColumn<Row>[],
  { by, down }: Sorting,
  search: string,
  textOf: (row: Row) => string,
): readonly Row[] {
  const words = search
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found =
    words.length === 0
      ? rows
      : rows.filter((row) => {
          const text = textOf(row).toLocaleLowerCase();
          return words.every((word) => text.includes(word));
        });
  const value = columns.find(({ id }) => id === by)?.value;
  if (value === undefined) return found;
  const direction = down ? -1 : 1;
  return found
    .map((row) => ({ row, value: value(row) }))
    .sort((one, other) => {
      if (one.value === null || other.value === null)
        return Number(one.value === null) - Number(other.value === null);
      return direction * compare(one.value, other.value);
    })
    .map(({ row }) => row);
}

function compare(one: number | string, other: number | string): number {
  return typeof one === 'number' && typeof other === 'number'
    ? one - other
    : collator.compare(String(one), String(other));
}
