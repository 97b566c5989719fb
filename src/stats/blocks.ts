import { type ActiveBlock, blockMs, type UsageBlock } from '../model/block';
import { addMeasures, noMeasures, totalTokens, type Measures } from '../model/measures';
import type { EpochMs } from '../model/time';
import type { PlanWindow } from './planWindows';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** What of one window was asked for. */
interface Cut {
  readonly window: PlanWindow;
  readonly firstEpochMs: EpochMs;
  lastEpochMs: EpochMs;
  readonly total: Measures;
}

/** Cuts messages, which come in the order of time, into 5-hour blocks. */
export class BlockCutter {
  readonly #cuts: Cut[] = [];
  #window: PlanWindow | null;
  #lastEpochMs: EpochMs = Infinity;

  /** @param window that the first message may belong to, where one is known. */
  constructor(window: PlanWindow | null = null) {
    this.#window = window;
  }

  /** @param counts false: the message makes a window, but its usage was not asked for. */
  add(epochMs: EpochMs, total: Readonly<Measures>, counts = true): void {
    const window = this.#windowFor(epochMs);
    if (window === null) return;
    this.#lastEpochMs = epochMs;
    if (!counts) return;
    let cut = this.#cuts.at(-1);
    if (cut?.window !== window) {
      cut = { window, firstEpochMs: epochMs, lastEpochMs: epochMs, total: noMeasures() };
      this.#cuts.push(cut);
    }
    cut.lastEpochMs = epochMs;
    addMeasures(cut.total, total);
  }

  /** Windows in which nothing of what was asked for was used are left out. */
  get blocks(): readonly (UsageBlock & { readonly window: PlanWindow })[] {
    return this.#cuts.map(({ window, firstEpochMs, lastEpochMs, total }) => ({
      startEpochMs: window.startEpochMs,
      endEpochMs: window.startEpochMs + blockMs,
      firstEpochMs,
      lastEpochMs,
      total,
      window,
    }));
  }

  /** null: the message belongs to a window before the first one. */
  #windowFor(epochMs: EpochMs): PlanWindow | null {
    const window = this.#window;
    if (window !== null && epochMs <= window.afterEpochMs) return null;
    const endEpochMs = window === null ? -Infinity : window.startEpochMs + blockMs;
    if (window !== null && epochMs <= endEpochMs && epochMs - this.#lastEpochMs <= blockMs) return window;
    const startEpochMs = Math.floor(epochMs / hourMs) * hourMs;
    return (this.#window = { startEpochMs, afterEpochMs: Math.max(startEpochMs - 1, endEpochMs) });
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
