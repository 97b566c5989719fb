import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { errorCode } from '../model/errors';
import type { FileSystem } from './fileSystem';

export interface AtomicWriteOptions {
  readonly fs: FileSystem;
  /** Keep the generation that is replaced as `<path>.bak`. */
  readonly backup?: boolean;
  /** Called before anything that others can see is changed; throws to forbid it (the lease is checked here). */
  readonly beforeRename?: (() => void | Promise<void>) | undefined;
  /** Moves away what stands at the path and cannot be replaced, such as a folder. */
  readonly displace?: ((path: string) => void) | undefined;
  /** Pauses between tries of a rename that another program's open handle forbids (Windows). */
  readonly renameRetryMs?: readonly number[];
}

const windowsRetryMs = [10, 20, 40, 80, 160, 320, 640];
const busyCodes = new Set(['EPERM', 'EACCES', 'EBUSY']);
const noLinkCodes = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);
const folderCodes = new Set(['EISDIR', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR']);
const tempName = /\.\d+-\d+-\d+\.tmp$/;
let counter = 0;

function tempPath(path: string): string {
  return `${path}.${process.pid}-${threadId}-${++counter}.tmp`;
}

/**
 * The one way a file comes onto the disk: a reader sees the old generation or the new one, whenever the machine stops.
 * Rejects with the system's error; then the old generation is still there and no temporary file is left behind.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  options: AtomicWriteOptions,
): Promise<void> {
  const { fs } = options;
  const temp = tempPath(path);
  let exists = false;
  try {
    const file = await fs.create(temp);
    exists = true;
    try {
      await file.write(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await options.beforeRename?.();
    if (options.backup === true) await keepBackup(path, options);
    await options.beforeRename?.();
    await renameWithRetries(temp, path, options);
    exists = false;
    await fs.syncFolder(dirname(path));
  } finally {
    if (exists) await removeQuietly(fs, temp);
  }
}

/** A second name for the old generation, so that there is never a moment without a primary. */
async function keepBackup(path: string, options: AtomicWriteOptions): Promise<void> {
  const { fs } = options;
  const temp = tempPath(`${path}.bak`);
  try {
    try {
      await fs.link(path, temp);
    } catch (error) {
      if (!noLinkCodes.has(errorCode(error))) throw error;
      await fs.copy(path, temp);
    }
    await renameWithRetries(temp, `${path}.bak`, options);
    // Renaming one name of a file over another of its names does nothing and leaves both: it goes here.
    await removeQuietly(fs, temp);
  } catch (error) {
    await removeQuietly(fs, temp);
    const code = errorCode(error);
    if (code === 'ENOENT') return;
    // A folder stands where the file should be: it goes away with the rename of the new generation.
    if (folderCodes.has(code)) return;
    throw error;
  }
}

async function renameWithRetries(from: string, to: string, options: AtomicWriteOptions): Promise<void> {
  const pauses = options.renameRetryMs ?? (process.platform === 'win32' ? windowsRetryMs : []);
  let displaced = false;
  for (let attempt = 0; ;) {
    try {
      await options.fs.rename(from, to);
      return;
    } catch (error) {
      const code = errorCode(error);
      const pause = pauses[attempt];
      if (folderCodes.has(code) && !displaced && options.displace !== undefined) {
        displaced = true;
        options.displace(to);
      } else if (busyCodes.has(code) && pause !== undefined) {
        attempt++;
        await sleep(pause);
      } else throw error;
    }
  }
}

async function removeQuietly(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.remove(path);
  } catch {
    // It is not there, or it will be swept at the next start; the error that matters is on its way already.
  }
}

/** Removes what a killed process left half written. Call it only while no other writer can be at work. */
export async function sweepTemporaryFiles(fs: FileSystem, folder: string): Promise<number> {
  let swept = 0;
  for (const name of fs.list(folder)) {
    if (!tempName.test(basename(name))) continue;
    await removeQuietly(fs, join(folder, name));
    swept++;
  }
  return swept;
}
