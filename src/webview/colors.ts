import type { Measures } from '../model/measures';
import type { Snapshot } from '../model/snapshot';
import { metricOf, type Column, type Metric } from './series';

/** How many models have a colour of their own; the rest are drawn together as "Other". */
export const coloredCount = 6;

/**
 * Which model has which colour. A model keeps its colour as long as the page lives, whatever its rank becomes; new
 * ones take what is free.
 */
export class ModelColors {
  readonly #slots = new Map<string, number>();

  /** First come the models of the last 30 days by cost, then those of all time. */
  learn({ periods }: Snapshot): void {
    for (const period of [periods.last30Days, periods.allTime])
      for (const { name } of period.byModel) {
        if (this.#slots.size >= coloredCount) return;
        if (!this.#slots.has(name)) this.#slots.set(name, this.#slots.size);
      }
  }

  /** 0 to 5, or null for those that share the neutral colour. */
  slotOf(model: string): number | null {
    return this.#slots.get(model) ?? null;
  }

  get models(): readonly string[] {
    return [...this.#slots.keys()];
  }
}

/** One segment of a bar. `slot` null stands for all models without a colour of their own. */
export interface Segment {
  readonly slot: number | null;
  readonly model: string | null;
  readonly value: number;
  readonly unpriced: boolean;
}

/** The segments of one bar from the bottom up, by colour slot, "Other" on top; empty ones left out. */
export function segmentsOf(column: Column, colors: ModelColors, metric: Metric): Segment[] {
  const segments: Segment[] = [];
  let other = 0;
  let otherUnpriced = false;
  let otherThere = false;
  const parts: [string, Measures][] = [...column.parts];
  for (const [model, total] of parts) {
    const slot = colors.slotOf(model);
    if (slot === null) {
      other += metricOf(total, metric);
      otherUnpriced ||= total.unpricedMessages > 0;
      otherThere = true;
    } else
      segments.push({
        slot,
        model,
        value: metricOf(total, metric),
        unpriced: total.unpricedMessages > 0,
      });
  }
  segments.sort((one, two) => one.slot! - two.slot!);
  if (otherThere) segments.push({ slot: null, model: null, value: other, unpriced: otherUnpriced });
  return segments;
}
