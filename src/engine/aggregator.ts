import type { Log } from '../model/logRecord';
import type { EpochMs } from '../model/time';

/** What a run is to look at: files that are said to have changed, or everything. */
export type SweepScope = readonly string[] | 'everything';

export interface AggregatorOptions {
  /** Does one run; resolves with whether anything had changed. */
  readonly sweep: (scope: SweepScope) => Promise<boolean>;
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly log: Log;
}

/** A sweep may take at most this share of the time: the pause is at least that many times its duration. */
const pausePerDuration = 20;

/**
 * Runs sweeps in the background, one at a time. What is asked for during a run is gathered into the next one, so runs
 * neither overlap nor queue up. The pause between sweeps of everything grows with how long they take, and doubles
 * while nothing changes; a change or a request brings it back.
 */
export class Aggregator {
  #options: AggregatorOptions;
  #timer: NodeJS.Timeout | undefined;
  #nextSweepEpochMs: EpochMs | null = null;
  #running: Promise<void> | null = null;
  #next: { scope: Set<string> | 'everything'; done: PromiseWithResolvers<void> } | null = null;
  #intervalMs: number;
  #lastDurationMs = 0;
  #slowdown = 1;
  #ceilingMs = Infinity;
  #lastSweepMs = -Infinity;
  #timed = false;
  #stopped = false;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#intervalMs = options.minIntervalMs;
  }

  /** Sweeps at once and from then on by the timer. */
  start(): void {
    this.#timed = true;
    this.request('everything').catch(() => {
      // Already logged and counted by the run itself; the timer tries again.
    });
  }

  setIntervals(minIntervalMs: number, maxIntervalMs: number): void {
    this.#options = { ...this.#options, minIntervalMs, maxIntervalMs };
    this.#intervalMs = minIntervalMs;
    if (this.#running === null && this.#timer !== undefined) this.#schedule();
  }

  /** The pause before the next sweep of everything, in milliseconds. */
  get intervalMs(): number {
    const { minIntervalMs, maxIntervalMs } = this.#options;
    const backoffMs = Math.min(this.#intervalMs, this.#ceilingMs);
    const pauseMs = Math.max(backoffMs, minIntervalMs, this.#lastDurationMs * pausePerDuration);
    return Math.min(maxIntervalMs, pauseMs) * this.#slowdown;
  }

  /** How many times as long the pauses are as they would be. */
  setSlowdown(slowdown: number): void {
    if (slowdown === this.#slowdown) return;
    this.#slowdown = slowdown;
    if (this.#timer !== undefined) this.#schedule();
  }

  /** The pause does not grow beyond this while nothing changes: for where changes are not told. */
  setCeiling(ceilingMs: number): void {
    if (ceilingMs === this.#ceilingMs) return;
    this.#ceilingMs = ceilingMs;
    if (this.#timer !== undefined) this.#schedule();
  }

  /** Somebody looks: the pauses are short again, and a sweep that would be due by that is done at once. */
  wake(): void {
    this.#intervalMs = this.#options.minIntervalMs;
    if (this.#timer !== undefined) this.#schedule();
  }

  /** When everything is looked at again by itself; null: a run is under way, or there is no timer. */
  get nextSweepEpochMs(): EpochMs | null {
    return this.#timer === undefined ? null : this.#nextSweepEpochMs;
  }

  /** Asks for a run; resolves when one that began after this call has ended, rejects if that one failed. */
  request(scope: SweepScope): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error('the aggregator has stopped'));
    this.#intervalMs = this.#options.minIntervalMs;
    this.#next ??= { scope: new Set(), done: withResolvers() };
    if (scope === 'everything') this.#next.scope = 'everything';
    else if (this.#next.scope !== 'everything') for (const path of scope) this.#next.scope.add(path);
    const { promise } = this.#next.done;
    if (this.#running === null) this.#begin();
    return promise;
  }

  /** Lets a run that is under way end, and begins no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next?.done.reject(new Error('the aggregator has stopped'));
    this.#next = null;
    await this.#running;
  }

  #begin(): void {
    const next = this.#next;
    if (next === null) return;
    this.#next = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    next.done.promise.catch(() => {
      // A run that nobody waits for may fail too; it is logged below.
    });
    this.#running = this.#run(next.scope === 'everything' ? 'everything' : [...next.scope]).then(
      () => next.done.resolve(),
      (error: unknown) => next.done.reject(error),
    );
    void this.#running.then(() => {
      this.#running = null;
      if (this.#next !== null) this.#begin();
      else this.#schedule();
    });
  }

  async #run(scope: SweepScope): Promise<void> {
    const began = performance.now();
    try {
      const changed = await this.#options.sweep(scope);
      if (changed) this.#intervalMs = this.#options.minIntervalMs;
      else if (scope === 'everything') this.#double();
    } catch (error) {
      this.#double();
      this.#options.log('error', 'a sweep failed', {
        error: error instanceof Error ? error.message : String(error),
      });
      throw error;
    } finally {
      if (scope === 'everything') {
        this.#lastSweepMs = performance.now();
        this.#lastDurationMs = this.#lastSweepMs - began;
      }
    }
  }

  #double(): void {
    this.#intervalMs = Math.min((this.intervalMs / this.#slowdown) * 2, this.#options.maxIntervalMs);
  }

  #schedule(): void {
    if (!this.#timed || this.#stopped) return;
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#lastSweepMs + this.intervalMs - performance.now());
    this.#nextSweepEpochMs = Date.now() + wait;
    this.#timer = setTimeout(() => {
      const interval = this.#intervalMs;
      this.request('everything').catch(() => {
        // Logged by the run.
      });
      // Only a request from outside resets the pause; the timer's own must not.
      this.#intervalMs = interval;
    }, wait);
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
