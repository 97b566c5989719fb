import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../model/errors';

/** Who took over last, as `lease.json` says it. It outlives its holder, so that the numbers only grow. */
export interface LeaseRecord {
  /** Grows with every takeover; what carries a smaller one was written by a former leader. */
  readonly epoch: number;
  /** Random name of this leadership: tells two holders apart even in one process. */
  readonly holder: string;
  readonly pid: number;
  readonly host: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The newest schema that ever led here; an older extension must not lead after it. */
  readonly schemaVersion: number;
}

export function leaseFilePath(folder: string): string {
  return join(folder, 'lease.json');
}

/** What the file says; null when it is missing or damaged (then nobody's claim can be read from it). */
export function readLeaseRecord(folder: string): LeaseRecord | null {
  let text: string;
  try {
    text = readFileSync(leaseFilePath(folder), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isLeaseRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Replaces a small file that only its owner may read, in one step. Synchronous, because nothing may happen between
 * taking the lease and saying so. The folder is not synced: after a power cut no holder is left to be fenced.
 */
export function writePrivateFile(path: string, text: string): void {
  const temp = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = openSync(temp, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temp, path);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
}

function isLeaseRecord(value: unknown): value is LeaseRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { epoch, holder, schemaVersion } = value as Partial<LeaseRecord>;
  return (
    typeof epoch === 'number' &&
    Number.isSafeInteger(epoch) &&
    typeof holder === 'string' &&
    typeof schemaVersion === 'number'
  );
}
