import type { Log } from '../model/logRecord';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import type { UsageRecord } from '../model/usageRecord';
import type { EngineStart } from '../protocol/engineApi';
import type { Ledger } from '../ledger/ledger';
import { findRoots, type Root } from '../sources/claude/locate';
import type { FileCursor } from '../sources/claude/tail';
import type { SweepScope } from './aggregator';
import type { Checkpoints } from './checkpoints';
import type { Tell } from './engine';
import type { Figures } from './figures';
import type { Journals } from './journals';
import type { Lookout } from './lookout';
import type { ScanHealthKeeper } from './scanHealth';
import { scannerPathOf } from './storage';
import { sweepTranscripts, type SweepLedger } from './sweep';

const progressPauseMs = 100;
/** Rows that a scan gathers before they go into the databases: while the next ones are read, and not all at the end. */
const pendingRowsDuringScan = 25_000;

export interface TranscriptsOptions {
  readonly start: EngineStart;
  readonly ledger: Ledger;
  readonly health: ScanHealthKeeper;
  readonly healthNow: () => Snapshot['scan'];
  readonly lookout: Lookout;
  readonly checkpoints: Checkpoints;
  readonly journals: Journals | null;
  readonly figures: () => Figures;
  readonly fold: (records: readonly UsageRecord[]) => void;
  /** Something is in memory, or in a journal, that belongs into the ledger's files. */
  readonly unsaved: () => boolean;
  /** The leader ends, or has lost the ledger. */
  readonly isStopped: () => boolean;
  readonly tell: Tell;
  readonly log: Log;
}

/** What the leader reads: where transcripts lie, and one sweep of them after the other. */
export class Transcripts {
  readonly #options: TranscriptsOptions;
  #roots: readonly Root[] = [];
  #user: string;
  #extraRoots: readonly string[];
  #lastProgressMs = -Infinity;
  #cancelled = false;
  /** The next sweep of everything is to read every file from its beginning. */
  #anew = false;

  constructor(options: TranscriptsOptions) {
    const { settings } = options.start;
    this.#options = options;
    this.#user = settings.user;
    this.#extraRoots = settings.extraRoots;
    for (const cursor of options.ledger.cursors().values())
      options.health.badLines += badLinesOf(cursor as FileCursor);
    this.#findRoots();
  }

  get roots(): readonly Root[] {
    return this.#roots;
  }

  /** True: it looks elsewhere from now on. */
  configure(user: string, extraRoots: readonly string[]): boolean {
    this.#user = user;
    if (JSON.stringify(extraRoots) === JSON.stringify(this.#extraRoots)) return false;
    this.#extraRoots = extraRoots;
    this.#findRoots();
    return true;
  }

  /** The sweep under way ends early; what it has not read is read by the next. */
  cancel(): void {
    this.#cancelled = true;
  }

  readAnew(): void {
    this.#anew = true;
  }

  async sweep(scope: SweepScope): Promise<boolean> {
    const { start, ledger, health, healthNow, lookout, checkpoints, log } = this.#options;
    const figures = this.#options.figures();
    if (scope === 'everything') {
      this.#findRoots();
      if (this.#anew) this.#forgetWhereFilesWereLeft();
    }
    health.began(Date.now(), scope === 'everything' ? 'everything' : 'files');
    const first = !health.complete;
    const beganMs = performance.now();
    this.#cancelled = false;
    if (first) figures.tellNow();
    else figures.scanBegins();
    try {
      if (scope === 'everything') await this.#options.journals?.fold();
      const { counts, changed, stopped } = await sweepTranscripts(scope, {
        roots: this.#roots,
        lookout,
        ledger: this.#sweepLedger,
        user: this.#user,
        host: start.hostName,
        health,
        log,
        onProgress: (progress) => this.#tellProgress(progress),
        isStopped: () => this.#options.isStopped() || this.#cancelled,
        scannerPath: scannerPathOf(start),
        saveIfDue: (doneShare) => this.#saveDuringScan(beganMs, doneShare),
      });
      if (this.#options.isStopped()) return changed;
      const { durationMs } = health.finished(Date.now(), counts, !stopped);
      if (first && scope === 'everything' && !stopped) ledger.putMeta('scanComplete', 'yes');
      log('info', 'swept', { ...counts, ms: Math.round(durationMs * 10) / 10 });
      if (changed || first || figures.last.scan.state !== healthNow().state) figures.tellNow();
      if (first) await checkpoints.now();
      else if (this.#options.unsaved()) checkpoints.schedule();
      return changed;
    } catch (error) {
      health.failed(Date.now(), error);
      figures.tellNow();
      throw error;
    } finally {
      this.#options.tell('progress', null);
    }
  }

  readonly #sweepLedger: SweepLedger = {
    cursor: (path) => this.#cursor(path),
    cursorPaths: () => this.#options.ledger.cursors().keys(),
    fold: (records, costStates, cursors) => {
      const { ledger, health, fold } = this.#options;
      // Counted first, since a fold may tell new figures. The cursors themselves go in after their records.
      for (const cursor of cursors) {
        const before = this.#cursor(cursor.path);
        health.badLines += badLinesOf(cursor) - (before === undefined ? 0 : badLinesOf(before));
      }
      fold(records);
      ledger.foldCostStates(costStates);
      for (const cursor of cursors) ledger.putCursor(cursor.path, cursor);
    },
    dropCursors: (paths) => this.#options.ledger.dropCursors(paths),
  };

  #cursor(path: string): FileCursor | undefined {
    return this.#options.ledger.cursor(path) as FileCursor | undefined;
  }

  /** A scan that is interrupted goes on from the last time that it was saved. */
  async #saveDuringScan(beganMs: number, doneShare: number): Promise<void> {
    const { ledger, checkpoints, log } = this.#options;
    try {
      if (ledger.pendingRows > pendingRowsDuringScan) await ledger.settle(doneShare);
      if (checkpoints.error === null && checkpoints.isDue(beganMs)) await checkpoints.now();
    } catch (error) {
      // The scan itself goes on: what it folds is safe in memory, and is saved when it can be.
      log('warn', 'what was read could not be saved during the scan', { error: String(error) });
    }
  }

  #forgetWhereFilesWereLeft(): void {
    const { ledger, health, journals } = this.#options;
    this.#anew = false;
    ledger.dropCursors([...ledger.cursors().keys()]);
    health.badLines = 0;
    journals?.readAnew();
  }

  #tellProgress(progress: ScanProgress): void {
    if (performance.now() - this.#lastProgressMs < progressPauseMs) return;
    this.#lastProgressMs = performance.now();
    this.#options.tell('progress', progress);
  }

  #findRoots(): void {
    const { environment, onlyRoots } = this.#options.start;
    this.#roots = findRoots(environment, this.#extraRoots, onlyRoots);
    this.#options.health.roots = this.#roots;
  }
}

function badLinesOf(cursor: FileCursor): number {
  return cursor.badLines + (cursor.torn ? 1 : 0);
}
