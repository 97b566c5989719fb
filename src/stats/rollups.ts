import type { Measures } from '../model/measures';
import type { Month, QuarterHour } from '../model/time';
import type { Dimensions } from '../model/usageRecord';

/** Sees one rollup: what was used in one quarter hour under one set of names. Must not keep or change `total`. */
export type RollupVisitor = (quarter: QuarterHour, names: Dimensions, total: Readonly<Measures>) => void;

/** The ledger's rollups, in memory: what every figure is computed from. */
export interface Rollups {
  /** Months that hold usage, oldest first. */
  months(): readonly Month[];
  /** Visits what lies in `from` (inclusive) to `to` (exclusive); costs what the range holds. */
  forEach(from: QuarterHour, to: QuarterHour, visit: RollupVisitor): void;
}
