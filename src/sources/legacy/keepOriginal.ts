import { lstat, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode } from '../../model/errors';

const suffix = '.legacy_backup';

/** Renames a file or folder that has been imported, over nothing else, and returns its new name. */
export async function keepOriginal(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const kept = number === 1 ? `${path}${suffix}` : `${path}.${number}${suffix}`;
    if (await isThere(kept)) continue;
    await rename(path, kept);
    return basename(kept);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
