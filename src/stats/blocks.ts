import { type ActiveBlock, blockMs, type UsageBlock } from '../model/block';
import { addMeasures, noMeasures, totalTokens, type Measures } from '../model/measures';
import { quarterHourMs, type EpochMs, type QuarterHour } from '../model/time';
import type { Dimensions } from '../model/usageRecord';
import { beginningIn, type PlanWindow } from './planWindows';

const minuteMs = 60_000;

/** What of one window was asked for. */
interface Cut {
  readonly window: PlanWindow;
  readonly total: Measures;
  first: QuarterHour;
  last: QuarterHour;
}

/** What was counted in the very millisecond with which a quarter hour begins, under these names; null: nothing. */
export type CountedAt = (epochMs: EpochMs, names: Dimensions) => Readonly<Measures> | null;

/**
 * Sums up rollups, which come in the order of time, by 5-hour block. Windows begin on the hour, so quarter hours are all
 * that need be known, but for one thing: a message of the millisecond in which a window ends still belongs to it. And
 * since a window that is not over has had usage since its start, a pause of five hours has always outlasted it.
 */
export class BlockCutter {
  readonly #cuts = new Map<PlanWindow, Cut>();
  readonly #countedAt: CountedAt;
  #window: PlanWindow | null;
  /** The one before; null: usage of it is not told of. */
  #previous: PlanWindow | null = null;

  /** @param window that the first rollup may belong to, where one is known. */
  constructor(window: PlanWindow | null, countedAt: CountedAt) {
    this.#window = window;
    this.#countedAt = countedAt;
  }

  /** @param counts false: it makes a window, but its usage was not asked for. */
  add(quarter: QuarterHour, names: Dimensions, total: Readonly<Measures>, counts: boolean): void {
    const epochMs = quarter * quarterHourMs;
    const endEpochMs = this.#window === null ? -Infinity : this.#window.startEpochMs + blockMs;
    const isLast = epochMs === endEpochMs;
    const before = isLast ? this.#window : this.#previous;
    const atOnce = isLast || epochMs === this.#window?.afterEpochMs ? this.#countedAt(epochMs, names) : null;
    if (before !== null && atOnce !== null && counts) this.#put(before, quarter, atOnce);
    if (atOnce !== null && atOnce.messages === total.messages) return;
    if (this.#window === null || epochMs >= endEpochMs) {
      this.#previous = this.#window;
      this.#window = beginningIn(quarter, endEpochMs);
    }
    if (!counts) return;
    this.#put(this.#window, quarter, total);
    if (atOnce !== null) addMeasures(this.#cuts.get(this.#window)!.total, atOnce, -1);
  }

  /** Windows in which nothing of what was asked for was used are left out. */
  get blocks(): readonly (UsageBlock & { readonly window: PlanWindow })[] {
    const cuts = [...this.#cuts.values()];
    cuts.sort((one, other) => one.window.startEpochMs - other.window.startEpochMs);
    return cuts.map(({ window, first, last, total }) => ({
      startEpochMs: window.startEpochMs,
      endEpochMs: window.startEpochMs + blockMs,
      firstEpochMs: first * quarterHourMs,
      lastEpochMs: Math.min((last + 1) * quarterHourMs - 1, window.startEpochMs + blockMs),
      total,
      window,
    }));
  }

  #put(window: PlanWindow, quarter: QuarterHour, total: Readonly<Measures>): void {
    let cut = this.#cuts.get(window);
    if (cut === undefined) {
      cut = { window, total: noMeasures(), first: quarter, last: quarter };
      this.#cuts.set(window, cut);
    }
    cut.last = quarter;
    addMeasures(cut.total, total);
  }
}

/** Messages nearer to each other than this tell no rate: it would be any number. */
const shortestMinutes = 1;

/** A block that is running, with the rate between its first and its last message and what it comes to at that rate. */
export function activeBlock(block: UsageBlock, nowEpochMs: EpochMs): ActiveBlock {
  const minutes = (block.lastEpochMs - block.firstEpochMs) / minuteMs;
  if (minutes < shortestMinutes) return { ...block, burnRate: null, projected: null };
  const tokens = totalTokens(block.total);
  const { costNanoDollars } = block.total;
  const minutesLeft = Math.max(0, (block.endEpochMs - nowEpochMs) / minuteMs);
  return {
    ...block,
    burnRate: { tokens: tokens / minutes, costNanoDollars: Math.round(costNanoDollars / minutes) },
    projected: {
      tokens: Math.round(tokens + (tokens / minutes) * minutesLeft),
      costNanoDollars: Math.round(costNanoDollars + (costNanoDollars / minutes) * minutesLeft),
    },
  };
}
