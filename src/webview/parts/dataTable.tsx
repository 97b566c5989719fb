import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fill, useWords } from '../words';
import { Icon } from './icon';
import { Kept } from './kept';
import { useRowWindow } from './rowWindow';
import { arranged, type Sorting } from './sorting';

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** What rows are sorted by; a column without it cannot be sorted. */
  readonly value?: (row: Row) => number | string | null;
  readonly cell: (row: Row) => ComponentChildren;
  readonly number?: boolean;
  /** For the style sheet: how wide, and where it is left out. */
  readonly class?: string;
}

/** How somebody left a table: what they made of it, and the row that they went on from. */
export interface TableMemory {
  readonly sorting: Sorting;
  readonly search: string;
  /** Its key. */
  readonly row: string | null;
}

interface DataTableProps<Row> {
  readonly label: string;
  /** The same list as long as they mean the same: all rows are drawn again with another. */
  readonly columns: readonly TableColumn<Row>[];
  /** Plain data, of which a row is drawn again when it changes. */
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** What a search looks through. */
  readonly textOf: (row: Row) => string;
  readonly sorting: Sorting;
  readonly rowHeight: number;
  /** Shown before "show all"; without it the table shows all rows and scrolls by itself. */
  readonly first?: number;
  /** With it a table that comes back is as it was left, and has the focus where it was. */
  readonly memory?: { current: TableMemory | null };
  readonly class?: string;
}

/** From this many rows on there is something to search. */
const searchedFrom = 16;
/** From this many rows on only those in view are in the page. */
const windowedFrom = 200;

/** Rows that can be sorted and searched. The first column names the row. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, keyOf, textOf, rowHeight, first, memory } = props;
  const { strings, show } = useWords();
  const [sorting, setSorting] = useState(memory?.current?.sorting ?? props.sorting);
  const [search, setSearch] = useState(memory?.current?.search ?? '');
  const [all, setAll] = useState(first === undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const found = useMemo(
    () => arranged(rows, columns, sorting, search, textOf),
    [rows, columns, sorting, search, textOf],
  );
  const shown = all || first === undefined ? found : found.slice(0, first);
  const windowed = shown.length > windowedFrom;
  const [leftAt] = useState(() => {
    const left = memory?.current?.row ?? null;
    return left === null ? -1 : shown.findIndex((row) => keyOf(row) === left);
  });
  const view = useRowWindow({ scroller, count: shown.length, rowHeight, on: windowed, held: leftAt });
  const remember = (row: string | null): void => {
    if (memory !== undefined) memory.current = { sorting, search, row };
  };
  useLayoutEffect(() => remember(memory?.current?.row ?? null), [sorting, search]);
  useLayoutEffect(() => {
    // Who came back by another way has the focus there.
    if (document.activeElement === document.body)
      scroller.current?.querySelector<HTMLElement>(`[data-row="${leftAt}"] button`)?.focus();
  }, [leftAt]);
  const onFocus = (event: FocusEvent): void => {
    const at = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset['row'];
    if (at !== undefined) remember(keyOf(shown[Number(at)]!));
  };
  const sort = (id: string, number: boolean): void =>
    setSorting({ by: id, down: sorting.by === id ? !sorting.down : number });
  const gap = (height: number, key: string) =>
    height > 0 && (
      <tr key={key} class="gap" aria-hidden="true">
        <td colSpan={columns.length} style={{ height: `${height}px` }} />
      </tr>
    );
  return (
    <div class={`dataTable ${props.class ?? ''}`}>
      {rows.length >= searchedFrom && (
        <div class="searchLine">
          <label class="search">
            <span class="unseen">{fill(strings.searchIn, label)}</span>
            <Icon name="search" />
            <input
              type="search"
              value={search}
              placeholder={strings.search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </label>
          <span class="soft" role="status">
            {search === '' ? '' : fill(strings.foundOf, show.count(found.length), show.count(rows.length))}
          </span>
        </div>
      )}
      <div
        class={all && shown.length > 12 ? 'scroller' : 'scroller open'}
        ref={scroller}
        onFocusIn={onFocus}
        {...(all && shown.length > 12 ? { tabIndex: 0, role: 'group', 'aria-label': label } : {})}
      >
        <table aria-label={label} aria-rowcount={shown.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map(({ id, title, value, number = false, class: name = '' }) => (
                <th
                  key={id}
                  scope="col"
                  class={`${number ? 'number' : ''} ${name}`}
                  {...(sorting.by === id ? { 'aria-sort': sorting.down ? 'descending' : 'ascending' } : {})}
                >
                  {value === undefined ? (
                    title
                  ) : (
                    <button type="button" class="sort" onClick={() => sort(id, number)}>
                      {title}
                      <Icon name={sorting.by !== id ? 'blank' : sorting.down ? 'down' : 'up'} />
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.parts.map((part) =>
              'gap' in part ? (
                gap(part.gap, `gap${part.at}`)
              ) : (
                <Kept
                  key={keyOf(shown[part.row]!)}
                  on={[part.row, shown[part.row]]}
                  by={columns}
                  draw={() => <TableRow columns={columns} row={shown[part.row]!} at={part.row} />}
                />
              ),
            )}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p class="outcome soft">{search === '' ? strings.noUsage : strings.nothingFound}</p>
        )}
      </div>
      {first !== undefined && found.length > first && (
        <button type="button" class="link more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? strings.showLess : fill(strings.showAll, show.count(found.length))}
        </button>
      )}
    </div>
  );
}

interface TableRowProps<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly row: Row;
  readonly at: number;
}

function TableRow<Row>({ columns, row, at }: TableRowProps<Row>) {
  return (
    <tr aria-rowindex={at + 2} data-row={at}>
      {columns.map(({ id, cell, number = false, class: name = '' }, index) =>
        index === 0 ? (
          <th key={id} scope="row" class={name}>
            {cell(row)}
          </th>
        ) : (
          <td key={id} class={`${number ? 'number' : ''} ${name}`}>
            {cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}
