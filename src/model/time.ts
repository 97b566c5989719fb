/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Number of whole quarter hours since 1970-01-01T00:00:00Z: the bucket of every rollup. */
export type QuarterHour = number;

/** A UTC month such as `2026-11`: the name of a ledger partition. */
export type Month = string;

/** A civil day such as `2026-11-24`, in a time zone that the context names. */
export type CivilDay = string;

export const quarterHourMs = 900_000;

export function quarterHourOf(epochMs: EpochMs): QuarterHour {
  return Math.floor(epochMs / quarterHourMs);
}

export function monthOf(epochMs: EpochMs): Month {
  return new Date(epochMs).toISOString().slice(0, 7);
}

/** First millisecond of a UTC month, and of the one after it. */
export function monthBounds(month: Month): { readonly from: EpochMs; readonly to: EpochMs } {
  const [year, index] = month.split('-').map(Number) as [number, number];
  return { from: Date.UTC(year, index - 1), to: Date.UTC(year, index) };
}
