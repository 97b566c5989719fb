import type { EpochMs } from '../model/time';

/** From an instant (inclusive) until another (exclusive). */
export interface Period {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The instants that a date can hold. Finite, so that a card survives JSON. */
export const anyTime: Period = { from: -8_640_000_000_000_000, to: 8_640_000_000_000_000 };

/** The part of `within` around an instant that contains none of the cuts, except as its beginning. */
export function periodAt(epochMs: EpochMs, cuts: readonly EpochMs[], within: Period): Period {
  let { from, to } = within;
  for (const cut of cuts) {
    if (cut <= epochMs) from = Math.max(from, cut);
    else to = Math.min(to, cut);
  }
  return { from, to };
}
