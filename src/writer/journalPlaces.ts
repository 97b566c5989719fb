import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileStatus } from './fileSystem';

export type PlaceName = 'primary' | 'backup' | 'emergency';

/** A folder that journals can be written to. */
export interface JournalPlace {
  readonly name: PlaceName;
  readonly folder: string;
  /** It lies where other users can make folders too: used only if it is ours alone. */
  readonly shared: boolean;
}

/** The folders in which a journal may lie, in the order in which they are tried. */
export interface JournalFolders {
  /** The one the engine reads. */
  readonly primary: string;
  readonly backup: string;
  readonly emergency: string;
}

export function journalPlaces(folders: JournalFolders): readonly JournalPlace[] {
  return [
    { name: 'primary', folder: folders.primary, shared: false },
    { name: 'backup', folder: folders.backup, shared: false },
    { name: 'emergency', folder: folders.emergency, shared: true },
  ];
}

/**
 * The usual places below a storage folder. The emergency one is outside of it, in the system's folder for temporary
 * files; its name tells ledgers apart, so that no journal comes home to another's.
 */
export function journalFoldersIn(storageFolder: string, temporaryFolder = tmpdir()): JournalFolders {
  const ledger = createHash('sha256').update(storageFolder).digest('hex').slice(0, 12);
  const owner = process.getuid?.() ?? 'user';
  return {
    primary: join(storageFolder, 'journal'),
    backup: join(storageFolder, 'journal-backup'),
    emergency: join(temporaryFolder, `usage-ledger-${owner}-${ledger}`),
  };
}

/** A folder of this name is there, but it is not safe to write to. */
export class UnsafeFolder extends Error {
  readonly code = 'EACCES';
}

/** @throws {UnsafeFolder} if somebody else owns the folder, can write to it, or has put a link there. */
export function checkOwnFolder(folder: string, status: FileStatus | null): void {
  if (status?.isFolder !== true) throw new UnsafeFolder(`${folder} is not a folder`);
  const me = process.getuid?.();
  if (me === undefined) return;
  if (status.userId !== me) throw new UnsafeFolder(`${folder} belongs to another user`);
  if ((status.mode & 0o077) !== 0) throw new UnsafeFolder(`${folder} is open to other users`);
}
