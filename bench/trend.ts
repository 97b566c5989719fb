import { percentile } from './report';

export interface Point {
  readonly hours: number;
  readonly value: number;
}

/** A slope an hour, and the range in which it lies with a probability of 95 %. */
export interface Trend {
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
}

/** Neighbouring samples are not independent; what is left of so many stretches is. */
const stretches = 20;
/** Of the normal distribution, for 95 % on two sides. */
const z = 1.96;

/**
 * Theil and Sen's slope (the median over all pairs, which a few outliers cannot move) through the medians of twenty
 * stretches of time, with the range that Kendall's test leaves for it: the slope cannot be told from 0 if 0 is in it.
 */
export function trend(points: readonly Point[]): Trend {
  const medians = stretchesOf(points);
  const slopes: number[] = [];
  for (const [index, one] of medians.entries())
    for (const other of medians.slice(index + 1))
      slopes.push((other.value - one.value) / (other.hours - one.hours));
  slopes.sort((one, other) => one - other);
  const count = medians.length;
  const margin = z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const at = (place: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(place)))] ?? Number.NaN;
  return {
    perHour: percentile(slopes, 0.5),
    low: at((slopes.length - margin) / 2 - 1),
    high: at((slopes.length + margin) / 2),
  };
}

function stretchesOf(points: readonly Point[]): Point[] {
  const length = Math.max(1, points.length / stretches);
  const medians: Point[] = [];
  for (let from = 0; Math.round(from) < points.length; from += length) {
    const part = points.slice(Math.round(from), Math.round(from + length));
    if (part.length === 0) continue;
    medians.push({
      hours: percentile(
        part.map(({ hours }) => hours),
        0.5,
      ),
      value: percentile(
        part.map(({ value }) => value),
        0.5,
      ),
    });
  }
  return medians;
}
