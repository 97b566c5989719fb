import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { ScanProgress } from '../model/snapshot';
import type { CostState, UsageRecord } from '../model/usageRecord';
import { isTranscript, type Root, type TranscriptFile } from '../sources/claude/locate';
import { type FileCursor, isUnchanged, type ReadStats, readTranscript } from '../sources/claude/tail';
import type { SweepScope } from './aggregator';
import { Copies } from './copies';
import type { Lookout } from './lookout';
import { decodeRecords, recordCount } from './recordColumns';
import type { ScannedBatch } from './scanBatch';
import { noCounts, type ScanHealthKeeper, type SweepCounts } from './scanHealth';
import { ScanPool } from './scanPool';

/** Records are folded in lots of about this many, so that questions never wait long. */
const recordsPerFold = 100;
/** After so much folding, whoever waits has a turn. */
const sliceMs = 1;
/** More than that is read by several threads: below, starting them would take longer. */
const pooledBytes = 8 << 20;
/** How long a scan has to run before it is told how long it will take. */
const estimateAfterMs = 250;

/** What a sweep needs of the ledger. */
export interface SweepLedger {
  cursor(path: string): FileCursor | undefined;
  cursorPaths(): Iterable<string>;
  /** Takes records, and with them where their files have been read to. */
  fold(
    records: readonly UsageRecord[],
    costStates: readonly CostState[],
    cursors: readonly FileCursor[],
  ): void;
  dropCursors(paths: readonly string[]): void;
}

export interface SweepOptions {
  readonly roots: readonly Root[];
  readonly lookout: Pick<Lookout, 'list'>;
  readonly ledger: SweepLedger;
  readonly user: string;
  readonly host: string;
  readonly health: ScanHealthKeeper;
  readonly log: Log;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Asked again and again: true ends the sweep where it is. */
  readonly isStopped: () => boolean;
  /** The program of the threads that read when there is much to read; null reads everything here. */
  readonly scannerPath: string | null;
  /** Called between lots while there is much to read: saves what has been read if it is time to. */
  readonly saveIfDue: (doneShare: number) => Promise<void>;
}

export interface SweepResult {
  readonly counts: SweepCounts;
  readonly changed: boolean;
  /** It was stopped before it had read everything. */
  readonly stopped: boolean;
}

/** Reads what is new in the transcripts that `scope` names, newest files first, and folds it. */
export async function sweepTranscripts(scope: SweepScope, options: SweepOptions): Promise<SweepResult> {
  const counts = noCounts();
  const files = scope === 'everything' ? await listEverything(options) : await look(scope, options.roots);
  counts.filesSeen = files.length;
  const changed = files.filter((file) => {
    const cursor = options.ledger.cursor(file.path);
    return cursor === undefined || !isUnchanged(file, cursor);
  });
  counts.filesSkipped = files.length - changed.length;
  // Today's cost is what people look at first.
  changed.sort((a, b) => b.mtimeMs - a.mtimeMs);
  const stopped = !(await new Reading(options, counts, changed).read());
  return { counts, changed: counts.filesRead > 0, stopped };
}

async function listEverything({
  roots,
  lookout,
  ledger,
  log,
}: SweepOptions): Promise<readonly TranscriptFile[]> {
  const { files, problems, samePaths } = await lookout.list(roots);
  for (const { path, message } of problems)
    log('warn', 'a folder or file cannot be looked at', { path, error: message });
  if (samePaths) return files;
  // Cursors of files that Claude Code has deleted are of no more use; a root that is merely away keeps its own.
  const present = new Set(files.map(({ path }) => path));
  const rootsThere = roots.filter(({ exists }) => exists).map(({ path }) => path + sep);
  const troubled = problems.length > 0;
  const gone = [...ledger.cursorPaths()].filter(
    (path) => !troubled && !present.has(path) && rootsThere.some((root) => path.startsWith(root)),
  );
  if (gone.length > 0) ledger.dropCursors(gone);
  return files;
}

/** The files at paths that were named by events. */
async function look(paths: readonly string[], roots: readonly Root[]): Promise<TranscriptFile[]> {
  const files: TranscriptFile[] = [];
  for (const path of paths) {
    const root = roots.find((each) => path.startsWith(each.path + sep));
    if (root === undefined || !isTranscript(path)) continue;
    try {
      const { size, mtimeMs, dev, ino } = await stat(path);
      files.push({ path, root: root.path, size, mtimeMs, dev, ino });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        throw new LedgerError(reasonOfSystemError(error), String(error), { cause: error });
    }
  }
  return files;
}

/** Reads files and folds what they hold. */
class Reading {
  readonly #options: SweepOptions;
  readonly #counts: SweepCounts;
  readonly #files: readonly TranscriptFile[];
  readonly #cursors: readonly (FileCursor | null)[];
  /** What there was to read of each file. */
  readonly #bytes: readonly number[];
  readonly #bytesTotal: number;
  readonly #began = performance.now();
  readonly #done = new Set<number>();
  #bytesDone = 0;
  #sliceBegan = performance.now();

