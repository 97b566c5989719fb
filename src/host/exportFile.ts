import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NanoDollars } from '../model/cost';
import { LedgerError } from '../model/errors';
import { type ExportFormat, rowWriter } from './exportFormats';
import type { ExportTable } from './exportTables';

/** Rows made into text between two turns of the event loop, which other extensions wait for. */
const rowsAtATime = 100;

/** Where rows come from, a chunk at a time; an empty chunk is the end. */
export interface RowSource<Row> {
  next(): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export interface ExportOptions<Row> {
  readonly table: ExportTable<Row>;
  readonly source: RowSource<Row>;
  readonly format: ExportFormat;
  /** Zone of the `day` column. */
  readonly timeZone: string;
  readonly signal?: AbortSignal;
  /** Rows so far. */
  readonly onProgress?: (rows: number) => void;
}

export interface ExportResult {
  readonly rows: number;
  readonly costNanoDollars: NanoDollars;
}

/**
 * Streams every row into a file beside `file` (an absolute path) and moves it there when it is complete and on disk.
 * Rejects with reason `cancelled` when aborted; nothing is left behind then, nor after any other failure.
 */
export async function exportToFile<Row>(options: ExportOptions<Row>, file: string): Promise<ExportResult> {
  const temporary = join(
    dirname(file),
    `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const handle = await open(temporary, 'wx', 0o600);
    let result: ExportResult;
    try {
      result = await writeRows(options, (text) => handle.writeFile(text));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return result;
  } catch (error) {
    await unlink(temporary).catch(() => {
      // Never made, or already moved: the failure that led here is the one to tell.
    });
    throw error;
  } finally {
    await options.source.close();
  }
}

/** As `exportToFile`, into memory: for the clipboard. Rejects with `invalid` beyond `maxRows`. */
export async function exportToText<Row>(
  options: ExportOptions<Row>,
  maxRows: number,
): Promise<ExportResult & { readonly text: string }> {
  const parts: string[] = [];
  try {
    const result = await writeRows(options, (text, rows) => {
      if (rows > maxRows) throw new LedgerError('invalid', `more than ${maxRows} rows are too many to copy`);
      parts.push(text);
      return nextTurn();
    });
    return { ...result, text: parts.join('') };
  } finally {
    await options.source.close();
  }
}

async function writeRows<Row>(
  { table, source, format, timeZone, signal, onProgress }: ExportOptions<Row>,
  write: (text: string, rows: number) => Promise<void>,
): Promise<ExportResult> {
  const writer = rowWriter(format, table, timeZone);
  let rows = 0;
  let costNanoDollars = 0;
  await write(writer.head, 0);
  for (;;) {
    if (signal?.aborted === true) throw new LedgerError('cancelled', 'the export was cancelled');
    const chunk = await source.next();
    if (chunk.length === 0) break;
    for (let at = 0; at < chunk.length; at += rowsAtATime) {
      const some = chunk.slice(at, at + rowsAtATime);
      const text = writer.rows(some, rows === 0);
      rows += some.length;
      await write(text, rows);
      for (const row of some) costNanoDollars += table.total(row).costNanoDollars;
    }
    onProgress?.(rows);
  }
  await write(writer.foot, rows);
  return { rows, costNanoDollars };
}
