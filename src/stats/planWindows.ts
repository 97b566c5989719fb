import { blockMs } from '../model/block';
import { monthBounds, quarterHourMs, type EpochMs, type QuarterHour } from '../model/time';
import type { Dimensions } from '../model/usageRecord';
import { windowOf } from './blocks';
import type { Rollups } from './rollups';

const hourMs = 3_600_000;
const quartersADay = 96;
/** Two quarter hours that are further apart than this have more than five hours between their messages, surely. */
const quartersABlock = blockMs / quarterHourMs;
/** So many windows are remembered: enough to go on from one that late messages have not moved. */
const rememberedWindows = 8;

/**
 * Finds where 5-hour windows begin. Each begins where another has ended, so in principle all history matters; but a pause
 * of more than five hours always ends one, and rollups show it.
 */
export class PlanWindows {
  readonly #rollups: Rollups;
  readonly #passes: (names: Dimensions) => boolean;
  /** Starts of windows that follow upon each other, oldest first. */
  #known: EpochMs[] = [];

  /** @param passes whose usage makes windows. */
  constructor(rollups: Rollups, passes: (names: Dimensions) => boolean) {
    this.#rollups = rollups;
    this.#passes = passes;
  }

  changed(quarters: Iterable<QuarterHour>): void {
    let earliest = Infinity;
    for (const quarter of quarters) earliest = Math.min(earliest, quarter);
    // A window stands while nothing has moved before it or in its first hour, which its start depends on.
    this.#known = this.#known.filter((start) => (start + hourMs) / quarterHourMs <= earliest);
  }

  /**
   * The start of the latest window that has begun by the end of the quarter hour that `epochMs` lies in; null if it is
   * over for sure, because nothing was used for more than five hours.
   */
  at(epochMs: EpochMs): EpochMs | null {
    const end = Math.floor(epochMs / quarterHourMs) + 1;
    const base = this.#known.findLast((start) => start < end * quarterHourMs);
    const near = base !== undefined && end - base / quarterHourMs < 2 * quartersADay;
    const starts = near
      ? follow(this.#quarters(base / quarterHourMs, end), base)
      : follow(this.#sincePause(end), null);
    this.#known = starts.slice(-rememberedWindows);
    return starts.at(-1) ?? null;
  }

  /** Quarter hours with usage since the last pause that ended a window for sure, oldest first. */
  #sincePause(end: QuarterHour): QuarterHour[] {
    const firstMonth = this.#rollups.months()[0];
    const first = firstMonth === undefined ? end : monthBounds(firstMonth).from / quarterHourMs;
    /** The newest first: usage without a pause may reach back for years. */
    const days: QuarterHour[][] = [];
    let oldest: QuarterHour | undefined;
    for (let to = end; to > first; to -= quartersADay) {
      const from = Math.max(first, to - quartersADay);
      const day = this.#quarters(from, to);
      if (day.length === 0 && oldest === undefined) return [];
      let begin = day.length;
      while (begin > 0) {
        const later = day[begin] ?? oldest;
        if (later !== undefined && later - day[begin - 1]! > quartersABlock) break;
        begin--;
      }
      days.push(day.slice(begin));
      if (begin > 0) break;
      oldest = day[0] ?? oldest;
      if (oldest !== undefined && oldest - from > quartersABlock) break;
    }
    return days.reverse().flat();
  }

  #quarters(from: QuarterHour, to: QuarterHour): QuarterHour[] {
    const found: QuarterHour[] = [];
    this.#rollups.forEach(from, to, (quarter, names) => {
      if (found.at(-1) !== quarter && this.#passes(names)) found.push(quarter);
    });
    return found;
  }
}

/** Starts of the windows that these quarter hours make, the first of them `base` if it is given. */
function follow(quarters: readonly QuarterHour[], base: EpochMs | null): EpochMs[] {
  const starts: EpochMs[] = [];
  for (const quarter of quarters) {
    const start = windowOf(quarter, starts.at(-1) ?? base);
    if (starts.at(-1) !== start) starts.push(start);
  }
  return starts;
}
