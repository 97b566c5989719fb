import type { Measures } from './measures';
import type { CivilDay, EpochMs } from './time';
import type { DimensionName, Dimensions } from './usageRecord';

/** Which usage: an inclusive range of civil days and, for any dimension, the names to keep. */
export interface UsageFilter {
  readonly from?: CivilDay;
  readonly to?: CivilDay;
  readonly only?: Readonly<Partial<Record<DimensionName, readonly string[]>>>;
  /** Sessions to keep. For messages and sessions only: the rollups know no sessions. */
  readonly sessions?: readonly string[];
}

/** `weekdayHour`: every hour of the week, over all weeks of the range. */
export type Grain = 'hour' | 'day' | 'month' | 'total' | 'weekdayHour';

export interface BreakdownQuery {
  readonly filter: UsageFilter;
  readonly grain: Grain;
  /** Dimensions to split by; none gives one row per time bucket. */
  readonly by: readonly DimensionName[];
}

export interface BreakdownRow {
  /**
   * Start of the bucket in the asked zone: `2026-11-24`, `2026-11-24T13`, `2026-11`, '' for `total`, or, for
   * `weekdayHour`, the ISO weekday and the hour: `1T13` is Monday from 13:00.
   */
  readonly bucket: string;
  readonly names: Readonly<Partial<Record<DimensionName, string>>>;
  readonly total: Measures;
}

/** One counted message, as exported. */
export interface MessageRow extends Dimensions {
  readonly id: string;
  readonly epochMs: EpochMs;
  readonly session: string;
  readonly total: Measures;
  /** false: `costNanoDollars` is unknown, not zero. */
  readonly priced: boolean;
}

/** What one session used within a filter's range. Names are ordered by cost, largest first. */
export interface SessionRow {
  readonly session: string;
  readonly source: string;
  readonly user: string;
  readonly host: string;
  readonly models: readonly string[];
  readonly projects: readonly string[];
  readonly branches: readonly string[];
  /** Of the first and the last counted message. */
  readonly startEpochMs: EpochMs;
  readonly endEpochMs: EpochMs;
  readonly total: Measures;
  /** Where the first of the messages was read; null for what was recorded. The file may be gone. */
  readonly transcriptPath: string | null;
  /** What Claude Code itself says the whole session cost so far; null if it says nothing. */
  readonly claudeCodeCostNanoDollars: number | null;
}

/** A session's name as its transcript tells it. Read when it is shown, and never stored. */
export interface SessionTitle {
  readonly title: string;
  readonly from: 'custom' | 'generated' | 'summary';
}
