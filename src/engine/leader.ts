import type { EngineHealth } from '../model/health';
import type { Log } from '../model/logRecord';
import type { RateCard } from '../model/rates';
import type { Snapshot } from '../model/snapshot';
import type { EngineSettings, EngineStart, Rebuilt } from '../protocol/engineApi';
import type { Lease } from '../ledger/lease';
import { Ledger } from '../ledger/ledger';
import type { Rollups } from '../stats/rollups';
import { Answers } from './answers';
import { CacheCounts } from './cacheCounts';
import type { Role, Tell } from './engine';
import { Figures } from './figures';
import { engineHealth } from './healthReport';
import { forgetImportPlaces } from './importPlace';
import { Imports } from './imports';
import { ImportSpool } from './importSpool';
import { LatestFiles } from './latestFiles';
import { LimitNotices } from './limitNotices';
import { Metrics } from './metrics';
import { MonthFiles } from './monthFiles';
import { rebuild } from './rebuild';
import { Prices } from './prices';
import { Repricing } from './repricing';
import { errorParts } from './scanHealth';
import { Scanning } from './scanning';
import { importFolderOf, ledgerFolderOf } from './storage';
import { Upkeep } from './upkeep';
import { WritePath } from './writePath';

/** Months that reach into the last days stay in memory: they are asked for most. */
const warmDays = 7;

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
  readonly #writePath: WritePath;
  readonly #rollups: Rollups;
  readonly #figures: Figures;
  readonly #answers: Answers;
  readonly #scanning: Scanning;
  readonly #prices: Prices;
  readonly #cache = new CacheCounts();
  readonly #leadsSinceEpochMs = Date.now();
  readonly #notices: LimitNotices;
  readonly #repricing: Repricing;
  readonly #imports: Imports;
  readonly #monthFiles: MonthFiles;
  readonly #upkeep: Upkeep;
  readonly #metrics: Metrics | null;
  #settings: EngineSettings;
  #rebuilding: Promise<Rebuilt> | null = null;
  #stopped = false;

  static async open(options: LeaderOptions): Promise<Leader> {
    const { storageFolder, wasmPath } = options.start;
    let leader: Leader | null = null;
    const ledger = await Ledger.open({
      folder: storageFolder === null ? null : ledgerFolderOf(storageFolder),
      wasmPath,
      warmDays,
      maxOpenMonths: options.start.settings.openMonths,
      beforeWrite: () => options.lease?.check(),
      // What a damaged file has lost is still in the transcripts, for as long as they exist.
      onRecovery: () => leader?.rescan(),
      log: options.log,
      now: Date.now,
    });
    const latest =
      storageFolder === null ? null : new LatestFiles(storageFolder, () => options.lease?.check());
    // Records that an import was reading when its process was killed: they are read again with the next one.
    if (storageFolder !== null) await new ImportSpool(importFolderOf(storageFolder)).empty();
    return (leader = new Leader(options, ledger, latest, (await latest?.generation()) ?? 0));
  }

  private constructor(
    options: LeaderOptions,
    ledger: Ledger,
    latest: LatestFiles | null,
    generation: number,
  ) {
    const { settings, storageFolder } = options.start;
    this.#options = options;
    this.#settings = settings;
    this.#ledger = ledger;
    // The cube is asked for anew each time: after a recovery it is another one.
    this.#rollups = {
      months: () => ledger.months(),
      forEach: (from, to, visit) => ledger.cube().forEach(from, to - 1, visit),
    };
    this.#prices = new Prices(settings, (cards) => options.tell('rateCards', cards));
    this.#writePath = new WritePath({
      ledger,
      prices: this.#prices,
      figures: () => this.#figures,
      storageFolder,
      latest,
      lease: options.lease,
      onSave: () => this.#repricing.note(),
      log: options.log,
    });
    const { checkpoints } = this.#writePath;
    this.#scanning = new Scanning({
      start: options.start,
      ledger,
      writePath: this.#writePath,
      figures: () => this.#figures,
      healthNow: () => this.#healthNow(),
      fold: (records) => this.#writePath.fold(records),
      onSwept: () => void this.#repricing.start(),
      isStopped: () => this.#stopped,
      tell: options.tell,
      log: options.log,
    });
    this.#repricing = new Repricing({
      ledger,
      cardsBetween: (...stretch) => this.#prices.cards.cardsBetween(...stretch),
      costMode: () => this.#prices.costMode,
      priceOf: (record) => this.#prices.price(record).price,
      onChange: (quarters) => {
        this.#figures.changed(quarters);
        this.#figures.tellSoon();
      },
      onDone: (repriced) => {
        options.log('info', 'messages of the past have new prices', {
          ...repriced,
          models: repriced.models.join(', '),
        });
        options.tell('repriced', repriced);
      },
      save: () => checkpoints.now(),
      log: options.log,
    });
    if (ledger.health().recoveries.length > 0) this.#repricing.distrust();
    this.#notices = new LimitNotices({
      store: ledger,
      stateOf: (limit, from) => this.#figures.limit(limit, from),
      onMute: () => this.#figures.tellNow(),
      // What cannot be saved has been logged, is tried again, and is no reason to keep a warning from people.
      save: () => checkpoints.now().catch(() => checkpoints.schedule()),
    });
    this.#figures = new Figures({
      rollups: this.#rollups,
      ledger,
      limits: settings.limits,
      isMuted: (limit, from) => this.#notices.isMuted(limit, from),
      timeZone: settings.timeZone,
      generation,
      cache: this.#cache,
      health: () => this.#healthNow(),
      tell: (snapshot) => {
        options.tell('snapshot', snapshot);
        this.#prices.tellCards();
      },
    });
    this.#answers = new Answers({
      ledger,
      rollups: this.#rollups,
      builder: this.#figures.builder,
      roots: () => this.#scanning.roots,
      limits: () => this.#figures.last.limits ?? [],
    });
    this.#monthFiles = new MonthFiles({
      ledger,
      wasmPath: options.start.wasmPath,
      fold: (records) => this.#writePath.fold(records),
      changed: (quarters) => this.#figures.changed(quarters),
      onRestore: (month) => {
        this.#repricing.distrust([month]);
        void this.#repricing.start();
      },
      save: () => this.#writePath.saveAndTell(),
      log: options.log,
    });
    this.#upkeep = new Upkeep({
      ledger,
      messageDetailMonths: () => this.#settings.messageDetailMonths,
      tidy: () => this.#answers.tidy(),
      log: options.log,
    });
    this.#imports = new Imports(() => ({
      ledger,
      fold: (records) => this.#writePath.fold(records),
      save: () => this.#writePath.saveAndTell(),
      civil: this.#figures.builder.civil,
      user: this.#settings.user,
      host: options.start.hostName,
      spoolFolder: storageFolder === null ? null : importFolderOf(storageFolder),
      onProgress: (progress) => options.tell('importProgress', progress),
      log: options.log,
    }));
    if (ledger.health().recoveries.length > 0) forgetImportPlaces(ledger);
    this.#metrics =
      storageFolder === null
        ? null
        : new Metrics({
            storageFolder,
            health: () => this.#engineHealth(),
            snapshot: () => this.#figures.current(),
            askSnapshot: () => this.#askSnapshot(),
            bytesRead: () => this.#scanning.health.bytesRead,
            onRun: (listener) => this.#scanning.health.onRun(listener),
            log: options.log,
          });
    const { nextMessages, closeMessages, ...questions } = this.#answers.calls;
    this.calls = {
      ...this.#cache.countingMade(questions),
      nextMessages,
      closeMessages,
      ...this.#writePath.calls,
      ...this.#scanning.calls,
      ...this.#figures.calls,
      ...this.#notices.calls,
      ...this.#imports.calls,
      ...this.#monthFiles.calls,
      ...this.#ownCalls,
    };
  }

  readonly calls: Role['calls'];

  readonly #ownCalls: Omit<
    Role['calls'],
    keyof (Answers['calls'] &
      WritePath['calls'] &
      Scanning['calls'] &
      Figures['calls'] &
      LimitNotices['calls'] &
      Imports['calls'] &
      MonthFiles['calls'])
  > = {
    snapshot: () => this.#askSnapshot(),
    refresh: async () => {
      await this.#scanning.lookNow();
      // Even where no figure has changed, whoever asked wants to see that it was looked.
      this.#figures.tellNow();
      return this.#figures.last;
    },
    rateCards: () => {
      this.#cache.count(true);
      return this.rateCards;
    },
    configure: (settings) => {
      this.#configure(settings);
      return null;
    },
    health: () => this.#engineHealth(),
    rebuild: () => {
      this.#rebuilding ??= this.#rebuild().finally(() => (this.#rebuilding = null));
      return this.#rebuilding;
    },
  };

  #askSnapshot(): Snapshot {
    const { last } = this.#figures;
    const current = this.#figures.current();
    this.#cache.count(current === last);
    return current;
  }

  #rebuild(): Promise<Rebuilt> {
    return rebuild({
      ledger: this.#ledger,
      onRecount: () => this.#figures.forget(),
      sweepAnew: () => this.#scanning.readAnew(),
      repriceAll: () => {
        this.#repricing.distrust();
        return this.#repricing.start();
      },
      save: () => this.#writePath.checkpoints.now(),
      messages: () => {
        this.#figures.tellNow();
        return this.#figures.last.periods.allTime.total.messages;
      },
      isStopped: () => this.#stopped,
      log: this.#options.log,
    });
  }

  #engineHealth(): EngineHealth {
    return engineHealth({
      scan: this.#healthNow(),
      keeper: this.#scanning.health,
      aggregator: this.#scanning.aggregator,
      cache: this.#cache,
      openStreams: this.#answers.openStreams,
      lookout: this.#scanning.lookout,
      ledger: this.#ledger,
      lastCheckpointEpochMs: this.#writePath.checkpoints.lastEpochMs,
      lease: this.#options.lease,
      leadsSinceEpochMs: this.#leadsSinceEpochMs,
      snapshotRing: this.#figures.ring.size,
      metrics: this.#metrics?.health ?? null,
    });
  }

  /** The rate cards made so far. */
  get rateCards(): readonly RateCard[] {
    return this.#prices.cards.known();
  }

  /** The figures as last told. */
  get snapshot(): Snapshot {
    return this.#figures.last;
  }

  /** Tells what the ledger holds already, and starts to look for more. */
  begin(): void {
    this.#options.tell('snapshot', this.#figures.last);
    if (!this.#options.start.background) return;
    setImmediate(() => {
      this.#prices.cards.preload(Date.now());
      this.#prices.tellCards();
    });
    this.#scanning.begin();
    this.#upkeep.start();
    void this.#metrics?.setPort(this.#settings.metricsPort);
  }

  /** Whether anybody looks at that window counts no more. */
  windowGone(windowId: string): void {
    this.#scanning.windowGone(windowId);
  }

  private rescan(): void {
    forgetImportPlaces(this.#ledger);
    this.#figures.forget();
    this.#repricing.distrust();
    this.#scanning.lookSoon();
  }

  /** Resolves when the past has the prices of now: by itself that follows a sweep in the background. */
  priceAnew(): Promise<void> {
    return this.#repricing.start();
  }

  /** Every way in which sums and messages disagree; see `Ledger.verify`. */
  verify(): string[] {
    return this.#ledger.verify();
  }

  /** Saves and ends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#metrics?.close();
    await this.#upkeep.stop();
    this.#figures.stop();
    await this.#scanning.stop();
    await this.#imports.stop();
    await this.#answers.close();
    await this.#repricing.stop();
    try {
      await this.#writePath.stop();
    } finally {
      await this.#ledger.close();
    }
  }

  /** Ends without writing anything: the ledger is somebody else's now. */
  abandon(): void {
    this.#stopped = true;
    void this.#metrics?.close();
    void this.#upkeep.stop();
    this.#figures.stop();
    void this.#scanning.stop();
    void this.#imports.stop();
    void this.#repricing.stop();
    void this.#writePath.checkpoints.stop();
    void this.#answers.close().finally(() => this.#ledger.close());
  }

  #healthNow(): Snapshot['scan'] {
    const health = this.#scanning.health.health(this.#rollups.months().length > 0);
    const { error } = this.#writePath.checkpoints;
    return error === null ? health : { ...health, state: 'failing', ...errorParts(error) };
  }

  #configure(settings: EngineSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#figures.configure(settings.timeZone, settings.limits);
    this.#ledger.maxOpenMonths = settings.openMonths;
    if (before.messageDetailMonths !== settings.messageDetailMonths) void this.#upkeep.run();
    void this.#metrics?.setPort(settings.metricsPort);
    if (this.#prices.configure(settings)) {
      this.#repricing.pricesChanged();
      void this.#repricing.start();
    }
    this.#scanning.configure(settings);
    this.#figures.tellNow();
  }
}
