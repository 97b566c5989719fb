import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { RateCard } from '../model/rates';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import { monthOf, quarterHourMs, type Month, type QuarterHour } from '../model/time';
import type { PricedRecord, UsageRecord } from '../model/usageRecord';
import type { EngineSettings, EngineStart } from '../protocol/engineApi';
import type { Lease } from '../ledger/lease';
import { Ledger } from '../ledger/ledger';
import { priceRecord } from '../pricing/price';
import { RateCards } from '../pricing/rateCards';
import { findRoots, type Root } from '../sources/claude/locate';
import { withPrice } from '../sources/recorded/completeEntry';
import type { FileCursor } from '../sources/claude/tail';
import type { TranscriptWatch } from '../sources/claude/watch';
import { breakdown, quarterRange } from '../stats/breakdown';
import type { Rollups } from '../stats/rollups';
import { SnapshotBuilder } from '../stats/snapshotBuilder';
import { Aggregator, type SweepScope } from './aggregator';
import { Checkpoints } from './checkpoints';
import type { Role, Tell } from './engine';
import { LatestFiles } from './latestFiles';
import { Journals } from './journals';
import { MessageStreams } from './messageStreams';
import { ScanHealthKeeper } from './scanHealth';
import { journalFolderOf, ledgerFolderOf } from './storage';
import { sweepTranscripts, type SweepLedger } from './sweep';
import { watchRoots } from './watchRoots';

/** While a scan runs, new figures are told at most this often. */
const publishPauseMs = 1_000;
const progressPauseMs = 100;
/** Between two snapshots of what is being recorded. */
const recordedPauseMs = 250;

export interface LeaderOptions {
  readonly start: EngineStart;
  /** null: the ledger is in memory. */
  readonly lease: Lease | null;
  readonly tell: Tell;
  readonly log: Log;
}

/** The engine that owns the ledger: scans, folds, saves and answers. */
export class Leader implements Role {
  readonly #options: LeaderOptions;
  readonly #ledger: Ledger;
  readonly #rollups: Rollups;
  readonly #builder: SnapshotBuilder;
  readonly #cards: RateCards;
  readonly #health: ScanHealthKeeper;
  readonly #aggregator: Aggregator;
  readonly #checkpoints: Checkpoints;
  readonly #streams = new MessageStreams();
  readonly #journals: Journals | null;
  readonly #latest: LatestFiles | null;
  #settings: EngineSettings;
  #roots: readonly Root[] = [];
  #watch: TranscriptWatch | null = null;
  #generation: number;
  #snapshot: Snapshot;
  #figuresChanged = false;
  #lastPublishedMs = -Infinity;
  #lastProgressMs = -Infinity;
  #publishTimer: NodeJS.Timeout | undefined;
  #cardsTold = 0;
  #stopped = false;

  static async open(options: LeaderOptions): Promise<Leader> {
    const { storageFolder, wasmPath } = options.start;
    let leader: Leader | null = null;
    const ledger = await Ledger.open({
      folder: storageFolder === null ? null : ledgerFolderOf(storageFolder),
      wasmPath,
      beforeWrite: () => options.lease?.check(),
      // What a damaged file has lost is still in the transcripts, for as long as they exist.
      onRecovery: () => leader?.rescan(),
      log: options.log,
      now: Date.now,
    });
    const latest =
      storageFolder === null ? null : new LatestFiles(storageFolder, () => options.lease?.check());
    leader = new Leader(options, ledger, latest, (await latest?.generation()) ?? 0);
    return leader;
  }

