import { join } from 'node:path';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import type { EpochMs } from '../model/time';
import type { FileSystem } from './fileSystem';

/** Something was damaged on the disk and what was done about it. */
export interface Recovery {
  /** The file's name in the ledger's folder. */
  readonly file: string;
  readonly outcome: 'backup' | 'fresh' | 'rebuilt';
  /** Names in `corrupt/` that the damaged files now bear. */
  readonly archived: readonly string[];
  readonly cause: string;
}

export interface RecoveryContext {
  readonly fs: FileSystem;
  readonly folder: string;
  readonly now: () => EpochMs;
}

export const corruptFolder = 'corrupt';

/** Moves a damaged file (or a folder in its place) to `corrupt/`, where it stays; returns its new name there. */
export function archive({ fs, folder, now }: RecoveryContext, name: string): string {
  const target = join(folder, corruptFolder);
  fs.makeFolder(target);
  const stamp = new Date(now()).toISOString().replaceAll(/[:.]/g, '-');
  const taken = new Set(fs.list(target));
  let archived = `${stamp}-${name}`;
  for (let count = 2; taken.has(archived); count++) archived = `${stamp}-${count}-${name}`;
  fs.move(join(folder, name), join(target, archived));
  return archived;
}

/**
 * Opens a file by `open`, its backup if it is damaged, or starts afresh. Damaged means: `open` throws `corrupt`, or a
 * folder stands in its place. What merely cannot be read now (permission, input/output) is thrown and nothing is moved.
 */
export function openOrRecover<Opened>(
  context: RecoveryContext,
  name: string,
  open: (bytes: Uint8Array | null) => Opened,
): {
  readonly opened: Opened;
  readonly from: 'primary' | 'backup' | 'fresh';
  readonly recovery: Recovery | null;
} {
  const archived: string[] = [];
  const causes: string[] = [];
  let missing = 0;
  for (const [file, from] of [
    [name, 'primary'],
    [`${name}.bak`, 'backup'],
  ] as const) {
    try {
      const opened = open(readWhole(context, file));
      if (from === 'primary') return { opened, from, recovery: null };
      const cause = causes.join('; ') || 'the file was missing';
      return { opened, from, recovery: { file: name, outcome: 'backup', archived, cause } };
    } catch (error) {
      if (LedgerError.is(error, 'not-found')) missing++;
      else if (LedgerError.is(error, 'corrupt')) {
        causes.push(error.message);
        archived.push(archive(context, file));
      } else throw error;
    }
  }
  const opened = open(null);
  const recovery: Recovery | null =
    missing === 2 ? null : { file: name, outcome: 'fresh', archived, cause: causes.join('; ') };
  return { opened, from: 'fresh', recovery };
}

function readWhole({ fs, folder }: RecoveryContext, name: string): Uint8Array {
  try {
    return fs.read(join(folder, name));
  } catch (error) {
    const reason = errorCode(error) === 'EISDIR' ? 'corrupt' : reasonOfSystemError(error);
    throw new LedgerError(reason, `${name} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
