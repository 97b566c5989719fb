import type { Measures } from '../model/measures';
import type { NamedMeasures } from '../model/snapshot';
import { metricOf, type Column, type Metric, tokenKinds } from './series';

/** How many names have a colour of their own; the rest are drawn together as "Other". */
export const coloredCount = 6;

/**
 * Which name has which colour. A name keeps its colour as long as the page lives, whatever its rank becomes; new
 * ones take what is free.
 */
export class NameColors {
  readonly #slots = new Map<string, number>();

  constructor(names: readonly string[] = []) {
    for (const name of names) this.#slots.set(name, this.#slots.size);
  }

  /** Names in the order of their rank. */
  learn(names: readonly NamedMeasures[]): void {
    for (const { name } of names) {
      if (this.#slots.size >= coloredCount) return;
      if (!this.#slots.has(name)) this.#slots.set(name, this.#slots.size);
    }
  }

  /** 0 to 5, or null for those that share the neutral colour. */
  slotOf(name: string): number | null {
    return this.#slots.get(name) ?? null;
  }

  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }
}

export const kindColors = new NameColors(tokenKinds);

/** One segment of a bar. `slot` null stands for all names without a colour of their own. */
export interface Segment {
  readonly slot: number | null;
  readonly name: string | null;
  readonly value: number;
  readonly unpriced: boolean;
}

/** The segments of one bar from the bottom up, by colour slot, "Other" on top; empty ones left out. */
export function segmentsOf(column: Column, colors: NameColors, metric: Metric): Segment[] {
  const segments: Segment[] = [];
  let other = 0;
  let otherUnpriced = false;
  let otherThere = false;
  const parts: [string, Measures][] = [...column.parts];
  for (const [name, total] of parts) {
    const slot = colors.slotOf(name);
    if (slot === null) {
      other += metricOf(total, metric);
      otherUnpriced ||= total.unpricedMessages > 0;
      otherThere = true;
    } else
      segments.push({
        slot,
        name,
        value: metricOf(total, metric),
        unpriced: total.unpricedMessages > 0,
      });
  }
  segments.sort((one, two) => one.slot! - two.slot!);
  if (otherThere) segments.push({ slot: null, name: null, value: other, unpriced: otherUnpriced });
  return segments;
}
