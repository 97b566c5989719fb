import type { LimitState } from './limit';
import type { Measures } from './measures';
import type { PatternShare } from './patterns';
import type { EpochMs } from './time';

/** Everything the ledger knows about one user's habits. */
export interface UserProfile {
  readonly user: string;
  /** To the quarter hour. */
  readonly firstSeenEpochMs: EpochMs;
  readonly lastSeenEpochMs: EpochMs;
  readonly activeDays: number;
  readonly total: Measures;
  /** The five with the largest cost. */
  readonly favouriteModels: readonly PatternShare[];
  readonly favouriteProjects: readonly PatternShare[];
  /** Messages in each of the 24 civil hours of the day. */
  readonly messagesByHour: readonly number[];
  /** Those limits that are the user's own. */
  readonly limits: readonly LimitState[];
}
