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

  /** There are segments that can be deleted once the ledger has been saved. */
  get cuttable(): boolean {
    return [...this.#progress.values()].some(({ closed }) => closed);
  }

  /** Folds what is new in every window's journal; resolves with how many records of one window that were. */
  fold(windowId?: string): Promise<number> {
    return this.#afterOthers(() => this.#fold(windowId));
  }

  /**
   * Deletes the segments that the ledger's files hold.
   * @param areSaved tells whether every one of these records is on the disk.
   * @param beforeDelete throws when this process may not delete any more.
   */
  cut(areSaved: (records: readonly UsageRecord[]) => boolean, beforeDelete: () => void): Promise<void> {
    return this.#afterOthers(() => this.#cut(areSaved, beforeDelete));
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
    areSaved: (records: readonly UsageRecord[]) => boolean,
    beforeDelete: () => void,
  ): Promise<void> {
    for (const segment of await listSegments(this.#options.folder)) {
      if (this.#progress.get(segment.path)?.closed !== true) continue;
      const content = await this.#read(segment, 0);
      if (content === null) continue;
      if (!areSaved(content.records)) {
        this.#options.log('error', 'a journal is kept: the ledger does not hold all of it', {
          path: segment.path,
        });
        this.#progress.delete(segment.path);
        continue;
      }
      beforeDelete();
      await unlink(segment.path).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
      this.#progress.delete(segment.path);
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
