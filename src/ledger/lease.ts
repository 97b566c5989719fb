import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import { type LeaseRecord, leaseFilePath, readLeaseRecord, writePrivateFile } from './leaseFile';
import { isHeldByOther, LeaseLock } from './leaseLock';

export interface LeaseOptions {
  /** Absolute folder of the ledger; made (0700) when missing. */
  readonly folder: string;
  /** Called once, never for a `release()`: from now on nothing may be written. */
  readonly onLost: (error: LedgerError) => void;
  /** The schema that this extension writes. */
  readonly schemaVersion?: number;
  /** Wall clock in epoch milliseconds. */
  readonly now?: () => number;
  /** A holder that gave no sign for so long may be replaced; at least 2,000, and the same in all windows. */
  readonly staleMs?: number;
  /** Pause between two signs of life; from 1,000 to half of `staleMs`. */
  readonly updateMs?: number;
}

export const defaultStaleMs = 5_000;
export const defaultUpdateMs = 2_000;

/** How long a new holder waits to see whether another one, who thought the same lock stale, came after it. */
const settleMs = 50;

/** The lock's folder inside the ledger's. */
export function leaseLockPath(folder: string): string {
  return join(folder, 'lease.lock');
}

/** Leadership of a ledger folder: one holder at a time on this machine, as far as the disk can tell. */
export class Lease {
  readonly epoch: number;
  readonly #folder: string;
  readonly #record: LeaseRecord;
  readonly #lock: LeaseLock;
  readonly #checkLimitMs: number;
  readonly #unlock: () => Promise<void>;
  readonly #onLost: (error: LedgerError) => void;
  #ended: LedgerError | null = null;
  #released: Promise<void> | null = null;

  private constructor(
    folder: string,
    record: LeaseRecord,
    leaseLock: LeaseLock,
    checkLimitMs: number,
    unlock: () => Promise<void>,
    onLost: (error: LedgerError) => void,
  ) {
    this.epoch = record.epoch;
    this.#folder = folder;
    this.#record = record;
    this.#lock = leaseLock;
    this.#checkLimitMs = checkLimitMs;
    this.#unlock = unlock;
    this.#onLost = onLost;
  }

