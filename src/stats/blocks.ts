import { type ActiveBlock, blockMs, type UsageBlock } from '../model/block';
import { addMeasures, noMeasures, totalTokens, type Measures } from '../model/measures';
import { quarterHourMs, type EpochMs, type QuarterHour } from '../model/time';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * The start of the window that usage belongs to, coming after usage of another window or of none. Windows begin and end
 * on the hour, so that quarter hours are all that need be known; and since one that is not over has had usage since its
 * start, a pause need not be looked for: a pause of five hours has outlasted it.
 */
export function windowOf(quarter: QuarterHour, before: EpochMs | null): EpochMs {
  const epochMs = quarter * quarterHourMs;
  return before !== null && epochMs < before + blockMs ? before : Math.floor(epochMs / hourMs) * hourMs;
}

/** Sums up rollups, which come in the order of time, by 5-hour block. */
export class BlockCutter {
  readonly #blocks: UsageBlock[] = [];
  #window: EpochMs | null;

  /** @param window that the first rollup may belong to, where one is known. */
  constructor(window: EpochMs | null = null) {
    this.#window = window;
  }

  /** @param counts false: it makes a window, but its usage was not asked for. */
  add(quarter: QuarterHour, total: Readonly<Measures>, counts: boolean): void {
    const startEpochMs = (this.#window = windowOf(quarter, this.#window));
    if (!counts) return;
    const known = this.#blocks.at(-1)?.startEpochMs === startEpochMs ? this.#blocks.pop() : undefined;
    const sum = known?.total ?? noMeasures();
    addMeasures(sum, total);
    this.#blocks.push({
      startEpochMs,
      endEpochMs: startEpochMs + blockMs,
      firstEpochMs: known?.firstEpochMs ?? quarter * quarterHourMs,
      lastEpochMs: (quarter + 1) * quarterHourMs - 1,
      total: sum,
    });
  }

  /** Windows in which nothing of what was asked for was used are left out. */
  get blocks(): readonly UsageBlock[] {
    return this.#blocks;
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
