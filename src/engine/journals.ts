import { unlink } from 'node:fs/promises';
import { errorCode } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { UsageRecord } from '../model/usageRecord';
import { listSegments, readSegment, type SegmentContent, type SegmentFile } from '../writer/journalReader';

export interface JournalsOptions {
  readonly folder: string;
  readonly fold: (records: readonly UsageRecord[]) => void;
  readonly log: Log;
}

/** A closed segment that has been folded. */
interface Folded {
  readonly path: string;
  readonly records: readonly UsageRecord[];
}

/** The ledger's files are read back for about this many records at a time. */
const recordsReadBack = 50_000;

/** How far a segment has been folded. */
interface Progress {
  readonly offset: number;
  readonly closed: boolean;
}

/**
 * Brings what all windows have recorded into the ledger. A segment is deleted only when it is closed, all of it is
 * folded, and every record in it was found again in the ledger's files (law 4).
 */
export class Journals {
  readonly #options: JournalsOptions;
  readonly #progress = new Map<string, Progress>();
  #running: Promise<unknown> = Promise.resolve();
  badLines = 0;

  constructor(options: JournalsOptions) {
    this.#options = options;
  }

  /** Segments that can be deleted once the ledger has been saved. */
  get cuttable(): ReadonlySet<string> {
    return new Set([...this.#progress].filter(([, { closed }]) => closed).map(([path]) => path));
  }

  /** What is there is folded again with the next look, as if it had just come. */
  readAnew(): void {
    this.#progress.clear();
    this.badLines = 0;
  }

  /** Folds what is new in every window's journal; resolves with how many records of one window that were. */
  fold(windowId?: string): Promise<number> {
    return this.#afterOthers(() => this.#fold(windowId));
  }

  /**
   * Deletes the segments that the ledger's files hold.
   * @param cuttable those that were folded before the ledger was saved: later ones cannot be in its files.
   * @param areSaved tells whether every one of these records is on the disk.
   * @param beforeDelete throws when this process may not delete any more.
   */
  cut(
    cuttable: ReadonlySet<string>,
    areSaved: (records: readonly UsageRecord[]) => boolean,
    beforeDelete: () => void,
  ): Promise<void> {
    return this.#afterOthers(() => this.#cut(cuttable, areSaved, beforeDelete));
  }

  #afterOthers<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#running.then(work);
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #fold(windowId?: string): Promise<number> {
    const segments = await listSegments(this.#options.folder);
    this.#forgetDeleted(segments);
    let count = 0;
    for (const segment of segments) {
      const before = this.#progress.get(segment.path);
      if (before?.closed === true) continue;
      const content = await this.#read(segment, before?.offset ?? 0);
      if (content === null) continue;
      for (const { path, offset, reason } of content.badLines) {
        this.badLines++;
        this.#options.log('warn', 'a line of a journal cannot be counted', { path, offset, reason });
      }
      if (content.records.length > 0) this.#options.fold(content.records);
      if (segment.windowId === windowId) count += content.records.length;
      this.#progress.set(segment.path, { offset: content.endOffset, closed: content.closed });
    }
    return count;
  }

  async #cut(
    cuttable: ReadonlySet<string>,
    areSaved: (records: readonly UsageRecord[]) => boolean,
    beforeDelete: () => void,
  ): Promise<void> {
    let group: Folded[] = [];
    let records: UsageRecord[] = [];
    const cutGroup = async (): Promise<void> => {
      // Reading the ledger's files back costs what they hold, so it is done once for many segments.
      if (areSaved(records)) await this.#delete(group, beforeDelete);
      else await this.#cutOneByOne(group, areSaved, beforeDelete);
      group = [];
      records = [];
    };
    for (const segment of await listSegments(this.#options.folder)) {
      const folded = this.#progress.get(segment.path);
      if (!cuttable.has(segment.path) || folded?.closed !== true) continue;
      const content = await this.#read(segment, 0);
      if (content === null) continue;
      if (content.endOffset > folded.offset) {
        // An append that was overtaken (it stands in a later segment too) has come after all: the next look folds it.
        this.#progress.delete(segment.path);
        continue;
      }
      group.push({ path: segment.path, records: content.records });
      for (const record of content.records) records.push(record);
      if (records.length >= recordsReadBack) await cutGroup();
    }
    if (group.length > 0) await cutGroup();
  }

  async #cutOneByOne(
    group: readonly Folded[],
    areSaved: (records: readonly UsageRecord[]) => boolean,
    beforeDelete: () => void,
  ): Promise<void> {
    for (const segment of group) {
      if (areSaved(segment.records)) {
        await this.#delete([segment], beforeDelete);
        continue;
      }
      this.#options.log('error', 'a journal is kept: the ledger does not hold all of it', {
        path: segment.path,
      });
      // Folded anew with the next look, as if it had just come.
      this.#progress.delete(segment.path);
    }
  }

  async #delete(group: readonly Folded[], beforeDelete: () => void): Promise<void> {
    for (const { path } of group) {
      beforeDelete();
      await unlink(path).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
      this.#progress.delete(path);
    }
  }

  async #read(segment: SegmentFile, offset: number): Promise<SegmentContent | null> {
    try {
      return await readSegment(segment, offset);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  #forgetDeleted(segments: readonly SegmentFile[]): void {
    const present = new Set(segments.map(({ path }) => path));
    for (const path of [...this.#progress.keys()]) if (!present.has(path)) this.#progress.delete(path);
  }
}
