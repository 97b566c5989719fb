import { dirname, join } from 'node:path';
import type { EngineStart } from '../protocol/engineApi';

/** Where things are under the storage folder (docs/architecture.md, "On disk"). */
export function ledgerFolderOf(storageFolder: string): string {
  return join(storageFolder, 'ledger');
}

export function journalFolderOf(storageFolder: string): string {
  return join(storageFolder, 'journal');
}

/** Where records of an import wait until a file has been read; there only while an import runs. */
export function importFolderOf(storageFolder: string): string {
  return join(storageFolder, 'import');
}

export function latestSnapshotPath(storageFolder: string): string {
  return join(storageFolder, 'latest.json');
}

/** What programs that read the metrics have to show. */
export function metricsTokenPath(storageFolder: string): string {
  return join(storageFolder, 'metrics-token');
}

/** The rate cards of the last run: what a new window prices by before its engine has said anything. */
export function rateCardsPath(storageFolder: string): string {
  return join(storageFolder, 'rates.json');
}

/**
 * What this version writes; a ledger with a higher number is left alone. The number of migrations in ledger/schema.ts,
 * which a test holds it against: a follower must not load SQL to know it.
 */
export const schemaVersion = 2;

/** The program of the threads that read transcripts; it lies beside SQLite's. */
export function scannerPathOf({ wasmPath }: Pick<EngineStart, 'wasmPath'>): string {
  return join(dirname(wasmPath), 'scanner.js');
}
