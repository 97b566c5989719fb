import { stringify } from 'csv-stringify/sync';
import type { Cell, ExportTable } from './exportTables';
import { markdownCell } from './markdownSafe';

export const exportFormats = ['csv', 'json', 'jsonl', 'markdown'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How rows become text, a lot at a time. */
export interface RowWriter<Row> {
  readonly head: string;
  /** `first`: nothing has been written but the head. */
  rows(rows: readonly Row[], first: boolean): string;
  readonly foot: string;
}

export function rowWriter<Row>(
  format: ExportFormat,
  { columns }: ExportTable<Row>,
  timeZone: string,
): RowWriter<Row> {
  const names = Object.keys(columns);
  const cells = (row: Row): Cell[] => Object.values(columns).map((cell) => cell(row, timeZone));
  const object = (row: Row): string =>
    JSON.stringify(
      Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, cell(row, timeZone)])),
    );
  switch (format) {
    case 'csv':
      return {
        head: csv([names]),
        rows: (rows) => csv(rows.map((row) => cells(row).map(joined))),
        foot: '',
      };
    case 'json':
      return {
        head: '[',
        rows: (rows, first) => (first ? '\n' : ',\n') + rows.map(object).join(',\n'),
        foot: '\n]\n',
      };
    case 'jsonl':
      return { head: '', rows: (rows) => rows.map((row) => `${object(row)}\n`).join(''), foot: '' };
    case 'markdown': {
      const numeric = (name: string): boolean => /_tokens$|_usd$|messages$|searches$/.test(name);
      return {
        head: `| ${names.join(' | ')} |\n| ${names.map((name) => (numeric(name) ? '--:' : ':--')).join(' | ')} |\n`,
        rows: (rows) =>
          rows.map((row) => `| ${cells(row).map(joined).map(markdownCell).join(' | ')} |\n`).join(''),
        foot: '',
      };
    }
  }
}

/** RFC 4180; a cell that a spreadsheet would run as a formula is made text. */
function csv(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    {
      record_delimiter: 'windows',
      escape_formulas: true,
      cast: { boolean: (value) => (value ? 'true' : 'false') },
    },
  );
}

function joined(cell: Cell): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? cell.join('; ') : cell;
}
