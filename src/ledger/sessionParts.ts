import type { EpochMs } from '../model/time';
import type { Origin } from '../model/usageRecord';
import type { Month } from './month';
import type { DimensionSet } from './interning';

/** What one file (or recorder) told of one session under one set of names, within one month. */
export interface SessionPart {
  readonly origin: Origin;
  readonly dimensions: DimensionSet;
  /** Of the first and the last counted message. */
  readonly firstEpochMs: EpochMs;
  readonly lastEpochMs: EpochMs;
  /** In the order of `measureNames`. */
  readonly values: readonly number[];
}

/** About 300 bytes each. */
const mostParts = 50_000;

interface Kept {
  readonly changes: number;
  readonly parts: readonly SessionPart[];
  lastUse: EpochMs;
}

/** The parts of whole months, for as long as their messages do not change: a closed month is summed up once. */
export class SessionPartCache {
  readonly #months = new Map<Month, Kept>();
  readonly #now: () => EpochMs;
  #count = 0;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  get count(): number {
    return this.#count;
  }

  find(month: Month): readonly SessionPart[] | null {
    const kept = this.#months.get(month);
    if (kept?.changes !== month.changes) return null;
    kept.lastUse = this.#now();
    // To the end of the order: the first is what was used least lately.
    this.#months.delete(month);
    this.#months.set(month, kept);
    return kept.parts;
  }

  keep(month: Month, parts: readonly SessionPart[]): void {
    this.#drop(month);
    this.#months.set(month, { changes: month.changes, parts, lastUse: this.#now() });
    this.#count += parts.length;
    for (const oldest of this.#months.keys()) {
      if (this.#count <= mostParts) return;
      this.#drop(oldest);
    }
  }

  /** Lets go of what nobody has asked for since an instant. */
  dropUnusedSince(epochMs: EpochMs): void {
    for (const [month, { lastUse }] of this.#months) if (lastUse < epochMs) this.#drop(month);
  }

  clear(): void {
    this.#months.clear();
    this.#count = 0;
  }

  #drop(month: Month): void {
    this.#count -= this.#months.get(month)?.parts.length ?? 0;
    this.#months.delete(month);
  }
}
