import type { SessionsAnswer } from '../model/packedSessions';
import type { Attention } from '../model/attention';
import type { UsageBlock } from '../model/block';
import type { ErrorMessage, LedgerErrorReason } from '../model/errors';
import type { EngineHealth, HistoryPoint } from '../model/health';
import type { ImportProgress, ImportReport } from '../model/importReport';
import type { Limit, LimitThreshold } from '../model/limit';
import type { LogRecord } from '../model/logRecord';
import type { UsagePatterns } from '../model/patterns';
import type { UserProfile } from '../model/profile';
import type {
  BreakdownQuery,
  BreakdownRow,
  MessageRow,
  SessionRow,
  SessionTitle,
  UsageFilter,
} from '../model/query';
import type { CivilDay, EpochMs, Month } from '../model/time';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import type { CostMode, RateCard, UserPrice } from '../model/rates';

/** What can be changed while the engine runs. */
export interface EngineSettings {
  /** IANA zone in which civil days are counted. */
  readonly timeZone: string;
  readonly costMode: CostMode;
  readonly userPrices: readonly UserPrice[];
  /** Claude config folders to read beside those found by themselves. */
  readonly extraRoots: readonly string[];
  readonly user: string;
  /** Bounds of the pause between two sweeps, in milliseconds. */
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
  /** Port of 127.0.0.1 on which the leader serves figures to other programs; 0: none. */
  readonly metricsPort: number;
  readonly limits: readonly Limit[];
  /** Messages are kept for the present month and as many before it; older ones are made sums of. 0 keeps all. */
  readonly messageDetailMonths: number;
  /** Month databases that stay open beside those of the last days. */
  readonly openMonths: number;
}

/** What an engine is started with (a worker's `workerData`). */
export interface EngineStart {
  /** Absolute folder of ledger, journal and latest.json; null keeps everything in memory. */
  readonly storageFolder: string | null;
  /** Read these Claude config folders and nothing else; null looks for them (docs/counting.md). */
  readonly onlyRoots: readonly string[] | null;
  readonly environment: {
    readonly home: string;
    readonly claudeConfigDir: string | undefined;
    readonly xdgConfigHome: string | undefined;
  };
  readonly wasmPath: string;
  readonly hostName: string;
  /** Name of this window's journal. */
  readonly windowId: string;
  /** false: no watcher and no timer; a scan runs only when asked for. */
  readonly background: boolean;
  readonly settings: EngineSettings;
}

export interface FlushResult {
  /** `ledger`: folded and on disk. `journal`: safe on disk, to be folded when a leader is reachable. */
  readonly durable: 'ledger' | 'journal';
  readonly records: number;
}

/** What pricing in retrospect has changed. */
export interface Repriced {
  /** Counted messages with another price than before. */
  readonly messages: number;
  /** What they cost together; messages without a price are left out. */
  readonly beforeNanoDollars: number;
  readonly afterNanoDollars: number;
  readonly models: readonly string[];
}

/** How a rebuild of the ledger went. */
export interface Rebuilt {
  /** Sums that were found to be wrong, and are right now; the log names them. */
  readonly differences: number;
  /** Counted messages, and months, that the ledger holds now. */
  readonly messages: number;
  readonly months: number;
}

export interface RestoreResult {
  readonly month: Month;
  /** Messages that came back from the sums. */
  readonly restored: number;
  /** Messages that were not known at all. */
  readonly added: number;
}

export interface MergeResult {
  readonly months: number;
  /** Messages that are, or would be, new here. */
  readonly added: number;
  /** Messages that are known already. */
  readonly known: number;
  readonly hosts: readonly string[];
  /** Months of which only sums are left there: taken in whole, or not at all where a part of them is known. */
  readonly sumsAdded: number;
  readonly sumsKnown: number;
  readonly sumsRefused: number;
  /** Files that could not be read. */
  readonly failures: readonly { readonly file: string; readonly reason: LedgerErrorReason }[];
}

