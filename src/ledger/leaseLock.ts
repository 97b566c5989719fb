import fs from 'node:fs';
import type { Stats } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { errorCode } from '../model/errors';

type Done<Value = undefined> = (error: unknown, value?: Value) => void;

export interface LeaseLockOptions {
  /** The lock's folder: it exists while somebody holds the lease, and its mtime is the heartbeat. */
  readonly path: string;
  readonly staleMs: number;
  readonly now: () => number;
  /** Whether `lease.json` names somebody else, who took over from us. */
  readonly isFenced: () => boolean;
}

/** When a heartbeat from the future was first seen, by lock path: see `#seenAsStale`. */
const futureBeats = new Map<string, { readonly mtimeMs: number; readonly sinceMs: number }>();
const futureToleranceMs = 2_000;

/**
 * The file system that proper-lockfile is given. By itself that library removes and refreshes whatever lies at the
 * lock's path. Here every such step is checked first, synchronously and directly before it is done:
 * - a stale lock is removed only if it is still stale (another process may just have replaced it);
 * - a release, or the library's hook at process exit, never removes a successor's lock;
 * - a heartbeat never refreshes a successor's lock, nor revives a lease that had run out.
 * It also remembers each heartbeat, so that holding can be verified without asking the library.
 */
export class LeaseLock {
  readonly #options: LeaseLockOptions;
  #held = false;
  #created = false;
  #mtimeMs = Number.NaN;
  #beatEpochMs = Number.NaN;
  #beatMonotonicMs = Number.NaN;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
  }

  /** To be called when the library says that the lock was taken. */
  taken(): void {
    this.#held = true;
  }

  /** Age of our last heartbeat, in milliseconds: by the wall clock or the monotonic one, whichever says more. */
  beatAgeMs(): number {
    return Math.max(this.#options.now() - this.#beatEpochMs, performance.now() - this.#beatMonotonicMs);
  }

  /** Whether the lock on the disk is the one that we made and refreshed last. */
  isOurs(): boolean {
    const stats = fs.statSync(this.#options.path, { throwIfNoEntry: false });
    return stats !== undefined && stats.mtime.getTime() === this.#mtimeMs;
  }

  /** The part of `fs` that the library uses. A new object each time: the library caches findings on it. */
  fileSystem(): object {
    return {
      mkdir: (path: string, done: Done) => {
        const at = this.#clocks();
        fs.mkdir(path, { mode: 0o700 }, (error) => {
          if (error === null) {
            this.#created = true;
            this.#beat(at);
          }
          done(error);
        });
      },
      stat: (path: string, done: Done<Stats>) => {
        // Not on the thread pool: there the heartbeat would queue behind everything that a scan reads.
        let stats: Stats;
        try {
          stats = fs.statSync(path);
        } catch (error) {
          done(error);
          return;
        }
        if (this.#created) {
          if (!this.#held) this.#mtimeMs = stats.mtime.getTime();
        } else if (this.#seenAsStale(stats)) stats.mtime = new Date(0);
        done(null, stats);
      },
      utimes: (path: string, atime: Date, mtime: Date, done: Done) => {
        // `ENOENT` is what the library takes as final.
        if (this.#held && !this.#mayBeat()) {
          done(systemError('ENOENT', 'the lease has run out'));
          return;
        }
        const at = this.#clocks();
        try {
          fs.utimesSync(path, atime, mtime);
        } catch (error) {
          done(error);
          return;
        }
        this.#beat(at);
        this.#mtimeMs = mtime.getTime();
        done(null);
      },
      rmdir: (path: string, done: Done) => {
        try {
          this.#remove(path);
        } catch (error) {
          done(error);
          return;
        }
        done(null);
      },
      rmdirSync: (path: string) => this.#remove(path),
      realpath: fs.realpath,
    };
  }

  #mayBeat(): boolean {
    return this.beatAgeMs() <= this.#options.staleMs && this.isOurs() && !this.#options.isFenced();
  }

  #remove(path: string): void {
    const stats = fs.statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (this.#created) {
      if (stats.mtime.getTime() !== this.#mtimeMs && this.#held) return;
      if (this.#options.isFenced() && this.#held) return;
    } else {
      const stale = stats.mtime.getTime() < Date.now() - this.#options.staleMs || this.#seenAsStale(stats);
      if (!stale) throw systemError('ELOCKED', 'somebody else was faster');
    }
    // Not rmdir: a file that a file manager left in the folder would keep everybody out for ever.
    fs.rmSync(path, { recursive: true, force: true });
    futureBeats.delete(path);
  }

  /**
   * A clock set back leaves a dead holder's heartbeat in the future, where the library would wait for the clock to
   * catch up. Such a heartbeat counts as stale once we have watched it stand still for as long as a lease lasts.
   */
  #seenAsStale(stats: Stats): boolean {
    const { path, staleMs } = this.#options;
    const mtimeMs = stats.mtime.getTime();
    if (mtimeMs <= Date.now() + futureToleranceMs) {
      futureBeats.delete(path);
      return false;
    }
    const seen = futureBeats.get(path);
    if (seen?.mtimeMs !== mtimeMs) {
      futureBeats.set(path, { mtimeMs, sinceMs: performance.now() });
      return false;
    }
    return performance.now() - seen.sinceMs > staleMs;
  }

  /** Taken before the heartbeat is written, so that we count ourselves out no later than others do. */
  #clocks(): { epochMs: number; monotonicMs: number } {
    return { epochMs: this.#options.now(), monotonicMs: performance.now() };
  }

  #beat(at: { epochMs: number; monotonicMs: number }): void {
    this.#beatEpochMs = at.epochMs;
    this.#beatMonotonicMs = at.monotonicMs;
  }
}

/**
 * How long nobody may take this lock from its holder, in milliseconds, should that give no further sign of life; 0 when
 * it may be tried now, or when that takes more than a look to tell.
 */
export function lockedForMs(path: string, staleMs: number, nowEpochMs: number): number {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  const ageMs = nowEpochMs - stats.mtimeMs;
  return ageMs < -futureToleranceMs ? 0 : Math.min(staleMs, Math.max(0, staleMs - ageMs));
}

/** Whether the library says that somebody else holds the lock. */
export function isHeldByOther(error: unknown): boolean {
  return errorCode(error) === 'ELOCKED';
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
