import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, LedgerError } from '../model/errors';

/** What `link.json` (0600, beside the lease) tells followers about the leader of the moment. */
export interface LinkRecord {
  /** Socket or named pipe. */
  readonly path: string;
  /** Random, made anew by each leader. */
  readonly token: string;
  readonly epoch: number;
}

/**
 * Systems allow 104 to 108 bytes with the closing zero, and a longer path is cut without an error by some: then the
 * socket would lie somewhere else.
 */
const maxSocketPathBytes = 100;
const socketSuffix = '.sock';

export function linkFilePath(folder: string): string {
  return join(folder, 'link.json');
}

/** When the leader of the moment introduced itself; 0 when none has. A look at this costs less than reading it. */
export function linkChangedMs(folder: string): number {
  return statSync(linkFilePath(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** null when there is none, or what lies there cannot be a leader's word. */
export function readLinkRecord(folder: string): LinkRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(linkFilePath(folder), 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { path, token, epoch } = value as Partial<LinkRecord>;
  return typeof path === 'string' && typeof token === 'string' && typeof epoch === 'number'
    ? { path, token, epoch }
    : null;
}

/**
 * Folders in which this ledger's socket may lie, best first: the ledger's own, then short ones for when its path is too
 * long or its file system knows no sockets.
 */
export function socketFolders(folder: string): string[] {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 12);
  const short = `usage-ledger-${uid}-${hash}`;
  return [...new Set([join(folder, 'link'), join(tmpdir(), short), join('/tmp', short)])];
}

/** A name that no earlier leader used, so that its left-over is never taken for ours or removed by it late. */
export function newSocketPath(socketFolder: string): string | null {
  const path = join(socketFolder, randomBytes(4).toString('hex') + socketSuffix);
  return Buffer.byteLength(path) <= maxSocketPathBytes ? path : null;
}

/** Pipes have no folder; their default rights let only the user and administrators write to them. */
export function newPipePath(folder: string): string {
  const hash = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 12);
  return `\\\\.\\pipe\\usage-ledger-${hash}-${randomBytes(4).toString('hex')}`;
}

/** Makes the folder, or takes an existing one that is ours, and closes it to everybody else. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if (isOwnFolder(path)) chmodSync(path, 0o700);
  }
  requirePrivateFolder(path);
}

/** Throws `permission` unless the folder is a real one, ours, and closed to others: anybody can make names in /tmp. */
export function requirePrivateFolder(path: string): void {
  if (!isOwnFolder(path) || (lstatSync(path).mode & 0o077) !== 0)
    throw new LedgerError('permission', 'the folder of the socket is open to others');
}

/** Removes the sockets that dead leaders left. Only for the holder of the lease. */
export function removeOldSockets(socketFolder: string): void {
  let names: string[];
  try {
    if (!isOwnFolder(socketFolder)) return;
    names = readdirSync(socketFolder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  for (const name of names)
    if (name.endsWith(socketSuffix)) rmSync(join(socketFolder, name), { force: true });
}

function isOwnFolder(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === process.getuid?.();
}
