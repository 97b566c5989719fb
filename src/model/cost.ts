/**
 * Money as an integer number of nano-dollars (USD 1 = 1,000,000,000), so that sums are exact.
 * A double holds every integer up to USD 9 million exactly.
 */
export type NanoDollars = number;

export const nanoPerDollar = 1_000_000_000;

/** Rounded to the nearest nano-dollar. */
export function nanoDollars(usd: number): NanoDollars {
  return Math.round(usd * nanoPerDollar);
}

/** For display and export only: never add these up. */
export function usd(amount: NanoDollars): number {
  return amount / nanoPerDollar;
}
