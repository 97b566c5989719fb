import type { Log } from '../model/logRecord';
import type { PricedRecord } from '../model/usageRecord';
import type { Journal } from './journal';
import { RecordEncoder } from './journalFormat';
import type { EncodedBatch } from './journalSegment';
import type { RecordQueue } from './recordQueue';
import type { WriterTiming } from './writerSettings';

export interface JournalFeedOptions {
  readonly journal: Journal;
  readonly queue: RecordQueue;
  readonly batchRecords: number;
  readonly timing: Pick<WriterTiming, 'overtakeMs' | 'firstPauseMs' | 'longestPauseMs'>;
  readonly log: Log;
  /** Called with records at the moment they are in the journal. */
  readonly onWritten: (records: readonly PricedRecord[]) => void;
}

interface Batch extends EncodedBatch {
  readonly content: readonly PricedRecord[];
  /** Records that entered before the batch's first. */
  readonly before: number;
}

interface Waiter {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** From a record to its append: well inside the promised 50 ms, and long enough for a burst to become one write. */
const commitDelayMs = 5;
/** While one is overtaken, what is new is written this often. */
const overtakenMs = 10;
/** One append may carry so many batches when more wait than one. */
const batchesAtOnce = 10;
/** Records written on this thread at a stretch: well below 5 ms. */
const recordsAtOnce = 1_000;

/** Carries records from the queue to the journal: grouped and in the background, or at once. */
export class JournalFeed {
  batches = 0;
  largestBatch = 0;
  /** Records that the queue took, and those of them that are in the journal. */
  entered = 0;
  journaled = 0;
  /** Records that were written on this thread because the append that carried them was late. */
  overtaken = 0;
  readonly #options: JournalFeedOptions;
  readonly #encoder = new RecordEncoder();
  /** No place took them: the first to be tried again. */
  readonly #returned: Batch[] = [];
  #carried: Batch | null = null;
  #carriedSinceMs = 0;
  #watch: NodeJS.Timeout | null = null;
  #waiters: Waiter[] = [];
  #committing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = 0;
  #microtask = false;
  #syncing: Promise<void> | null = null;
  #syncAgain = false;
  #ended = false;

  constructor(options: JournalFeedOptions) {
    this.#options = options;
  }

  /** No place took the last batch: records wait in memory. */
  get stuck(): boolean {
    return this.#pauseMs > 0;
  }

  /** Records that are in no journal. */
  get waiting(): number {
    return this.entered - this.journaled;
  }

  push(record: PricedRecord): void {
    this.entered += this.#options.queue.push(record);
  }

  #next(records: number): Batch | null {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    const { queue } = this.#options;
    const before = this.entered - queue.size;
    const content = queue.take(records);
    if (content.length === 0) return null;
    return { bytes: this.#encoder.encodeAll(content), records: content.length, content, before };
  }

  #wrote(batch: Batch): void {
    this.journaled += batch.records;
    this.batches++;
    this.largestBatch = Math.max(this.largestBatch, batch.records);
    this.#pauseMs = 0;
    this.#options.onWritten(batch.content);
  }

  /** All records that entered before this many are in the journal. */
  #writtenUpTo(): number {
    const first = [this.#carried, ...this.#returned].flatMap((batch) =>
      batch === null ? [] : [batch.before],
    );
    return Math.min(this.entered - this.#options.queue.size, ...first);
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return;
    const upTo = this.#writtenUpTo();
    const done = this.#waiters.filter((waiter) => waiter.upTo <= upTo);
    this.#waiters = this.#waiters.filter((waiter) => waiter.upTo > upTo);
    for (const waiter of done) waiter.resolve();
  }

