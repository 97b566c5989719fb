import * as node from 'node:fs';
import * as nodeAsync from 'node:fs/promises';
import { errorCode } from '../model/errors';

/** A file being written: its bytes are on the disk only after `sync`. */
export interface OpenFile {
  write(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What the ledger asks of a disk: the seam where tests let any step fail. Reading and recovery are synchronous, because
 * a fold may need a month that is not in memory; writing never blocks the engine's thread.
 */
export interface FileSystem {
  /** Names in a folder; none if it is not there. */
  list(folder: string): string[];
  read(path: string): Uint8Array;
  /** The first bytes of a file, and its size. */
  readHead(path: string, length: number): { readonly head: Uint8Array; readonly size: number };
  /** Only its owner may enter it. */
  makeFolder(path: string): void;
  move(from: string, to: string): void;
  /** Fails if it exists; only its owner may read it. */
  create(path: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes renames in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

const ownerOnlyFolder = 0o700;
const ownerOnlyFile = 0o600;

export const nodeFileSystem: FileSystem = {
  list(folder) {
    try {
      return node.readdirSync(folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  read: (path) => node.readFileSync(path),
  readHead(path, length) {
    const descriptor = node.openSync(path, 'r');
    try {
      const head = new Uint8Array(length);
      const read = node.readSync(descriptor, head, 0, length, 0);
      return { head: head.subarray(0, read), size: node.fstatSync(descriptor).size };
    } finally {
      node.closeSync(descriptor);
    }
  },
  makeFolder(path) {
    node.mkdirSync(path, { recursive: true, mode: ownerOnlyFolder });
    if (process.platform !== 'win32') node.chmodSync(path, ownerOnlyFolder);
  },
  move: (from, to) => node.renameSync(from, to),
  async create(path) {
    const file = await nodeAsync.open(path, 'wx', ownerOnlyFile);
    return {
      write: (bytes) => file.writeFile(bytes),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  rename: (from, to) => nodeAsync.rename(from, to),
  link: (from, to) => nodeAsync.link(from, to),
  async copy(from, to) {
    await nodeAsync.copyFile(from, to, node.constants.COPYFILE_EXCL);
    const file = await nodeAsync.open(to, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  },
  remove: (path) => nodeAsync.unlink(path),
  async syncFolder(path) {
    // Windows opens no folders; NTFS journals its renames.
    if (process.platform === 'win32') return;
    const folder = await nodeAsync.open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};
