import { join } from 'node:path';
import { errorCode } from '../model/errors';
import type { JournalFileSystem } from './fileSystem';
import { encodeHeader, encodeTrailer, segmentFileName } from './journalFormat';
import type { WindowIdentity } from './windowIdentity';

/** Encoded records: whole lines. */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly records: number;
}

/**
 * Lets one through at a time. All syncs of a window pass one gate: they are slow, and four of them at once would take
 * all threads of the pool and leave none for the appends that must be done within 50 ms.
 */
export class Gate {
  #last: Promise<unknown> = Promise.resolve();

  pass<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** The segment's name no longer leads to the file that was written: removed, or replaced by something else. */
export class SegmentGone extends Error {
  readonly code = 'ESTALE';
}

class ShortWrite extends Error {
  readonly code = 'ENOSPC';
}

const probeBytes = 64 << 10;

/**
 * One file of a journal while it is being written. A failed append leaves it as it was before, or *spoilt*: then it
 * takes no more, and what it may lack is written to another segment. What it holds stays in memory until it is
 * closed, so that it can be written again if the file is taken away.
 */
export class JournalSegment {
  readonly path: string;
  readonly folder: string;
  records = 0;
  /** Bytes known to be whole lines. */
  bytes = 0;
  spoilt = false;
  readonly #fileSystem: JournalFileSystem;
  readonly #gate: Gate;
  readonly #descriptor: number;
  /** Waits for the first batch. */
  #header: Uint8Array | null;
  #held: EncodedBatch[] = [];
  #syncedBytes = 0;
  #syncing: Promise<void> | null = null;
  #folderUnsynced = true;
  #state: 'open' | 'ending' | 'closed' = 'open';
  /** Operations on the descriptor that are under way: it is not closed, and its number not given away, before they end. */
  #underWay = new Set<Promise<unknown>>();

  private constructor(
    fileSystem: JournalFileSystem,
    gate: Gate,
    folder: string,
    path: string,
    descriptor: number,
    header: string,
  ) {
    this.#fileSystem = fileSystem;
    this.#gate = gate;
    this.folder = folder;
    this.path = path;
    this.#descriptor = descriptor;
    this.#header = Buffer.from(header);
  }

