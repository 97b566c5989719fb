import type { ActiveBlock } from './block';
import type { LedgerErrorReason } from './errors';
import type { LimitState } from './limit';
import type { Measures } from './measures';
import type { CivilDay, EpochMs } from './time';

/** Sums under one name, such as a model or a project. */
export interface NamedMeasures {
  readonly name: string;
  readonly total: Measures;
}

/** Sums of a run of civil days, the names inside it ordered by cost, then tokens, largest first. */
export interface PeriodMeasures {
  readonly from: CivilDay;
  /** Inclusive. */
  readonly to: CivilDay;
  readonly total: Measures;
  readonly byModel: readonly NamedMeasures[];
  readonly byProject: readonly NamedMeasures[];
}

export const periodNames = ['today', 'yesterday', 'last7Days', 'last30Days', 'month', 'allTime'] as const;
export type PeriodName = (typeof periodNames)[number];

/** One day with the share of each model, for the daily bars. */
export interface DayMeasures {
  readonly day: CivilDay;
  readonly total: Measures;
  readonly byModel: readonly NamedMeasures[];
}

export type ScanState =
  /** Nothing was ever scanned and nothing was found. */
  | 'empty'
  /** A scan is running; the figures may be incomplete if none has finished before. */
  | 'scanning'
  | 'ready'
  /** The last run failed; figures are those of the last good one. */
  | 'failing';

/** How the reading of transcripts goes: everything a person needs to trust or doubt the figures. */
export interface ScanHealth {
  readonly state: ScanState;
  /** True once a complete scan has finished in this ledger's life. */
  readonly complete: boolean;
  /** Folders that are looked in, and whether each is there. */
  readonly roots: readonly { readonly path: string; readonly exists: boolean }[];
  readonly runs: number;
  readonly failures: number;
  /** Since the last run that did not fail. Absent in snapshots of older versions. */
  readonly consecutiveFailures?: number;
  readonly lastStartedEpochMs: EpochMs | null;
  readonly lastFinishedEpochMs: EpochMs | null;
  readonly lastDurationMs: number;
  /** Of the last run. */
  readonly filesSeen: number;
  readonly filesRead: number;
  readonly filesSkipped: number;
  readonly bytesRead: number;
  readonly linesRead: number;
  /** Lines that could not be counted, over all files now known. */
  readonly badLines: number;
  /** A few of them, newest last. */
  readonly badLineExamples: readonly {
    readonly path: string;
    readonly offset: number;
    readonly reason: string;
  }[];
  readonly lastError: string | null;
  /** Absent in snapshots of older versions. */
  readonly lastErrorReason?: LedgerErrorReason;
  readonly watcher: 'events' | 'polling' | 'off';
  /** This window leads (scans) or follows another one. */
  readonly role: 'leader' | 'follower';
}

/** While a scan runs. */
export interface ScanProgress {
  readonly filesTotal: number;
  readonly filesDone: number;
  readonly bytesTotal: number;
  readonly bytesDone: number;
  /** An estimate; null while there is nothing to go by. */
  readonly remainingMs: number | null;
}

/** Everything the ticker and the panel's first view show: one consistent set of figures. */
export interface Snapshot {
  readonly format: 1;
  /** Grows with every snapshot of one ledger. */
  readonly generation: number;
  readonly takenEpochMs: EpochMs;
  /** IANA name of the zone that the civil days are in. */
  readonly timeZone: string;
  /** When "today" is over. Absent in snapshots of older versions. */
  readonly todayEndsEpochMs?: EpochMs;
  readonly periods: Readonly<Record<PeriodName, PeriodMeasures>>;
  /** The last 30 days with usage or not, oldest first. */
  readonly days: readonly DayMeasures[];
  /** Models that have no price, with their message counts over all time. */
  readonly unpricedModels: readonly { readonly model: string; readonly messages: number }[];
  /** The 5-hour block that is running; null when none is. Absent in snapshots of older versions. */
  readonly block?: ActiveBlock | null;
  /** Absent in snapshots of older versions. */
  readonly limits?: readonly LimitState[];
  readonly scan: ScanHealth;
}
