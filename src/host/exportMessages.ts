import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { NanoDollars } from '../model/cost';
import { LedgerError } from '../model/errors';
import { civilDayOf } from '../model/format';
import type { MessageRow } from '../model/query';
import type { MessageSource } from './messageSource';

export type ExportFormat = 'csv' | 'json';

/** Rows made into text between two turns of the event loop, which other extensions wait for. */
const rowsAtATime = 100;

export interface ExportOptions {
  readonly source: MessageSource;
  /** Absolute path; it is replaced only when everything has been written. */
  readonly file: string;
  readonly format: ExportFormat;
  /** Zone of the `day` column. */
  readonly timeZone: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (messages: number) => void;
}

export interface ExportResult {
  readonly messages: number;
  readonly costNanoDollars: NanoDollars;
}

type Cell = string | number | boolean | null;

/** Column by column, what stands in both formats. Costs are null (in CSV: empty) where no price is known. */
const columns: Readonly<Record<string, (row: MessageRow, timeZone: string) => Cell>> = {
  time: (row) => new Date(row.epochMs).toISOString(),
  day: (row, timeZone) => civilDayOf(row.epochMs, timeZone),
  session: (row) => row.session,
  message_id: (row) => row.id,
  model: (row) => row.model,
  provider: (row) => row.provider,
  project: (row) => row.project,
  branch: (row) => row.branch,
  source: (row) => row.source,
  user: (row) => row.user,
  host: (row) => row.host,
  input_tokens: (row) => row.total.inputTokens,
  output_tokens: (row) => row.total.outputTokens,
  cache_read_tokens: (row) => row.total.cacheReadTokens,
  cache_write_5m_tokens: (row) => row.total.cacheWrite5mTokens,
  cache_write_1h_tokens: (row) => row.total.cacheWrite1hTokens,
  web_searches: (row) => row.total.webSearches,
  cost_usd: (row) => (row.priced ? exactDollars(row.total.costNanoDollars) : null),
  cost_nano_usd: (row) => (row.priced ? row.total.costNanoDollars : null),
  priced: (row) => row.priced,
  price_assumed: (row) => row.total.assumedMessages > 0,
  unfinished: (row) => row.total.unfinishedMessages > 0,
  missing_output_tokens: (row) => row.total.missingOutputTokens,
  missing_cost_nano_usd: (row) => row.total.missingCostNanoDollars,
};

export const exportColumns: readonly string[] = Object.keys(columns);

/** All nine decimals, made from the integer: what is exported adds up to what is shown. */
export function exactDollars(cost: NanoDollars): string {
  const digits = String(Math.abs(cost)).padStart(10, '0');
  return `${cost < 0 ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

export function csvHeader(): string {
  return stringify([exportColumns], { record_delimiter: 'windows' });
}

/** Rows as RFC 4180 CSV; a cell that a spreadsheet would run as a formula is made text. */
export function csvRows(rows: readonly MessageRow[], timeZone: string): string {
  return stringify(
    rows.map((row) => Object.values(columns).map((cell) => cell(row, timeZone))),
    {
      record_delimiter: 'windows',
      escape_formulas: true,
      cast: { boolean: (value) => (value ? 'true' : 'false') },
    },
  );
}

export function jsonRow(row: MessageRow, timeZone: string): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, cell(row, timeZone)])),
  );
}

/**
 * Streams every message into a file beside `file` and moves it there when it is complete and on disk.
 * Rejects with reason `cancelled` when aborted; nothing is left behind then, nor after any other failure.
 */
export async function exportMessages(options: ExportOptions): Promise<ExportResult> {
  const { source, file, format, timeZone, signal, onProgress } = options;
  const temporary = join(
    dirname(file),
    `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  let messages = 0;
  let costNanoDollars = 0;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(format === 'csv' ? csvHeader() : '[');
      for (;;) {
        if (signal?.aborted === true) throw new LedgerError('cancelled', 'the export was cancelled');
        const rows = await source.next();
        if (rows.length === 0) break;
        for (let at = 0; at < rows.length; at += rowsAtATime) {
          const some = rows.slice(at, at + rowsAtATime);
          const text =
            format === 'csv'
              ? csvRows(some, timeZone)
              : (messages === 0 ? '\n' : ',\n') + some.map((row) => jsonRow(row, timeZone)).join(',\n');
          await handle.writeFile(text);
          messages += some.length;
          for (const row of some) costNanoDollars += row.priced ? row.total.costNanoDollars : 0;
        }
        onProgress?.(messages);
      }
      if (format === 'json') await handle.writeFile('\n]\n');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => {
      // Never made, or already moved: the failure that led here is the one to tell.
    });
    throw error;
  } finally {
    await source.close();
  }
  return { messages, costNanoDollars };
}
