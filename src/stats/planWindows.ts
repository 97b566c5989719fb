import { blockMs } from '../model/block';
import { monthBounds, quarterHourMs, type EpochMs, type QuarterHour } from '../model/time';
import type { Dimensions } from '../model/usageRecord';
import type { Rollups } from './rollups';

const hourMs = 3_600_000;
const quartersADay = 96;
/** Two quarter hours that are further apart than this have more than five hours between their messages, surely. */
const quartersABlock = blockMs / quarterHourMs;
/** So many windows are remembered: enough to go on from one that late messages have not moved. */
const rememberedWindows = 8;

/** One 5-hour window: what is used after `afterEpochMs` and up to five hours after its start belongs to it. */
export interface PlanWindow {
  readonly startEpochMs: EpochMs;
  readonly afterEpochMs: EpochMs;
}

/** First and last message of a quarter hour that has some, exactly. */
export type TimesIn = (quarter: QuarterHour) => { readonly first: EpochMs; readonly last: EpochMs };

/**
 * Finds where 5-hour windows begin. Each begins where another has ended, so in principle all history matters; but a pause
 * of more than five hours always ends one, and rollups show nearly all that there is to see. Only where it depends on the
 * millisecond are messages asked for.
 */
export class PlanWindows {
  readonly #rollups: Rollups;
  readonly #passes: (names: Dimensions) => boolean;
  readonly #timesIn: TimesIn;
  /** Windows that follow upon each other, oldest first. */
  #known: PlanWindow[] = [];

  /** @param passes whose usage makes windows. */
  constructor(rollups: Rollups, passes: (names: Dimensions) => boolean, timesIn: TimesIn) {
    this.#rollups = rollups;
    this.#passes = passes;
    this.#timesIn = timesIn;
  }

  changed(quarters: Iterable<QuarterHour>): void {
    let earliest = Infinity;
    for (const quarter of quarters) earliest = Math.min(earliest, quarter);
    // A window stands while nothing has moved before it or in its first hour, which its start depends on.
    this.#known = this.#known.filter(
      ({ startEpochMs }) => (startEpochMs + hourMs) / quarterHourMs <= earliest,
    );
  }

  /**
   * The latest window that has begun by the end of the quarter hour that `epochMs` lies in; null if it is over for sure,
   * because nothing was used for more than five hours.
   */
  at(epochMs: EpochMs): PlanWindow | null {
    const end = Math.floor(epochMs / quarterHourMs) + 1;
    const base = this.#known.findLast(({ startEpochMs }) => startEpochMs < end * quarterHourMs);
    const near = base !== undefined && end - base.startEpochMs / quarterHourMs < 2 * quartersADay;
    const windows = near
      ? this.#follow(this.#quarters(base.startEpochMs / quarterHourMs, end), base)
      : this.#follow(this.#sincePause(end), null);
    this.#known = windows.slice(-rememberedWindows);
    return windows.at(-1) ?? null;
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

  /** The windows that these quarter hours make, the first of them `base` if it is given. */
  #follow(quarters: readonly QuarterHour[], base: PlanWindow | null): PlanWindow[] {
    const windows: PlanWindow[] = [];
    let window: PlanWindow | null = null;
    let last: QuarterHour = -Infinity;
    for (const [index, quarter] of quarters.entries()) {
      if (window === null) window = base ?? beginningIn(quarter, -1);
      else if (this.#isPause(last, quarter) || this.#isBeyond(window, quarters, index))
        window = beginningIn(quarter, window.startEpochMs + blockMs);
      if (windows.at(-1) !== window) windows.push(window);
      last = quarter;
    }
    return windows;
  }

  #isPause(last: QuarterHour, next: QuarterHour): boolean {
    if (next - last !== quartersABlock) return next - last > quartersABlock;
    return this.#timesIn(next).first - this.#timesIn(last).last > blockMs;
  }

  /** Whether a quarter hour's usage is (but for its first millisecond) after the window's end. */
  #isBeyond({ startEpochMs }: PlanWindow, quarters: readonly QuarterHour[], index: number): boolean {
    const quarter = quarters[index]!;
    const endEpochMs = startEpochMs + blockMs;
    if (quarter * quarterHourMs !== endEpochMs) return quarter * quarterHourMs > endEpochMs;
    // What follows within the hour begins a window of the same hour, whatever is in this quarter.
    const next = quarters[index + 1];
    if (next !== undefined && next - quarter < hourMs / quarterHourMs) return true;
    return this.#timesIn(quarter).last > endEpochMs;
  }
}

/** The window that begins with usage in a quarter hour, where the one before has ended. */
export function beginningIn(quarter: QuarterHour, beforeEndedEpochMs: EpochMs): PlanWindow {
  const startEpochMs = Math.floor((quarter * quarterHourMs) / hourMs) * hourMs;
  return { startEpochMs, afterEpochMs: Math.max(startEpochMs - 1, beforeEndedEpochMs) };
}