  private constructor(
    options: LeaderOptions,
    ledger: Ledger,
    latest: LatestFiles | null,
    generation: number,
  ) {
    const { settings } = options.start;
    this.#options = options;
    this.#settings = settings;
    this.#ledger = ledger;
    this.#latest = latest;
    this.#generation = generation;
    // The cube is asked for anew each time: after a recovery it is another one.
    this.#rollups = {
      months: () => ledger.months(),
      forEach: (from, to, visit) => ledger.cube().forEach(from, to - 1, visit),
    };
    this.#builder = new SnapshotBuilder(this.#rollups, settings.timeZone);
    this.#cards = new RateCards({ userPrices: settings.userPrices });
    this.#health = new ScanHealthKeeper(ledger.meta('scanComplete') === 'yes');
    this.#aggregator = new Aggregator({
      sweep: (scope) => this.#sweep(scope),
      minIntervalMs: settings.minIntervalMs,
      maxIntervalMs: settings.maxIntervalMs,
      log: options.log,
    });
    this.#checkpoints = new Checkpoints(() => this.#save(), options.log);
    const { storageFolder } = options.start;
    this.#journals =
      storageFolder === null
        ? null
        : new Journals({
            folder: journalFolderOf(storageFolder),
            fold: (records) => this.#fold(records),
            log: options.log,
          });
    for (const cursor of this.#cursors()) this.#health.badLines += badLinesOf(cursor);
    this.#findRoots();
    this.#snapshot = this.#build();
  }

  readonly calls: Role['calls'] = {
    snapshot: () => this.#current(),
    refresh: async () => {
      await this.#aggregator.request('everything');
      // Even where no figure has changed, whoever asked wants to see that it was looked.
      this.#publish();
      return this.#snapshot;
    },
    flush: async ({ windowId, save }) => {
      const records = (await this.#journals?.fold(windowId)) ?? 0;
      if (save) await this.#checkpoints.now();
      else if (this.#unsaved) this.#checkpoints.schedule();
      if (this.#figuresChanged) this.#publishSoon();
      return { durable: 'ledger', records };
    },
    breakdown: (query) => breakdown(query, this.#builder.civil, this.#rollups),
    openMessages: async (filter) => {
      const { from, to } = quarterRange(filter, this.#builder.civil, this.#rollups);
      const rows = this.#ledger.messages({
        fromEpochMs: from * quarterHourMs,
        toEpochMs: to * quarterHourMs,
        ...(filter.only === undefined ? {} : { only: filter.only }),
      });
      return { stream: await this.#streams.open(rows) };
    },
    nextMessages: ({ stream }) => this.#streams.next(stream),
    closeMessages: async ({ stream }) => {
      await this.#streams.close(stream);
      return null;
    },
    rateCards: () => this.rateCards,
    configure: (settings) => {
      this.#configure(settings);
      return null;
    },
  };

  /** The rate cards made so far. */
  get rateCards(): readonly RateCard[] {
    return this.#cards.known();
  }

  /** Something is in memory, or in a journal, that belongs into the ledger's files. */
  get #unsaved(): boolean {
    return this.#ledger.dirty || this.#journals?.cuttable === true;
  }

  /** The figures as last told. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Tells what the ledger holds already, and starts to look for more. */
  begin(): void {
    this.#options.tell('snapshot', this.#snapshot);
    if (!this.#options.start.background) return;
    setImmediate(() => {
      this.#cards.preload(Date.now());
      this.#tellCards();
    });
    this.#startWatching();
    this.#aggregator.start();
  }

  private rescan(): void {
    this.#figuresChanged = true;
    // A sweep that fails has been logged, and is tried again by the timer.
    this.#aggregator.request('everything').catch(() => undefined);
  }

  /** Every way in which sums and messages disagree; see `Ledger.verify`. */
  verify(): string[] {
    return this.#ledger.verify();
  }

  /** Saves and ends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#publishTimer);
    await this.#watch?.close();
    await this.#aggregator.stop();
    await this.#streams.closeAll();
    await this.#checkpoints.stop();
    try {
      if (this.#unsaved) await this.#checkpoints.now();
    } finally {
      await this.#ledger.close();
    }
  }

  /** Ends without writing anything: the ledger is somebody else's now. */
  abandon(): void {
    this.#stopped = true;
    clearTimeout(this.#publishTimer);
    void this.#watch?.close();
    void this.#aggregator.stop();
    void this.#checkpoints.stop();
    void this.#streams.closeAll().finally(() => this.#ledger.close());
  }

  async #sweep(scope: SweepScope): Promise<boolean> {
    if (scope === 'everything') this.#findRoots();
    this.#health.began(Date.now());
    const first = !this.#health.complete;
    if (first) this.#publish();
    try {
      if (scope === 'everything') await this.#journals?.fold();
      const { counts, changed } = await sweepTranscripts(scope, {
        roots: this.#roots,
        ledger: this.#sweepLedger,
        user: this.#settings.user,
        host: this.#options.start.hostName,
        health: this.#health,
        log: this.#options.log,
        onProgress: (progress) => this.#tellProgress(progress),
        isStopped: () => this.#isStopped(),
      });
      if (this.#isStopped()) return changed;
      this.#health.finished(Date.now(), counts, scope === 'everything');
      if (first && scope === 'everything') this.#ledger.putMeta('scanComplete', 'yes');
      this.#options.log('info', 'swept', { ...counts, ms: Math.round(this.#healthNow().lastDurationMs) });
      if (changed || first || this.#snapshot.scan.state !== this.#healthNow().state) this.#publish();
      if (first) await this.#checkpoints.now();
      else if (this.#unsaved) this.#checkpoints.schedule();
      return changed;
    } catch (error) {
      this.#health.failed(Date.now(), error);
      this.#publish();
      throw error;
    } finally {
      this.#options.tell('progress', null);
    }
  }

  readonly #sweepLedger: SweepLedger = {
    cursor: (path) => this.#ledger.cursor(path) as FileCursor | undefined,
    cursorPaths: () => this.#ledger.cursors().keys(),
    fold: (records, costStates, cursors) => {
      // Counted first, since a fold may tell new figures. The cursors themselves go in after their records.
      for (const cursor of cursors) {
        const before = this.#ledger.cursor(cursor.path) as FileCursor | undefined;
        this.#health.badLines += badLinesOf(cursor) - (before === undefined ? 0 : badLinesOf(before));
      }
      this.#fold(records);
      this.#ledger.foldCostStates(costStates);
      for (const cursor of cursors) this.#ledger.putCursor(cursor.path, cursor);
    },
    dropCursors: (paths) => this.#ledger.dropCursors(paths),
  };

  #fold(records: readonly UsageRecord[]): void {
    const { quarters } = this.#ledger.fold(records.map((record) => this.#price(record)));
    this.#changed(quarters);
    if (this.#figuresChanged && performance.now() - this.#lastPublishedMs > publishPauseMs) this.#publish();
  }

  /** Sums of these quarter hours have moved: what was remembered of their months is of no use any more. */
  #changed(quarters: ReadonlySet<QuarterHour>): void {
    if (quarters.size === 0) return;
    const months = new Set<Month>();
    for (const quarter of quarters) months.add(monthOf(quarter * quarterHourMs));
    this.#builder.changed(months);
    this.#figuresChanged = true;
  }

  #price(record: UsageRecord): PricedRecord {
    const card = this.#cards.cardFor(record.model, record.provider, record.epochMs);
    return withPrice(record, priceRecord(record, card, this.#settings.costMode));
  }

  /** Tells the figures, but not oftener than anybody can see them change. */
  #publishSoon(): void {
    if (this.#publishTimer !== undefined) return;
    const wait = this.#lastPublishedMs + recordedPauseMs - performance.now();
    if (wait <= 0) this.#publish();
    else this.#publishTimer = setTimeout(() => this.#publish(), wait);
  }

  #publish(): void {
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#snapshot = this.#build();
    this.#figuresChanged = false;
    this.#lastPublishedMs = performance.now();
    if (this.#stopped) return;
    this.#options.tell('snapshot', this.#snapshot);
    this.#tellCards();
  }

  #tellCards(): void {
    const cards = this.#cards.known();
    if (cards.length === this.#cardsTold) return;
    this.#cardsTold = cards.length;
    this.#options.tell('rateCards', cards);
  }

  /** The latest figures; made anew when a day has ended since. */
  #current(): Snapshot {
    const today = this.#builder.civil.dayOf(Date.now());
    const shown = this.#builder.civil.dayOf(this.#snapshot.takenEpochMs);
    if (this.#figuresChanged || today !== shown) this.#publish();
    return this.#snapshot;
  }

  #build(): Snapshot {
    return this.#builder.build(++this.#generation, Date.now(), this.#healthNow());
  }

  #healthNow(): Snapshot['scan'] {
    const health = this.#health.health(this.#rollups.months().length > 0);
    const { error } = this.#checkpoints;
    return error === null ? health : { ...health, state: 'failing', lastError: error };
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #tellProgress(progress: ScanProgress): void {
    if (performance.now() - this.#lastProgressMs < progressPauseMs) return;
    this.#lastProgressMs = performance.now();
    this.#options.tell('progress', progress);
  }

  async #save(): Promise<void> {
    const { complete, failures } = await this.#ledger.checkpoint();
    if (!complete) {
      const first = failures[0];
      throw new LedgerError(first?.reason ?? 'io', failures.map(({ message }) => message).join('; '));
    }
    await this.#journals?.cut(
      (records) => this.#ledger.holdsOnDisk(records.map(({ key }) => key)),
      () => this.#options.lease?.check(),
    );
    await this.#latest?.write(this.#current(), this.#cards.known());
  }

  #findRoots(): void {
    const { environment, onlyRoots } = this.#options.start;
    this.#roots = findRoots(environment, this.#settings.extraRoots, onlyRoots);
    this.#health.roots = this.#roots;
  }

  #startWatching(): void {
    void this.#watch?.close();
    this.#watch = watchRoots(this.#roots, this.#health, this.#options.log, (scope) => {
      // A failed sweep has been logged, and is tried again by the timer.
      if (!this.#stopped) this.#aggregator.request(scope).catch(() => undefined);
    });
  }

  #configure(settings: EngineSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#builder.setTimeZone(settings.timeZone);
    this.#aggregator.setIntervals(settings.minIntervalMs, settings.maxIntervalMs);
    if (different(before.userPrices, settings.userPrices) || before.costMode !== settings.costMode) {
      this.#cards.setUserPrices(settings.userPrices);
      this.#changed(this.#ledger.reprice((record) => this.#price(record).price));
    }
    if (different(before.extraRoots, settings.extraRoots)) {
      this.#findRoots();
      if (this.#options.start.background) this.#startWatching();
      this.#aggregator.request('everything').catch(() => undefined);
    }
    this.#publish();
  }

  *#cursors(): Iterable<FileCursor> {
    for (const cursor of this.#ledger.cursors().values()) yield cursor as FileCursor;
  }
}

function badLinesOf(cursor: FileCursor): number {
  return cursor.badLines + (cursor.torn ? 1 : 0);
}

function different(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
