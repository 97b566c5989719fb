import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { JournalFileSystem } from './fileSystem';
import { checkOwnFolder, type JournalPlace, type PlaceName } from './journalPlaces';
import { type JournalCounts, JournalTroubles } from './journalTroubles';
import { Gate, JournalSegment, SegmentGone, type EncodedBatch } from './journalSegment';
import { Stalled, Stalls } from './stalls';
import { bringHome } from './strays';
import type { WindowIdentity } from './windowIdentity';

export interface JournalOptions {
  readonly fileSystem: JournalFileSystem;
  readonly window: WindowIdentity;
  readonly places: readonly JournalPlace[];
  readonly retryDelaysMs: readonly number[];
  /** A segment is closed once it holds this much. */
  readonly segmentBytes: number;
  /** After this long without an answer, an append in the background is given up and written at once. */
  readonly stallMs: number;
  readonly log: Log;
  readonly onEmergency: (file: string) => void;
}

/**
 * This window's journal: takes batches, retries, falls back from place to place and comes home.
 */
export class Journal {
  readonly #troubles: JournalTroubles;
  readonly #stalls: Stalls;
  readonly #options: JournalOptions;
  readonly #closing = new Set<Promise<void>>();
  /** Batches whose segment was taken away or could not be synced: written before anything else. */
  #again: EncodedBatch[] = [];
  #current: JournalSegment | null = null;
  /** Where segments are opened: an index into the places. */
  #placeIndex = 0;
  #sequence = 0;
  /** Appends, cuts and moves never overlap. */
  readonly #turn = new Gate();
  readonly #syncGate = new Gate();
  /** What an operation in the background is writing to. */
  #inUse: JournalSegment | null = null;
  #hurried = false;
  #wake: (() => void) | null = null;
  #elsewhere = false;
  /** Grows whenever an operation is given up; what it still brings forth is not used. */
  #givenUp = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#troubles = new JournalTroubles(options.log);
    this.#stalls = new Stalls(options.stallMs);
  }

  get counts(): JournalCounts {
    return this.#troubles.counts;
  }

  get place(): PlaceName {
    return this.#options.places[this.#placeIndex]!.name;
  }

  /** Some of what was written lies where the engine does not look. */
  get hasElsewhere(): boolean {
    return this.#elsewhere;
  }

  /** True when batches wait to be written a second time. */
  get owes(): boolean {
    return this.#again.length > 0;
  }

  /** An operation in the background hangs: writing goes on at once, on the caller's stack, until it has come back. */
  get stalled(): boolean {
    return this.#stalls.any;
  }

  /** From now on no retry waits: the process is about to end. */
  hurry(): void {
    this.#hurried = true;
    this.#wake?.();
  }

  /**
   * Resolves when the batch is with the operating system: the process may die, a power cut needs `sync` too.
   * @param written called at that moment, before anything else can happen to the journal.
   * @throws {LedgerError} when no place takes it.
   */
  append(batch: EncodedBatch, written: () => void): Promise<void> {
    return this.#turn.pass(async () => {
      await this.#writeOwed();
      await this.#write(batch);
      written();
    });
  }

  async #writeOwed(): Promise<void> {
    for (let batch; (batch = this.#again[0]) !== undefined;) {
      await this.#write(batch);
      this.#again.shift();
    }
  }

  async #write(batch: EncodedBatch): Promise<void> {
    const { places, retryDelaysMs } = this.#options;
    let lastError: unknown;
    for (let index = this.#placeIndex; index < places.length; index++) {
      for (let attempt = 0; ; attempt++) {
        try {
          if (this.stalled) this.#writeSync(index, batch);
          else await this.#stalls.unlessStalled(this.#writeIn(index, batch));
          return;
        } catch (error) {
          lastError = error;
          const kind = this.#troubles.failed('writing', places[index]!.name, error);
          const delayMs = retryDelaysMs[attempt];
          if (error instanceof Stalled) {
            this.#giveUp();
            continue;
          }
          if (kind === 'persistent' || delayMs === undefined || this.#hurried) break;
          this.#troubles.counts.retries++;
          await this.#sleep(delayMs);
        }
      }
      this.#troubles.movedOn(places[index + 1]?.name);
    }
    throw this.#nowhere(lastError);
  }

  async #writeIn(index: number, batch: EncodedBatch): Promise<void> {
    const segment = await this.#segmentIn(index);
    this.#inUse = segment;
    try {
      await segment.append(batch);
    } finally {
      this.#inUse = null;
    }
    this.#settled(index, segment);
  }

  #writeSync(index: number, batch: EncodedBatch): void {
    const segment = this.#segmentInSync(index);
    segment.appendSync(batch);
    this.#settled(index, segment);
  }

  /** What the current segment holds is written again, in a segment that nothing hangs on. */
  #giveUp(): void {
    this.#givenUp++;
    const segment = this.#current;
    if (segment === null) return;
    this.#current = null;
    this.#again.push(...segment.held);
    segment.abandon();
  }

  /**
   * Writes on the caller's stack, without waiting for anything that is under way and without retries.
   * @throws {LedgerError} when no place takes it.
   */
  appendSync(batch: EncodedBatch): void {
    const { places } = this.#options;
    // An append under way has its segment to itself: how much of it is good is known only afterwards.
    if (this.#current === this.#inUse) this.#retire();
    let lastError: unknown;
    for (let index = this.#placeIndex; index < places.length; index++) {
      try {
        this.#writeSync(index, batch);
        return;
      } catch (error) {
        lastError = error;
        this.#troubles.failed('writing', places[index]!.name, error);
      }
      this.#troubles.movedOn(places[index + 1]?.name);
    }
    throw this.#nowhere(lastError);
  }

  #reusable(folder: string): JournalSegment | null {
    const current = this.#current;
    if (current === null) return null;
    if (current.folder === folder && !current.spoilt && current.bytes < this.#options.segmentBytes)
      return current;
    this.#retire();
    return null;
  }

  async #segmentIn(index: number): Promise<JournalSegment> {
    const { fileSystem, places, window } = this.#options;
    const { folder, shared } = places[index]!;
    const reusable = this.#reusable(folder);
    if (reusable) return reusable;
    const givenUp = this.#givenUp;
    if (shared) {
      await fileSystem.makeFolder(folder);
      checkOwnFolder(folder, await fileSystem.status(folder));
    }
    const opened = await JournalSegment.open(fileSystem, this.#syncGate, folder, window, ++this.#sequence);
    if (givenUp !== this.#givenUp) {
      opened.abandon();
      throw new SegmentGone('the segment came too late');
    }
    // A synchronous append may have opened one meanwhile: it is closed, this one goes on.
    if (this.#current !== null) this.#retire();
    this.#current = opened;
    return opened;
  }

  #segmentInSync(index: number): JournalSegment {
    const { fileSystem, places, window } = this.#options;
    const { folder, shared } = places[index]!;
    const reusable = this.#reusable(folder);
    if (reusable) return reusable;
    if (shared) {
      fileSystem.makeFolderSync(folder);
      checkOwnFolder(folder, fileSystem.statusSync(folder));
    }
    this.#current = JournalSegment.openSync(fileSystem, this.#syncGate, folder, window, ++this.#sequence);
    return this.#current;
  }

  #settled(index: number, segment: JournalSegment): void {
    if (index > 0) this.#elsewhere = true;
    if (this.#placeIndex === index) return;
    this.#placeIndex = index;
    const { name } = this.#options.places[index]!;
    this.#options.log('warn', `usage is now written to the ${name} folder`, { file: segment.path });
    if (name === 'emergency') this.#options.onEmergency(segment.path);
  }

  #nowhere(cause: unknown): LedgerError {
    // The next attempt starts from the front again.
    this.#placeIndex = 0;
    const reason = reasonOfSystemError(cause);
    return new LedgerError(reason, 'no folder takes the usage journal; it is kept in memory', { cause });
  }

  async #sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Closes the current segment in the background; what cannot be made sure of is owed again. */
  #retire(): void {
    const segment = this.#current;
    if (segment === null) return;
    this.#current = null;
    const closing = segment
      .close()
      .catch((error: unknown) => this.#unsure(segment, error))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** A segment whose content may not be on the device is written again: a second fsync of it would prove nothing. */
  #unsure(segment: JournalSegment, error: unknown): void {
    const { places } = this.#options;
    const index = places.findIndex((place) => place.folder === segment.folder);
    this.#troubles.failed('syncing', places[index]!.name, error);
    if (this.#current === segment) this.#current = null;
    this.#again.push(...segment.held);
    segment.abandon();
    // Taken away: the same place may do. A device that cannot sync: the next one.
    if (error instanceof SegmentGone || index < this.#placeIndex) return;
    this.#troubles.movedOn(places[index + 1]?.name);
    this.#placeIndex = Math.min(index + 1, places.length - 1);
  }

  /**
   * Resolves when all that was appended before is on the device.
   * @throws {LedgerError} when it cannot be made sure anywhere; it is then still in memory, and owed.
   */
  async sync(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const segment = this.#current;
      await Promise.all(this.#closing);
      if (segment !== null && segment === this.#current) {
        try {
          await segment.sync();
        } catch (error) {
          // Closed meanwhile by somebody else's cut, which then answers for it.
          if (segment === this.#current) this.#unsure(segment, error);
        }
      }
      if (this.#again.length === 0 && this.#closing.size === 0) return;
      if (attempt > this.#options.places.length) throw this.#nowhere(this.#troubles.counts.lastError);
      await this.#turn.pass(() => this.#writeOwed());
    }
  }

  /**
   * Closes the current segment and resolves when all that was appended before is on the device, in closed segments.
   * @param cut called at the moment that parts what is before from what comes after.
   * @throws {LedgerError} as `sync` does.
   */
  async close(cut: () => void = () => undefined): Promise<void> {
    await this.#turn.pass(async () => {
      await this.#writeOwed();
      if (this.#current !== null && this.#current.records > 0) this.#retire();
      cut();
    });
    await Promise.all(this.#closing);
    for (let attempt = 0; this.#again.length > 0; attempt++) {
      if (attempt > this.#options.places.length) throw this.#nowhere(this.#troubles.counts.lastError);
      await this.#turn.pass(async () => {
        await this.#writeOwed();
        this.#retire();
      });
      await Promise.all(this.#closing);
    }
  }

  /** Everything to the device and the descriptor closed, on the caller's stack: the last resort. */
  endSync(): void {
    const segment = this.#current;
    if (segment === null) return;
    try {
      segment.syncSync();
    } catch (error) {
      this.#troubles.failed('syncing', this.place, error);
    }
    segment.abandon();
    this.#current = null;
  }

  /**
   * If writing goes elsewhere, tries the primary place, and brings home what lies in the others.
   * @returns whether the primary place works.
   */
  comeHome(): Promise<boolean> {
    return this.#turn.pass(async () => {
      const { fileSystem, places, window, log } = this.#options;
      const [home, ...others] = places;
      if (home === undefined) return true;
      if (this.#placeIndex > 0 || this.#elsewhere) {
        try {
          const segment = await this.#segmentIn(0);
          this.#inUse = segment;
          await segment.probe().finally(() => (this.#inUse = null));
          this.#settled(0, segment);
        } catch (error) {
          // Expected as long as what drove it away lasts: not counted, and no cause to fill the log.
          log('debug', 'the primary folder does not take the journal yet', { code: errorCode(error) });
          if (this.#current?.folder === home.folder) this.#retire();
          return false;
        }
        await Promise.all(this.#closing);
      }
      let left = 0;
      for (const place of others) {
        try {
          if (place.shared && (await fileSystem.status(place.folder)) !== null) {
            checkOwnFolder(place.folder, await fileSystem.status(place.folder));
          }
          const result = await bringHome(fileSystem, place, home.folder, (file) =>
            file.windowId === window.windowId ? file.path !== this.#current?.path : null,
          );
          this.#troubles.counts.broughtHome += result.moved;
          for (const error of result.errors) this.#troubles.failed('moving', place.name, error);
          left += result.errors.length;
          if (result.moved > 0)
            log('info', `usage written to the ${place.name} folder was brought home`, {
              ...result,
              errors: result.errors.length,
            });
        } catch (error) {
          this.#troubles.failed('moving', place.name, error);
          left++;
        }
      }
      this.#elsewhere = left > 0;
      return true;
    });
  }
}
