import { quarterHourOf } from '../model/time';
import type { TokenCounts } from '../model/tokens';
import type { PricedRecord } from '../model/usageRecord';

interface Group {
  readonly first: PricedRecord;
  readonly number: number;
  messages: number;
  /** null: not to be stated, because it is unknown or a guess. */
  cost: number | null;
  tokens: number[];
  contentCharacters: number;
}

/** Keys chosen by callers that are remembered: bounds the memory; what repeats beyond counts again. */
const maxKeys = 200_000;

/**
 * What waits beyond the memory allowed: records that differ in nothing but their figures and the minute are summed up.
 * They come out as as many records as went in, of equal size: messages, tokens and cost per quarter hour, model,
 * project and so on are exact; the single message is an average. One key is counted once here too.
 */
export class Overflow {
  readonly #ownKeys: string;
  readonly #groups = new Map<string, Group>();
  readonly #keys = new Set<string>();
  #numbers = 0;
  #records = 0;

  constructor(windowId: string) {
    this.#ownKeys = `api:${windowId}:`;
  }

  /** Records inside. */
  get size(): number {
    return this.#records;
  }

  add(record: PricedRecord): void {
    // Any other key was chosen by a caller, and may come again.
    if (!record.key.startsWith(this.#ownKeys)) {
      // A second copy under pressure is taken for equal to the first.
      if (this.#keys.has(record.key)) return;
      if (this.#keys.size < maxKeys) this.#keys.add(record.key);
    }
    this.#records++;
    const { price } = record;
    const stated = price.cost !== null && !price.assumed;
    const key = [
      quarterHourOf(record.epochMs),
      record.model,
      record.provider,
      record.project,
      record.branch,
      record.source,
      record.user,
      record.host,
      record.origin.session,
      record.requestId === '',
      record.sidechain,
      record.fast,
      record.usOnly,
      record.unfinished,
      stated,
    ].join('\u0000');
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = {
        first: record,
        number: this.#numbers++,
        messages: 0,
        cost: stated ? 0 : null,
        tokens: [0, 0, 0, 0, 0, 0],
        contentCharacters: 0,
      };
      this.#groups.set(key, group);
    }
    group.messages++;
    if (group.cost !== null) group.cost += price.cost ?? 0;
    group.contentCharacters += record.contentCharacters;
    countsOf(record.tokens).forEach((count, index) => (group.tokens[index]! += count));
  }

  /** Takes everything out at once; the records are made while they are read. */
  drain(): Generator<PricedRecord> {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    this.#keys.clear();
    this.#records = 0;
    return this.#expand(groups);
  }

  *#expand(groups: readonly Group[]): Generator<PricedRecord> {
    for (const group of groups) {
      const { first, messages } = group;
      for (let index = 0; index < messages; index++) {
        const [input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearches] = group.tokens.map((sum) =>
          share(sum, messages, index),
        ) as [number, number, number, number, number, number];
        const cost = group.cost === null ? null : share(group.cost, messages, index);
        yield {
          ...first,
          key: `${this.#ownKeys}sum:${group.number}:${index}`,
          requestId: '',
          tokens: { input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearches },
          reportedCost: cost,
          contentCharacters: share(group.contentCharacters, messages, index),
          price: { ...first.price, cost: cost ?? first.price.cost },
        };
      }
    }
  }
}

function countsOf(tokens: TokenCounts): number[] {
  return [
    tokens.input,
    tokens.output,
    tokens.cacheRead,
    tokens.cacheWrite5m,
    tokens.cacheWrite1h,
    tokens.webSearches,
  ];
}

/** The shares of a sum are whole, differ by one at most and add up to it. */
function share(sum: number, parts: number, index: number): number {
  const rest = sum % parts;
  return (sum - rest) / parts + (index < rest ? 1 : 0);
}
