import type { FlushOutcome, WriterStats } from '../api';
import { toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { EpochMs } from '../model/time';
import type { PricedRecord } from '../model/usageRecord';
import { aggregateRecords, mergeAggregated, utcDay, type DayOf, type UsageGroups } from './aggregate';
import { nodeFileSystem, type JournalFileSystem } from './fileSystem';
import { Journal } from './journal';
import { JournalFeed } from './journalFeed';
import { journalPlaces, type JournalFolders } from './journalPlaces';
import { RecordQueue } from './recordQueue';
import type { WindowIdentity } from './windowIdentity';
import {
  defaultWriterSettings,
  defaultWriterTiming,
  type WriterSettings,
  type WriterTiming,
} from './writerSettings';

/** What takes closed journal segments into the ledger: the engine, wherever it runs. */
export interface FlushSink {
  /** @throws when nobody can take them now; they stay in the journal. */
  flush(windowId: string): Promise<FlushOutcome>;
}

export interface UsageWriterOptions<Entry> {
  readonly window: WindowIdentity;
  readonly folders: JournalFolders;
  /** Checks, completes and prices an entry; what it throws, `record` throws. */
  readonly accept: (entry: Entry) => PricedRecord;
  readonly log: Log;
  /** null: there is no engine (yet). */
  readonly sink?: FlushSink | null;
  readonly settings?: Partial<WriterSettings>;
  readonly timing?: Partial<WriterTiming>;
  /** The journal had to go to the emergency folder; called whenever it moves there. */
  readonly onEmergency?: (file: string) => void;
  readonly fileSystem?: JournalFileSystem;
  readonly now?: () => EpochMs;
  /** The zone of `pending`'s days. */
  readonly dayOf?: DayOf;
}

const segmentBytes = 8 << 20;
/** Flushes in a row that the engine did not answer, before it counts as gone. */
const sinkFailuresUntilGone = 3;
const sinkTimeoutMs = 10_000;
/** VS Code gives 5 s to all extensions together. */
const shutdownMs = 4_000;

/** Records in the journal that the ledger has not confirmed, and their sums. */
interface Pending {
  readonly groups: UsageGroups;
  records: number;
}

function nothingPending(): Pending {
  return { groups: new Map(), records: 0 };
}

/**
 * Takes usage from callers, keeps it in a journal and hands it to the engine. `record` does no file work. Whatever
 * happens to the process later, what is in a journal gets into the ledger, once.
 */
export class UsageWriter<Entry> {
  readonly #options: UsageWriterOptions<Entry>;
  readonly #settings: WriterSettings;
  readonly #timing: WriterTiming;
  readonly #journal: Journal;
  readonly #queue: RecordQueue;
  readonly #feed: JournalFeed;
  readonly #now: () => EpochMs;
  #sink: FlushSink | null;
  #pending = nothingPending();
  #handedOver = nothingPending();
  #accepted = 0;
  #flushed = 0;
  #dropped = 0;
  #flushes = 0;
  #flushesUnconfirmed = 0;
  #largestFlush = 0;
  #lastFlushEpochMs: EpochMs | null = null;
  #flushing: Promise<FlushOutcome> | null = null;
  #nextFlush: Promise<FlushOutcome> | null = null;
  /** Records since the last flush began. */
  #sinceFlush = 0;
  #flushTimer: NodeJS.Timeout | null = null;
  #flushSoon: NodeJS.Immediate | null = null;
  #homeTimer: NodeJS.Timeout | null = null;
  #homePauseMs: number;
  #sinkFailures = 0;
  /** Flushes in a row that did not reach the ledger. */
  #unconfirmed = 0;
  #closesEpochMs = Infinity;
  #ended = false;
  #closing: Promise<void> | null = null;

  constructor(options: UsageWriterOptions<Entry>) {
    this.#options = options;
    const settings = { ...defaultWriterSettings, ...options.settings };
    this.#settings = settings;
    this.#timing = { ...defaultWriterTiming, ...options.timing };
    this.#homePauseMs = this.#timing.firstPauseMs;
    this.#sink = options.sink ?? null;
    this.#now = options.now ?? Date.now;
    this.#queue = new RecordQueue(settings.maxQueuedRecords, options.window.windowId);
    this.#journal = new Journal({
      fileSystem: options.fileSystem ?? nodeFileSystem,
      window: options.window,
      places: journalPlaces(options.folders),
      retryDelaysMs: settings.retryDelaysMs,
      segmentBytes,
      stallMs: this.#timing.stallMs,
      log: options.log,
      onEmergency: options.onEmergency ?? (() => undefined),
    });
    this.#feed = new JournalFeed({
      journal: this.#journal,
      queue: this.#queue,
      batchRecords: settings.batchRecords,
      timing: this.#timing,
      log: options.log,
      onWritten: (records) => this.#wrote(records),
    });
    // What a window that died left in another place is brought home by the next one.
    this.#comeHomeIn(this.#timing.sweepDelayMs);
  }

  /**
   * Takes one entry. Returns at once with the completed, priced record; it reaches the journal within 50 ms.
   * After `shutdown` it is still taken, and written before this returns.
   * @throws {TypeError | RangeError} naming the field that is wrong; nothing is kept then.
   */
  record(entry: Entry): PricedRecord {
    const record = this.#options.accept(entry);
    this.#accepted++;
    this.#feed.push(record);
    if (this.#ended || this.mode === 'sync') this.#feed.writeNow();
    else if (this.#settings.durability === 'immediate') this.#feed.writeInMicrotask();
    else this.#feed.commitSoon();
    this.#sinceFlush++;
    this.#flushTriggers();
    return record;
  }

  /** How records are written at present. */
  get mode(): WriterStats['mode'] {
    return this.#settings.mode === 'sync' || this.#degraded !== null ? 'sync' : 'async';
  }

  get #degraded(): WriterStats['degraded'] {
    if (this.#journal.stalled) return 'stalled';
    return this.#sinkFailures >= sinkFailuresUntilGone ? 'no-engine' : null;
  }

  setSink(sink: FlushSink | null): void {
    this.#sink = sink;
    this.#sinkFailures = 0;
    this.#unconfirmed = 0;
    this.#askAgain();
    this.#flushTriggers();
  }

  /** What the ledger has not confirmed is due for another flush. */
  #askAgain(): void {
    if (this.#sink !== null && this.#pending.records > 0) this.#sinceFlush = Math.max(this.#sinceFlush, 1);
  }

  /**
   * Sums of what is in the journal and not yet in the ledger as far as is known, for surfaces that cannot wait for a
   * flush. While a flush is under way, records can be both here and in the engine's figures.
   */
  pending(): UsageGroups {
    const groups: UsageGroups = new Map();
    for (const part of [this.#handedOver, this.#pending]) mergeAggregated(groups, copyOf(part.groups));
    return groups;
  }

  stats(): WriterStats {
    const { counts } = this.#journal;
    return {
      mode: this.mode,
      degraded: this.#degraded,
      accepted: this.#accepted,
      queued: this.#feed.waiting - this.#dropped,
      journaled: this.#feed.journaled,
      flushed: this.#flushed,
      overtaken: this.#feed.overtaken,
      batches: this.#feed.batches,
      largestBatch: this.#feed.largestBatch,
      flushes: this.#flushes,
      flushesUnconfirmed: this.#flushesUnconfirmed,
      largestFlush: this.#largestFlush,
      retries: counts.retries,
      fallbacks: { ...counts.fallbacks },
      place: this.#feed.stuck ? 'memory' : this.#journal.place,
      broughtHome: counts.broughtHome,
      aggregated: this.#queue.aggregated,
      dropped: this.#dropped,
      errors: { ...counts.errors },
      lastError: counts.lastError,
      lastFlushEpochMs: this.#lastFlushEpochMs,
    };
  }

  #wrote(records: readonly PricedRecord[]): void {
    mergeAggregated(this.#pending.groups, aggregateRecords(records, this.#options.dayOf ?? utcDay));
    this.#pending.records += records.length;
    if (this.#journal.hasElsewhere) this.#comeHomeIn(this.#homePauseMs);
  }

  #flushTriggers(): void {
    if (this.#closing !== null || this.#flushing !== null || this.#sinceFlush === 0) return;
    if (this.#sinceFlush >= this.#settings.flushRecords && this.#unconfirmed === 0) {
      // After this turn, so that a burst becomes one flush.
      this.#flushSoon ??= setImmediate(() => {
        this.#flushSoon = null;
        this.#flushAutomatically();
      });
      return;
    }
    // Whoever does not confirm is asked less and less often.
    const pauseMs = this.#settings.flushIntervalMs * 2 ** Math.min(this.#unconfirmed, 10);
    this.#flushTimer ??= setTimeout(
      () => {
        this.#flushTimer = null;
        this.#flushAutomatically();
      },
      this.#unconfirmed > 0 ? Math.min(pauseMs, this.#timing.longestPauseMs) : pauseMs,
    ).unref();
  }

  #flushAutomatically(): void {
    if (this.#flushing !== null || this.#closing !== null) return;
    // Failures were counted and logged where they happened; the next trigger tries again.
    this.flush().catch(() => undefined);
  }

  /**
   * Resolves when all that was recorded before is on the device, and says whether the ledger has it too.
   * @throws {LedgerError} when no folder takes the journal; the records are then still kept in memory.
   */
  flush(): Promise<FlushOutcome> {
    if (this.#flushing === null) {
      this.#flushing = this.#flushOnce().finally(() => {
        this.#flushing = null;
        this.#flushTriggers();
      });
      return this.#flushing;
    }
    // The one under way may have passed the point from which on it counts what is new.
    this.#nextFlush ??= this.#flushing
      .catch(() => undefined)
      .then(() => {
        this.#nextFlush = null;
        return this.flush();
      });
    return this.#nextFlush;
  }

  async #flushOnce(): Promise<FlushOutcome> {
    this.#stopFlushTimers();
    this.#sinceFlush = 0;
    let durable: FlushOutcome['durable'] = 'journal';
    let records = 0;
    try {
      await this.#feed.written();
      await this.#journal.close(() => {
        this.#handedOver = this.#pending;
        this.#pending = nothingPending();
      });
      if (this.#journal.hasElsewhere) await this.#comeHome();
      records = this.#handedOver.records;
      if (records === 0) return { durable: 'ledger', records };
      this.#flushes++;
      this.#largestFlush = Math.max(this.#largestFlush, records);
      this.#lastFlushEpochMs = this.#now();
      durable = await this.#askSink();
      if (durable === 'ledger') {
        this.#flushed += records;
        this.#unconfirmed = 0;
        this.#handedOver = nothingPending();
      } else {
        this.#flushesUnconfirmed++;
        if (this.#sink !== null) this.#unconfirmed++;
      }
      return { durable, records };
    } finally {
      mergeAggregated(this.#pending.groups, this.#handedOver.groups);
      this.#pending.records += this.#handedOver.records;
      this.#handedOver = nothingPending();
      // What the ledger has not confirmed is asked for again.
      if (durable === 'journal' && this.#pending.records > 0)
        this.#sinceFlush = Math.max(this.#sinceFlush, 1);
    }
  }

  /** `journal` for whatever reason the engine does not confirm. */
  async #askSink(): Promise<FlushOutcome['durable']> {
    if (this.#sink === null) return 'journal';
    let timer: NodeJS.Timeout | undefined;
    try {
      const timeout = new Promise<never>((_, reject) => {
        const waitMs = Math.max(100, Math.min(sinkTimeoutMs, this.#closesEpochMs - Date.now() - 500));
        timer = setTimeout(() => reject(new Error(`no answer within ${waitMs} ms`)), waitMs);
      });
      const { durable } = await Promise.race([this.#sink.flush(this.#options.window.windowId), timeout]);
      if (this.#sinkFailures >= sinkFailuresUntilGone) {
        this.#options.log('info', 'the engine is back; usage is written in the background again');
      }
      this.#sinkFailures = 0;
      // What lies elsewhere cannot have been read by the engine.
      return this.#journal.hasElsewhere ? 'journal' : durable;
    } catch (error) {
      this.#sinkFailures++;
      const { reason, message } = toErrorMessage(error);
      this.#options.log('warn', 'the engine did not take the usage journal; it stays on disk', {
        reason,
        message,
      });
      if (this.#sinkFailures === sinkFailuresUntilGone) {
        this.#options.log('warn', 'the engine counts as gone; usage is written at once until it is back');
      }
      return 'journal';
    } finally {
      clearTimeout(timer);
    }
  }

  #comeHomeIn(pauseMs: number): void {
    if (this.#closing !== null) return;
    this.#homeTimer ??= setTimeout(() => {
      this.#homeTimer = null;
      void this.#comeHome();
    }, pauseMs).unref();
  }

  async #comeHome(): Promise<void> {
    await this.#journal.comeHome();
    if (this.#journal.hasElsewhere) {
      this.#homePauseMs = Math.min(this.#homePauseMs * 2, this.#timing.longestPauseMs);
      this.#comeHomeIn(this.#homePauseMs);
    } else this.#homePauseMs = this.#timing.firstPauseMs;
  }

  /**
   * Writes and hands over all that waits, within 4 s; the same promise every time. Nothing depends on its being called
   * but the records of the last 50 ms.
   */
  shutdown(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#closesEpochMs = Date.now() + shutdownMs;
    this.#stopFlushTimers();
    if (this.#homeTimer !== null) clearTimeout(this.#homeTimer);
    this.#journal.hurry();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, shutdownMs - 200);
    });
    await Promise.race([
      this.flush().then(
        () => undefined,
        () => undefined,
      ),
      late,
    ]);
    clearTimeout(timer);
    this.#ended = true;
    this.#dropped = this.#feed.end();
    this.#journal.endSync();
    if (this.#dropped > 0) {
      this.#options.log('error', 'usage was lost: no folder could be written to', { records: this.#dropped });
    }
  }

  #stopFlushTimers(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    if (this.#flushSoon !== null) clearImmediate(this.#flushSoon);
    this.#flushTimer = null;
    this.#flushSoon = null;
  }
}

function copyOf(groups: UsageGroups): UsageGroups {
  return new Map([...groups].map(([key, group]) => [key, { ...group, total: { ...group.total } }]));
}
