import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Month } from '../model/time';
import { LedgerError, reasonOfSystemError } from '../model/errors';
import { Interning } from './interning';
import type { MonthNumber } from './keyIndex';
import { MonthStore } from './monthStore';
import { monthNumberOf } from './row';
import { loadSqlEngine } from './schema';

/** `2026-11.sqlite`, or what `archiveName` makes of it. */
const monthPattern = /(?:^|-)(\d{4})-(0[1-9]|1[0-2])\.sqlite$/;

/** Month files in another ledger's folder, or in the folder that holds one as `ledger`; oldest first. */
export async function foreignMonthFiles(folder: string): Promise<readonly string[]> {
  const inside = join(folder, 'ledger');
  const place = existsSync(inside) ? inside : folder;
  let names: string[];
  try {
    names = await readdir(place);
  } catch (error) {
    throw new LedgerError(
      reasonOfSystemError(error),
      `${place} cannot be read: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return names
    .filter((name) => monthPattern.test(name))
    .sort()
    .map((name) => join(place, name));
}

export function archiveName(month: Month): string {
  return `usage-ledger-${month}.sqlite`;
}

export function monthOfFile(path: string): MonthNumber {
  const match = monthPattern.exec(basename(path));
  if (match === null) throw new LedgerError('invalid', `${basename(path)} is not the file of a month`);
  return monthNumberOf(Date.UTC(Number(match[1]), Number(match[2]) - 1));
}

/**
 * Opens a copy of a month file in memory, wherever it comes from; the file is only read. Whoever opens it closes it.
 * Throws `corrupt`, `newer-schema`, or the reason of the system's error.
 */
export async function openForeignMonth(
  path: string,
  wasmPath: string,
  interning = new Interning(),
): Promise<MonthStore> {
  const month = monthOfFile(path);
  const sql = await loadSqlEngine(wasmPath);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new LedgerError(reasonOfSystemError(error), `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return new MonthStore(sql, month, bytes, interning);
}