  /**
   * Takes the lease if nobody holds it, and otherwise gives null, at once. Throws `newer-schema` when a newer
   * extension has led here, and what the disk says (`permission`, `disk-full`, `io`).
   */
  static async acquire(options: LeaseOptions): Promise<Lease | null> {
    const { onLost, schemaVersion = 1, now = Date.now } = options;
    const staleMs = Math.max(options.staleMs ?? defaultStaleMs, 2_000);
    const updateMs = Math.max(Math.min(options.updateMs ?? defaultUpdateMs, staleMs / 2), 1_000);
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      const folder = realpathSync(options.folder);
      refuseNewerSchema(readLeaseRecord(folder), schemaVersion);

      const holder = randomBytes(12).toString('hex');
      const lockPath = leaseLockPath(folder);
      let published = false;
      const leaseLock = new LeaseLock({
        path: lockPath,
        staleMs,
        now,
        isFenced: () => published && (readLeaseRecord(folder)?.holder ?? holder) !== holder,
      });
      // The library's own answer to a lost lock is to throw inside a timer, which would end the thread.
      const early: Error[] = [];
      let compromised = (cause: Error): void => void early.push(cause);
      // The name is only a key in the library's memory; were it shared, a lost lease that is given back late would
      // end the heartbeat of the next one in this thread.
      const unlock = await lock(join(folder, holder), {
        lockfilePath: lockPath,
        realpath: false,
        stale: staleMs,
        update: updateMs,
        fs: leaseLock.fileSystem(),
        onCompromised: (cause) => compromised(cause),
      });
      leaseLock.taken();

      try {
        const before = readLeaseRecord(folder);
        refuseNewerSchema(before, schemaVersion);
        if (!leaseLock.isOurs()) {
          await unlock();
          return null;
        }
        const startedAt = now();
        const record: LeaseRecord = {
          // Seconds are far ahead of any count of takeovers, so the numbers grow even when the file was lost.
          epoch: Math.max((before?.epoch ?? 0) + 1, Math.floor(startedAt / 1_000)),
          holder,
          pid: process.pid,
          host: hostname(),
          startedAt,
          schemaVersion,
        };
        writePrivateFile(leaseFilePath(folder), JSON.stringify(record));
        published = true;
        const lease = new Lease(folder, record, leaseLock, staleMs - updateMs / 2, unlock, onLost);
        await pause(settleMs);
        if (early.length > 0 || lease.#findLoss() !== null) {
          await lease.release();
          return null;
        }
        compromised = (cause) => void lease.#lose(`the heartbeat failed: ${cause.message}`, cause);
        return lease;
      } catch (error) {
        await unlock().catch(() => undefined); // why it could not be taken says more than that
        throw error;
      }
    } catch (error) {
      if (isHeldByOther(error)) return null;
      if (LedgerError.is(error)) throw error;
      throw new LedgerError(reasonOfSystemError(error), `the lease cannot be taken: ${String(error)}`, {
        cause: error,
      });
    }
  }

  get held(): boolean {
    return this.#ended === null;
  }

  /**
   * Verifies on the disk that we still lead, and that our last sign of life is recent enough for others to think so
   * too: to be called directly before each rename and each cut. Takes some tens of microseconds. Throws `lease-lost`,
   * for good; or what the disk says when it cannot tell, in which case nothing may be written now.
   */
  check(): void {
    if (this.#ended !== null) throw this.#ended;
    let loss: string | null;
    try {
      loss = this.#findLoss();
    } catch (error) {
      throw new LedgerError(reasonOfSystemError(error), `the lease cannot be verified: ${String(error)}`, {
        cause: error,
      });
    }
    if (loss !== null) throw this.#lose(loss);
  }

  /** Ends the leadership, so that another window can take over at once. Safe to call twice, and after a loss. */
  release(): Promise<void> {
    this.#ended ??= new LedgerError('lease-lost', 'the lease was given back');
    return (this.#released ??= this.#letGo());
  }

  #findLoss(): string | null {
    // The age first: it is what a process that slept finds out even if nobody took over meanwhile.
    const ageMs = this.#lock.beatAgeMs();
    if (!(ageMs <= this.#checkLimitMs)) return `the last heartbeat is ${Math.round(ageMs)} ms old`;
    if (!this.#lock.isOurs()) return 'the lock was removed or replaced';
    const record = readLeaseRecord(this.#folder);
    return record?.holder === this.#record.holder ? null : 'another process has taken over';
  }

  #lose(message: string, cause?: Error): LedgerError {
    if (this.#ended !== null) return this.#ended;
    const error = new LedgerError('lease-lost', message, { cause });
    this.#ended = error;
    // Stops the heartbeat; removes the lock only if it is still ours (LeaseLock sees to that).
    this.#released ??= this.#letGo().catch(() => undefined); // the loss itself is what gets reported
    // Later, because a check stands in the middle of somebody's write.
    queueMicrotask(() => this.#onLost(error));
    return error;
  }

  async #letGo(): Promise<void> {
    try {
      await this.#unlock();
    } catch (error) {
      // The library has found out about the loss by itself.
      const code = errorCode(error);
      if (code !== 'ERELEASED' && code !== 'ENOTACQUIRED') throw error;
    }
  }
}

function refuseNewerSchema(record: LeaseRecord | null, schemaVersion: number): void {
  if (record !== null && record.schemaVersion > schemaVersion)
    throw new LedgerError(
      'newer-schema',
      `the ledger was written by a newer version (schema ${record.schemaVersion}, ours is ${schemaVersion})`,
    );
}
