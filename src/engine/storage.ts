import { join } from 'node:path';
import { catalogueSchema, monthSchema } from '../ledger/schema';

/** Where things are under the storage folder (docs/architecture.md, "On disk"). */
export function ledgerFolderOf(storageFolder: string): string {
  return join(storageFolder, 'ledger');
}

export function journalFolderOf(storageFolder: string): string {
  return join(storageFolder, 'journal');
}

export function latestSnapshotPath(storageFolder: string): string {
  return join(storageFolder, 'latest.json');
}

/** What this version writes; a ledger with a higher number is left alone. */
export const schemaVersion = Math.max(monthSchema.migrations.length, catalogueSchema.migrations.length);