  constructor(options: SweepOptions, counts: SweepCounts, files: readonly TranscriptFile[]) {
    this.#options = options;
    this.#counts = counts;
    this.#files = files;
    this.#cursors = files.map(({ path }) => options.ledger.cursor(path) ?? null);
    this.#bytes = files.map(({ size }, index) =>
      Math.max(0, size - (this.#cursors[index]?.state.offset ?? 0)),
    );
    this.#bytesTotal = this.#bytes.reduce((sum, each) => sum + each, 0);
  }

  /** False: it was stopped before the end. */
  async read(): Promise<boolean> {
    const { isStopped, scannerPath } = this.#options;
    if (scannerPath !== null && this.#bytesTotal > pooledBytes) await this.#readWithThreads(scannerPath);
    for (const [index, file] of this.#files.entries()) {
      if (isStopped()) return false;
      // Threads that could not be started, or have died, leave files behind.
      if (!this.#done.has(index)) await this.#readHere(file, index);
    }
    return true;
  }

  async #readWithThreads(scannerPath: string): Promise<void> {
    const { user, host, log, isStopped } = this.#options;
    const pool = new ScanPool({
      scannerPath,
      user,
      host,
      log,
      isStopped,
      take: (batch) => this.#takeBatch(batch),
    });
    await pool.read(
      this.#files.map(({ path, root }) => ({ path, root })),
      this.#cursors,
    );
  }

  async #takeBatch({ columns, files }: ScannedBatch): Promise<void> {
    for (let at = 0; at < recordCount(columns); at += recordsPerFold)
      await this.#fold(decodeRecords(columns, at, at + recordsPerFold));
    this.#options.ledger.fold([], columns.costStates, []);
    for (const { index, cursor, stats, error } of files) {
      const file = this.#files[index]!;
      if (stats === null) this.#failed(file, index, error?.message ?? '');
      else this.#finished(file, index, cursor, stats);
    }
    await this.#options.saveIfDue(this.#bytesDone / this.#bytesTotal);
  }

  async #readHere(file: TranscriptFile, index: number): Promise<void> {
    const { user, host, ledger } = this.#options;
    try {
      const { cursor, stats } = await readTranscript(
        file,
        this.#cursors[index] ?? null,
        async (records, costStates) => {
          const copies = new Copies();
          for (const record of records) copies.add(record);
          const left = copies.take();
          for (let at = 0; at < left.length; at += recordsPerFold)
            await this.#fold(left.slice(at, at + recordsPerFold));
          ledger.fold([], costStates, []);
        },
        { user, host },
      );
      this.#finished(file, index, cursor, stats);
    } catch (error) {
      // One file's trouble is no other's. Its cursor stays, so the next sweep tries again.
      if (!LedgerError.is(error)) throw error;
      this.#failed(file, index, error.message);
    }
  }

  async #fold(records: readonly UsageRecord[]): Promise<void> {
    this.#options.ledger.fold(records, [], []);
    if (performance.now() - this.#sliceBegan < sliceMs) return;
    await nextTurn();
    this.#sliceBegan = performance.now();
  }

  /** Only now that all its records are folded does the cursor say so. */
  #finished(file: TranscriptFile, index: number, cursor: FileCursor | null, stats: ReadStats): void {
    const { ledger, health, log } = this.#options;
    if (stats.outcome === 'truncated' || stats.outcome === 'replaced')
      log('info', 'a transcript was rewritten and is read again', { path: file.path, how: stats.outcome });
    this.#counts.filesRead++;
    this.#counts.bytesRead += stats.bytes;
    this.#counts.linesRead += stats.lines;
    for (const { offset, reason } of stats.bad) {
      health.badLine({ path: file.path, offset, reason });
      log('debug', 'a line cannot be counted', { path: file.path, offset, reason });
    }
    if (cursor !== null) ledger.fold([], [], [cursor]);
    this.#progress(index);
  }

  #failed(file: TranscriptFile, index: number, message: string): void {
    this.#counts.fileErrors++;
    this.#options.log('warn', 'a transcript cannot be read', { path: file.path, error: message });
    this.#progress(index);
  }

  #progress(index: number): void {
    this.#done.add(index);
    this.#bytesDone += this.#bytes[index] ?? 0;
    const elapsedMs = performance.now() - this.#began;
    const { length } = this.#files;
    const left = this.#bytesTotal - this.#bytesDone;
    this.#options.onProgress({
      filesTotal: length,
      filesDone: this.#done.size,
      bytesTotal: this.#bytesTotal,
      bytesDone: this.#bytesDone,
      remainingMs:
        elapsedMs < estimateAfterMs || this.#bytesDone === 0
          ? null
          : Math.round((elapsedMs * left) / this.#bytesDone),
    });
  }
}
