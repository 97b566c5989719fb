import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { errorCode, LedgerError, reasonOfSystemError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { ScanProgress } from '../model/snapshot';
import type { CostState, UsageRecord } from '../model/usageRecord';
import { isTranscript, listTranscripts, type Root, type TranscriptFile } from '../sources/claude/locate';
import { type FileCursor, isUnchanged, readTranscript } from '../sources/claude/tail';
import type { SweepScope } from './aggregator';
import { noCounts, type ScanHealthKeeper, type SweepCounts } from './scanHealth';

/** Records are folded in lots of about this many: a transaction costs the same for one as for thousands. */
const recordsPerFold = 4_000;

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
  readonly ledger: SweepLedger;
  readonly user: string;
  readonly host: string;
  readonly health: ScanHealthKeeper;
  readonly log: Log;
  readonly onProgress: (progress: ScanProgress) => void;
  readonly isStopped: () => boolean;
}

export interface SweepResult {
  readonly counts: SweepCounts;
  readonly changed: boolean;
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
  await new Reading(options, counts).read(changed);
  return { counts, changed: counts.filesRead > 0 };
}

async function listEverything({ roots, ledger, log }: SweepOptions): Promise<readonly TranscriptFile[]> {
  const { files, problems } = await listTranscripts(roots);
  for (const { path, message } of problems)
    log('warn', 'a folder or file cannot be looked at', { path, error: message });
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

class Reading {
  readonly #options: SweepOptions;
  readonly #counts: SweepCounts;
  #records: UsageRecord[] = [];
  #costStates: CostState[] = [];
  #cursors: FileCursor[] = [];

  constructor(options: SweepOptions, counts: SweepCounts) {
    this.#options = options;
    this.#counts = counts;
  }

  async read(files: readonly TranscriptFile[]): Promise<void> {
    const { ledger, isStopped, onProgress } = this.#options;
    const left = (file: TranscriptFile): number =>
      Math.max(0, file.size - (ledger.cursor(file.path)?.state.offset ?? 0));
    const bytes = files.map(left);
    const bytesTotal = bytes.reduce((sum, each) => sum + each, 0);
    let bytesDone = 0;
    for (const [index, file] of files.entries()) {
      if (isStopped()) break;
      await this.#readFile(file);
      bytesDone += bytes[index] ?? 0;
      onProgress({ filesTotal: files.length, filesDone: index + 1, bytesTotal, bytesDone });
    }
    this.#fold();
  }

  async #readFile(file: TranscriptFile): Promise<void> {
    const { ledger, user, host, health, log } = this.#options;
    const before = ledger.cursor(file.path) ?? null;
    try {
      const { cursor, stats } = await readTranscript(
        file,
        before,
        (records, costStates) => this.#take(records, costStates),
        { user, host },
      );
      if (stats.outcome === 'truncated' || stats.outcome === 'replaced') {
        log('info', 'a transcript was rewritten and is read again', { path: file.path, how: stats.outcome });
      }
      this.#counts.filesRead++;
      this.#counts.bytesRead += stats.bytes;
      this.#counts.linesRead += stats.lines;
      for (const { offset, reason } of stats.bad) {
        health.badLine({ path: file.path, offset, reason });
        log('debug', 'a line cannot be counted', { path: file.path, offset, reason });
      }
      if (cursor !== null) this.#cursors.push(cursor);
      if (this.#records.length >= recordsPerFold) this.#fold();
    } catch (error) {
      // One file's trouble is no other's. Its cursor stays, so the next sweep tries again.
      if (!LedgerError.is(error)) throw error;
      this.#counts.fileErrors++;
      log('warn', 'a transcript cannot be read', { path: file.path, error: error.message });
    }
  }

  #take(records: readonly UsageRecord[], costStates: readonly CostState[]): void {
    for (const record of records) this.#records.push(record);
    for (const state of costStates) this.#costStates.push(state);
    // Within a file too: a file may be of any size. Its cursor follows when it has been read.
    if (this.#records.length >= recordsPerFold) this.#fold();
  }

  #fold(): void {
    if (this.#records.length + this.#costStates.length + this.#cursors.length === 0) return;
    this.#options.ledger.fold(this.#records, this.#costStates, this.#cursors);
    this.#records = [];
    this.#costStates = [];
    this.#cursors = [];
  }
}