  /**
   * Resolves when all that has entered so far is in the journal; does not wait for what enters later.
   * @throws {LedgerError} when no place takes it.
   */
  async written(): Promise<void> {
    const upTo = this.entered;
    if (this.#writtenUpTo() >= upTo) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ upTo, resolve, reject });
      void this.#commit();
    });
  }

  /** Writes all that waits in a moment, together with what comes until then. */
  commitSoon(): void {
    if (this.#timer !== null || this.#committing !== null) return;
    // Not unref'd: a process that ends by itself waits for it.
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        void this.#commit();
      },
      Math.max(commitDelayMs, this.#pauseMs),
    );
  }

  /** Never rejects: the journal has counted and logged what went wrong, and waiters are told. */
  #commit(): Promise<void> {
    this.#stopTimer();
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = null;
      if (this.#watch !== null) clearTimeout(this.#watch);
      this.#watch = null;
      if (this.waiting > 0 && !this.#ended) this.commitSoon();
    });
    return this.#committing;
  }

  async #commitAll(): Promise<void> {
    const records = this.#options.batchRecords * batchesAtOnce;
    // What is to be written before the turn ends must not be carried away into later ones.
    if (this.#microtask) this.writeNow();
    for (let batch; (batch = this.#next(records)) !== null;) {
      const carried = batch;
      this.#carried = carried;
      this.#carriedSinceMs = performance.now();
      this.#watchIn(this.#options.timing.overtakeMs);
      try {
        await this.#options.journal.append(carried, () => {
          // At the end somebody else has written it.
          if (this.#carried !== carried) return;
          this.#carried = null;
          this.#wrote(carried);
        });
        this.#wakeWaiters();
      } catch (error) {
        if (this.#carried !== carried) return;
        this.#carried = null;
        this.#returned.unshift(carried);
        this.#nowhere(error);
        return;
      }
    }
    this.#syncSoon();
  }

  #watchIn(delayMs: number): void {
    this.#watch ??= setTimeout(() => {
      this.#watch = null;
      this.#overtake();
    }, delayMs);
  }

  /**
   * The pool of threads may be busy with other extensions' work, or a failed append may be waiting for its next try;
   * the promise of 50 ms holds all the same. What is written twice counts once.
   */
  #overtake(): void {
    if (this.#committing === null || this.waiting === 0) return;
    const carried = this.#carried;
    if (carried !== null) {
      const leftMs = this.#carriedSinceMs + this.#options.timing.overtakeMs - performance.now();
      if (leftMs > 1) {
        this.#watchIn(leftMs);
        return;
      }
      this.#carried = null;
      this.#returned.unshift(carried);
    }
    for (let records = 0; records < recordsAtOnce;) {
      const batch = this.#next(recordsAtOnce);
      if (batch === null) break;
      try {
        this.#options.journal.appendSync(batch);
      } catch {
        // Logged and counted by the journal. The append under way goes on trying.
        if (batch === carried) this.#carried = carried;
        else this.#returned.unshift(batch);
        break;
      }
      this.overtaken += batch.records;
      records += batch.records;
      this.#wrote(batch);
    }
    this.#wakeWaiters();
    this.#watchIn(overtakenMs);
  }

  #nowhere(error: unknown): void {
    const { firstPauseMs, longestPauseMs } = this.#options.timing;
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, firstPauseMs), longestPauseMs);
    this.#options.log('error', 'usage cannot be written anywhere and waits in memory', {
      records: this.waiting,
      nextAttemptMs: this.#pauseMs,
    });
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  /** Forces what was appended to the device, in the background, one sync at a time. */
  #syncSoon(): void {
    this.#syncAgain = true;
    this.#syncing ??= this.#syncAll().finally(() => (this.#syncing = null));
  }

  async #syncAll(): Promise<void> {
    while (this.#syncAgain) {
      this.#syncAgain = false;
      try {
        await this.#options.journal.sync();
      } catch {
        // Counted and logged by the journal, which owes the content and writes it again with the next append.
      }
    }
  }

  /** Writes all that waits before the present turn of the event loop ends: one append for all of a turn's records. */
  writeInMicrotask(): void {
    if (this.#microtask) return;
    this.#microtask = true;
    queueMicrotask(() => {
      this.#microtask = false;
      this.writeNow();
    });
  }

  /** Writes all that waits on the caller's stack. What no place takes goes on waiting; false then. */
  writeNow(): boolean {
    const records = this.#options.batchRecords * batchesAtOnce;
    for (let batch; (batch = this.#next(records)) !== null;) {
      try {
        this.#options.journal.appendSync(batch);
      } catch (error) {
        this.#returned.unshift(batch);
        if (!this.#ended) {
          this.#nowhere(error);
          this.commitSoon();
        }
        return false;
      }
      this.#wrote(batch);
    }
    this.#wakeWaiters();
    if (!this.#ended) this.#syncSoon();
    return true;
  }

  /**
   * The last moment: writes what is left at once, also what an append under way carries (twice at worst, which changes
   * nothing). From now on nothing runs by itself. Returns how many records could not be written anywhere.
   */
  end(): number {
    this.#ended = true;
    this.#stopTimer();
    if (this.#watch !== null) clearTimeout(this.#watch);
    if (this.#carried !== null) {
      this.#returned.unshift(this.#carried);
      this.#carried = null;
    }
    this.writeNow();
    return this.waiting;
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
