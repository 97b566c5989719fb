import type { Measures } from './measures';
import type { CivilDay } from './time';

/** What one name has of the whole. */
export interface PatternShare {
  readonly name: string;
  readonly messages: number;
  readonly tokens: number;
  readonly costNanoDollars: number;
  /** Of the cost of all, 0 to 1; of the tokens where nothing has a price. */
  readonly share: number;
}

/** An hour of the day, 0 to 23, or an ISO weekday, 1 (Monday) to 7. */
export interface PatternTime {
  readonly at: number;
  readonly messages: number;
  readonly tokens: number;
  readonly costNanoDollars: number;
  readonly share: number;
}

/**
 * One regularity, in figures: whoever shows it finds the words. A change is a ratio, 0.5 is half as much again; null
 * where there was nothing before.
 */
export type PatternFinding =
  /** Who uses how much, the largest first: at most 20 of `count`. Only where there are two or more. */
  | { readonly kind: 'users'; readonly count: number; readonly users: readonly PatternShare[] }
  /** The hours with the largest share, at most three. */
  | { readonly kind: 'busiestHours'; readonly hours: readonly PatternTime[] }
  /** The weekdays with the largest share, at most two. */
  | { readonly kind: 'busiestWeekdays'; readonly weekdays: readonly PatternTime[] }
  /**
   * The last days of the range against as many before them. Like the two kinds that follow from such a comparison, it
   * looks back as far as it has to, also to before the range.
   */
  | {
      readonly kind: 'trend';
      readonly days: 7 | 30 | 90;
      readonly from: CivilDay;
      readonly costNanoDollars: number;
      readonly costBeforeNanoDollars: number;
      readonly tokens: number;
      readonly tokensBefore: number;
      readonly messages: number;
      readonly messagesBefore: number;
      /** Of the cost; of the tokens where nothing has a price. */
      readonly change: number | null;
    }
  /**
   * A day far above the usual, the furthest first, at most five. The deviation from the median is told in robust
   * standard deviations (1.4826 times the median absolute deviation).
   */
  | {
      readonly kind: 'unusualDay';
      readonly day: CivilDay;
      readonly costNanoDollars: number;
      /** Of the days with usage. */
      readonly medianNanoDollars: number;
      readonly deviations: number;
      readonly topModel: string;
      readonly topProject: string;
    }
  /** A model whose share of the last 30 days differs by a tenth or more from that of the 30 before. */
  | {
      readonly kind: 'modelShift';
      readonly model: string;
      readonly share: number;
      readonly shareBefore: number;
      readonly costNanoDollars: number;
    }
  /** Projects that grew or shrank most, in money, in the last 30 days against the 30 before; at most five. */
  | {
      readonly kind: 'projectGrowth';
      readonly project: string;
      readonly costNanoDollars: number;
      readonly costBeforeNanoDollars: number;
      readonly change: number | null;
    }
  | {
      readonly kind: 'cacheEfficiency';
      /** Of all prompt tokens, those read from a cache: 0 to 1. */
      readonly readShare: number;
      /** Tokens read from a cache for each token written to it; null if none was written. */
      readonly readsPerWrite: number | null;
      readonly savedNanoDollars: number;
      readonly writeExtraNanoDollars: number;
    };

export interface UsagePatterns {
  /** The range looked at, both ends inclusive; null if nothing was used in it. */
  readonly range: { readonly from: CivilDay; readonly to: CivilDay } | null;
  readonly timeZone: string;
  /** Civil days with usage. */
  readonly activeDays: number;
  readonly total: Measures;
  readonly findings: readonly PatternFinding[];
}