  /** Creates the file, and the folder if need be; the header is written with the first batch. */
  static async open(
    fileSystem: JournalFileSystem,
    gate: Gate,
    folder: string,
    window: WindowIdentity,
    sequence: number,
  ): Promise<JournalSegment> {
    const path = join(folder, segmentFileName(window.windowId, sequence));
    let descriptor: number;
    try {
      descriptor = await fileSystem.create(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await fileSystem.makeFolder(folder);
      descriptor = await fileSystem.create(path);
    }
    return new JournalSegment(fileSystem, gate, folder, path, descriptor, encodeHeader(window, sequence));
  }

  static openSync(
    fileSystem: JournalFileSystem,
    gate: Gate,
    folder: string,
    window: WindowIdentity,
    sequence: number,
  ): JournalSegment {
    const path = join(folder, segmentFileName(window.windowId, sequence));
    let descriptor: number;
    try {
      descriptor = fileSystem.createSync(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      fileSystem.makeFolderSync(folder);
      descriptor = fileSystem.createSync(path);
    }
    return new JournalSegment(fileSystem, gate, folder, path, descriptor, encodeHeader(window, sequence));
  }

  /** All batches in the segment: what must be written again if it is gone. */
  get held(): readonly EncodedBatch[] {
    return this.#held;
  }

  async #use<Result>(operation: Promise<Result>): Promise<Result> {
    this.#underWay.add(operation);
    try {
      return await operation;
    } finally {
      this.#underWay.delete(operation);
      if (this.#state === 'ending' && this.#underWay.size === 0) this.#closeNow();
    }
  }

  async append(batch: EncodedBatch): Promise<void> {
    try {
      const bytes = this.#withHeader(batch);
      const written = await this.#use(this.#fileSystem.write(this.#descriptor, bytes));
      if (written < bytes.length) throw new ShortWrite('line cut short');
    } catch (error) {
      // After the end there is nothing to put right: the file is no longer counted on.
      if (this.#state === 'open') await this.#cutTail();
      throw error;
    }
    // Its content was taken over while this was under way, without this batch.
    if (this.#state !== 'open') throw new SegmentGone('the segment was given up while it was written');
    this.#took(batch);
  }

  /** Finds out whether there is room for more than a line: writes empty lines, which mean nothing, and takes them back. */
  async probe(): Promise<void> {
    const blanks = Buffer.alloc(probeBytes, '\n');
    try {
      const written = await this.#use(this.#fileSystem.write(this.#descriptor, blanks));
      if (written < blanks.length) throw new ShortWrite('no room');
    } finally {
      await this.#cutTail();
    }
  }

  async #cutTail(): Promise<void> {
    try {
      await this.#use(this.#fileSystem.truncate(this.#descriptor, this.bytes));
    } catch {
      // The first error is the one to report; a torn tail is told apart by its reader.
      this.spoilt = true;
    }
  }

  appendSync(batch: EncodedBatch): void {
    try {
      const bytes = this.#withHeader(batch);
      const written = this.#fileSystem.writeSync(this.#descriptor, bytes);
      if (written < bytes.length) throw new ShortWrite('line cut short');
      this.#took(batch);
    } catch (error) {
      try {
        this.#fileSystem.truncateSync(this.#descriptor, this.bytes);
      } catch {
        this.spoilt = true;
      }
      throw error;
    }
  }

  #withHeader(batch: EncodedBatch): Uint8Array {
    return this.#header === null ? batch.bytes : Buffer.concat([this.#header, batch.bytes]);
  }

  #took(batch: EncodedBatch): void {
    this.bytes += batch.bytes.length + (this.#header?.length ?? 0);
    this.#header = null;
    this.records += batch.records;
    this.#held.push(batch);
  }

  /**
   * Resolves when everything appended so far would survive a power cut.
   * @throws {SegmentGone} when the file was taken away, else the system's error.
   */
  async sync(): Promise<void> {
    while (this.#syncedBytes < this.bytes || this.#folderUnsynced) {
      if (this.#state !== 'open') return;
      this.#syncing ??= this.#syncOnce().finally(() => (this.#syncing = null));
      await this.#syncing;
    }
    if (this.#state !== 'open') return;
    if (!(await this.#use(this.#fileSystem.isSameFile(this.#descriptor, this.path)))) {
      throw new SegmentGone('the segment was removed or replaced while it was written');
    }
  }

  #syncOnce(): Promise<void> {
    return this.#gate.pass(async () => {
      if (this.#state !== 'open') return;
      const upTo = this.bytes;
      await this.#use(this.#fileSystem.syncData(this.#descriptor));
      if (this.#folderUnsynced) {
        await this.#fileSystem.syncFolder(this.folder);
        this.#folderUnsynced = false;
      }
      this.#syncedBytes = upTo;
    });
  }

  /** The same at once, for the last moment. */
  syncSync(): void {
    this.#fileSystem.syncDataSync(this.#descriptor);
    this.#syncedBytes = this.bytes;
  }

  /** Syncs, marks the end and closes. On an error the content is still held. */
  async close(): Promise<void> {
    // An append that was under way when the segment was retired belongs to it.
    await Promise.allSettled(this.#underWay);
    if (this.records === 0) return this.#takeBack();
    await this.sync();
    if (this.#state !== 'open') return;
    await this.#writeTrailer();
    this.#held = [];
    this.abandon();
  }

  /**
   * Without it the segment counts as closed a little later: when the next one exists, or its window is gone. So it
   * need not be synced.
   */
  async #writeTrailer(): Promise<void> {
    if (this.spoilt) return;
    const trailer = Buffer.from(encodeTrailer(this.records));
    try {
      const written = await this.#use(this.#fileSystem.write(this.#descriptor, trailer));
      if (written < trailer.length) throw new ShortWrite('trailer cut short');
    } catch {
      await this.#cutTail();
    }
  }

  /** Lets the descriptor go; what is in the file stays there for the reader. */
  abandon(): void {
    if (this.#state !== 'open') return;
    this.spoilt = true;
    this.#state = 'ending';
    if (this.#underWay.size === 0) this.#closeNow();
  }

  #closeNow(): void {
    this.#state = 'closed';
    try {
      this.#fileSystem.closeSync(this.#descriptor);
    } catch {
      // Nothing depends on it: what matters was synced before, or is held and written elsewhere.
    }
  }

  /** A segment without a record leaves no file behind. */
  async #takeBack(): Promise<void> {
    this.abandon();
    try {
      await this.#fileSystem.remove(this.path);
    } catch {
      // An empty file is no harm: the engine deletes it when this window is gone.
    }
  }
}