/** Calls that host (or a following engine) may make, by name: parameters and result. */
export interface EngineCalls {
  snapshot: { params: null; result: Snapshot };
  /** Sweeps now and resolves with the figures after the sweep; joins a sweep that has not started reading yet. */
  refresh: { params: null; result: Snapshot };
  /** Ends a sweep that is under way where it is; the next one goes on from there. */
  cancelScan: { params: null; result: null };
  /**
   * Folds what the windows' journals hold, so that every figure shows it. With `save` the ledger's files are written
   * too, before this resolves; otherwise they follow soon, and the journal keeps what they lack.
   */
  flush: { params: { readonly windowId: string; readonly save: boolean }; result: FlushResult };
  breakdown: { params: BreakdownQuery; result: readonly BreakdownRow[] };
  /** Opens a stream of messages, oldest first; read it with `nextMessages`, end it with `closeMessages`. */
  openMessages: { params: UsageFilter; result: { readonly stream: number } };
  /** At most 1,000 messages; an empty list ends the stream. */
  nextMessages: { params: { readonly stream: number }; result: readonly MessageRow[] };
  closeMessages: { params: { readonly stream: number }; result: null };
  /** Sessions with usage in the filter's range, the latest first. */
  sessions: { params: UsageFilter; result: readonly SessionRow[] };
  /** The same, for those who want all of them at hand. */
  /** `since`: the token of the answer before, of which then only what has changed is told. */
  packedSessions: { params: UsageFilter & { readonly since?: string }; result: SessionsAnswer };
  /** null: the transcript has no title, or is gone. */
  sessionTitle: { params: { readonly transcriptPath: string }; result: SessionTitle | null };
  /** The 5-hour blocks that lie in the filter's range or reach into it, oldest first. */
  blocks: { params: UsageFilter; result: readonly UsageBlock[] };
  /** Regularities of the usage that the filter keeps, as figures. */
  patterns: { params: UsageFilter; result: UsagePatterns };
  /** One profile a user of the filter's range, the largest cost first. */
  profiles: { params: UsageFilter; result: readonly UserProfile[] };
  /**
   * Copies a past month's file into a folder and makes sums of its messages here; no figure changes. Fails if the file
   * exists there, or if there is nothing to archive.
   */
  archiveMonth: {
    params: { readonly month: Month; readonly folder: string };
    result: { readonly path: string };
  };
  /** Brings the messages of an archived month back; also those that this ledger never knew. */
  restoreMonth: { params: { readonly path: string }; result: RestoreResult };
  /**
   * Counts what another ledger (a folder of month files, from another machine or profile) holds, each message once. With
   * `dryRun` nothing is taken in. May be done again at any time.
   */
  mergeLedger: { params: { readonly folder: string; readonly dryRun: boolean }; result: MergeResult };
  /** Main figures of past snapshots of this leader, newest first. */
  history: {
    params: { readonly fromEpochMs: EpochMs; readonly toEpochMs: EpochMs };
    result: readonly HistoryPoint[];
  };
  health: { params: null; result: EngineHealth };
  /**
   * Asks for the right to tell the person that a limit is reached. Granted once for each threshold and period, to
   * one window of all.
   */
  claimLimitNotice: {
    params: { readonly limit: string; readonly from: CivilDay; readonly threshold: LimitThreshold };
    result: { readonly granted: boolean };
  };
  /** No more notices of this limit in the period that began on `from`. */
  muteLimit: { params: { readonly limit: string; readonly from: CivilDay }; result: null };
  /**
   * Counts everything anew: reads all transcripts and journals again, prices all messages and sums them up. What the
   * ledger holds and the transcripts no longer do is kept. Rejects with `unexpected` if sums still differ afterwards.
   */
  rebuild: { params: null; result: Rebuilt };
  /**
   * Imports the old usage files of a folder, or tells what it would import. What was cut short is gone on with when
   * asked again, and nothing counts twice. Rejects with `cancelled`, and with `busy` while another one runs.
   */
  importLegacy: { params: { readonly folder: string; readonly dryRun: boolean }; result: ImportReport };
  /** Ends the import that is under way; what it has brought in stays. */
  cancelImport: { params: null; result: null };
  /** Told by each window when it changes: what nobody looks at is looked after more rarely. */
  attention: { params: Attention; result: null };
  configure: { params: EngineSettings; result: null };
  /** The rate cards of the models seen so far, so that the host can price without the price data. */
  rateCards: { params: null; result: readonly RateCard[] };
  /** Checkpoints, hands over the lease and ends. Safe to call twice. */
  shutdown: { params: null; result: null };
}

export interface EngineEvents {
  snapshot: Snapshot;
  /** null: the scan has ended. */
  progress: ScanProgress | null;
  rateCards: readonly RateCard[];
  /** Of an import, in whichever window it was asked for. */
  importProgress: ImportProgress;
  /** Prices have changed, and with them what messages of the past cost. */
  repriced: Repriced;
  log: LogRecord;
  /** The ledger cannot be used just now (the engine keeps trying); the next snapshot says that it can again. */
  unavailable: ErrorMessage;
}
