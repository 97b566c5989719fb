import type { CivilDay } from './time';

export type LimitPeriod = 'day' | 'week' | 'month';

/** A spending limit, as the settings give it. Weeks begin on Monday. */
export interface Limit {
  /** Made of period and scope: the same limit keeps it when its amounts change. */
  readonly id: string;
  readonly period: LimitPeriod;
  /** Whose spending; without either, all. */
  readonly project?: string;
  readonly user?: string;
  /** Warns first here; null for no early warning. */
  readonly softNanoDollars: number | null;
  readonly hardNanoDollars: number;
}

export type LimitThreshold = 'soft' | 'hard';

/** How a limit stands in its present period. */
export interface LimitState {
  readonly limit: Limit;
  readonly from: CivilDay;
  /** Inclusive. */
  readonly to: CivilDay;
  readonly spentNanoDollars: number;
  readonly reached: LimitThreshold | null;
  /** The person has asked for silence until the period ends. */
  readonly muted: boolean;
}
