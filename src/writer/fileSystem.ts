import * as fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * What the journal needs of a disk, so that a test can make any single step fail. Descriptors are plain numbers:
 * one file can be written by the pool's threads or, when they are stuck, at once.
 */
export interface JournalFileSystem {
  /** Creates missing parents too; no error if the folder is there. */
  makeFolder(path: string): Promise<void>;
  makeFolderSync(path: string): void;
  /** Creates a file that must not exist, for appending, readable by its owner only. */
  create(path: string): Promise<number>;
  createSync(path: string): number;
  /** Resolves with the number of bytes written, which may be fewer than asked for. */
  write(descriptor: number, bytes: Uint8Array): Promise<number>;
  writeSync(descriptor: number, bytes: Uint8Array): number;
  /** Forces the file's content to the device. */
  syncData(descriptor: number): Promise<void>;
  syncDataSync(descriptor: number): void;
  truncate(descriptor: number, bytes: number): Promise<void>;
  truncateSync(descriptor: number, bytes: number): void;
  close(descriptor: number): Promise<void>;
  closeSync(descriptor: number): void;
  /** Forces the names in a folder to the device, where the platform can. */
  syncFolder(path: string): Promise<void>;
  /** Whether `path` still names the file behind the descriptor. */
  isSameFile(descriptor: number, path: string): Promise<boolean>;
  list(folder: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  /** Onto the device; `to` must not exist. */
  copy(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** null: nothing of that name. Does not follow links. */
  status(path: string): Promise<FileStatus | null>;
  statusSync(path: string): FileStatus | null;
}

export interface FileStatus {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly modifiedEpochMs: number;
  /** Owner and permission bits; −1 and 0 where the platform has none. */
  readonly userId: number;
  readonly mode: number;
}

const close = promisify(fs.close);
const open = promisify(fs.open);
const write = promisify(fs.write);
const fdatasync = promisify(fs.fdatasync);
const ftruncate = promisify(fs.ftruncate);
const fstat = promisify(fs.fstat);
const fsync = promisify(fs.fsync);

const folderOptions = { recursive: true, mode: 0o700 } as const;

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function statusOf(path: string): Promise<fs.Stats | null> {
  try {
    return await fs.promises.lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function fileStatus(stats: fs.Stats): FileStatus {
  const hasOwners = process.getuid !== undefined;
  return {
    isFile: stats.isFile(),
    isFolder: stats.isDirectory(),
    bytes: stats.size,
    modifiedEpochMs: stats.mtimeMs,
    userId: hasOwners ? stats.uid : -1,
    mode: hasOwners ? stats.mode & 0o777 : 0,
  };
}

export const nodeFileSystem: JournalFileSystem = {
  async makeFolder(path) {
    await fs.promises.mkdir(path, folderOptions);
  },
  makeFolderSync(path) {
    fs.mkdirSync(path, folderOptions);
  },
  create: (path) => open(path, 'ax', 0o600),
  createSync: (path) => fs.openSync(path, 'ax', 0o600),
  write: async (descriptor, bytes) => (await write(descriptor, bytes)).bytesWritten,
  writeSync: (descriptor, bytes) => fs.writeSync(descriptor, bytes),
  syncData: (descriptor) => fdatasync(descriptor),
  syncDataSync: (descriptor) => fs.fdatasyncSync(descriptor),
  truncate: (descriptor, bytes) => ftruncate(descriptor, bytes),
  truncateSync: (descriptor, bytes) => fs.ftruncateSync(descriptor, bytes),
  close: (descriptor) => close(descriptor),
  closeSync: (descriptor) => fs.closeSync(descriptor),
  async syncFolder(path) {
    // Windows opens no folders; its file system journals names by itself.
    if (process.platform === 'win32') return;
    const descriptor = await open(path, 'r');
    try {
      await fsync(descriptor);
    } finally {
      await close(descriptor);
    }
  },
  async isSameFile(descriptor, path) {
    const [held, named] = await Promise.all([fstat(descriptor), statusOf(path)]);
    return named !== null && named.ino === held.ino && named.dev === held.dev;
  },
  list: (folder) => fs.promises.readdir(folder),
  rename: (from, to) => fs.promises.rename(from, to),
  async copy(from, to) {
    await fs.promises.copyFile(from, to, fs.constants.COPYFILE_EXCL);
    const descriptor = await open(to, 'r+');
    try {
      await fdatasync(descriptor);
    } finally {
      await close(descriptor);
    }
  },
  remove: (path) => fs.promises.unlink(path),
  async status(path) {
    const stats = await statusOf(path);
    return stats && fileStatus(stats);
  },
  statusSync(path) {
    try {
      return fileStatus(fs.lstatSync(path));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
};
