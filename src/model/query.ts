import type { Measures } from './measures';
import type { CivilDay, EpochMs } from './time';
import type { DimensionName, Dimensions } from './usageRecord';

/** Which usage: an inclusive range of civil days and, for any dimension, the names to keep. */
export interface UsageFilter {
  readonly from?: CivilDay;
  readonly to?: CivilDay;
  readonly only?: Readonly<Partial<Record<DimensionName, readonly string[]>>>;
}

export type Grain = 'day' | 'hour' | 'month' | 'total';

export interface BreakdownQuery {
  readonly filter: UsageFilter;
  readonly grain: Grain;
  /** Dimensions to split by; none gives one row per time bucket. */
  readonly by: readonly DimensionName[];
}

export interface BreakdownRow {
  /** Start of the bucket in the asked zone: `2026-11-24`, `2026-11-24T13`, `2026-11`, or '' for `total`. */
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
