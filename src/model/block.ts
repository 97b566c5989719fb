import type { Measures } from './measures';
import type { EpochMs } from './time';

export const blockHours = 5;
export const blockMs = blockHours * 3_600_000;

/** A 5-hour window of use, as plans count them: it starts on the hour (UTC) of its first message. */
export interface UsageBlock {
  readonly startEpochMs: EpochMs;
  /** Five hours after the start. A message of that very millisecond still belongs. */
  readonly endEpochMs: EpochMs;
  /** Of its messages; of a block of the past, the edges of the quarter hours in which they are. */
  readonly firstEpochMs: EpochMs;
  readonly lastEpochMs: EpochMs;
  readonly total: Measures;
}

/** The block that is running now. */
export interface ActiveBlock extends UsageBlock {
  /** Per minute between its first and its last message; null while they are less than a minute apart. */
  readonly burnRate: { readonly tokens: number; readonly costNanoDollars: number } | null;
  /** What the block comes to at that rate; null without one. */
  readonly projected: { readonly tokens: number; readonly costNanoDollars: number } | null;
}
