import { tokenSum } from '../model/tokens';
import type { UsageRecord } from '../model/usageRecord';

const dayMs = 86_400_000;

/**
 * Gathers records and leaves out copies that the ledger would make nothing of: half of a transcript's answers are
 * earlier stages of the same message. Folding what is left gives what folding everything gives, because a copy goes
 * only if another one of the same file is better by every rule of the ledger (`Row` in ledger/row.ts); where the rules
 * disagree, both stay.
 */
export class Copies {
  #records: UsageRecord[] = [];
  /** The record of each key that was added last, and for each record the one before it. */
  readonly #last = new Map<string, number>();
  #before: number[] = [];

  get length(): number {
    return this.#records.length;
  }

  add(record: UsageRecord): void {
    const last = this.#last.get(record.key) ?? -1;
    for (let at = last; at >= 0; at = this.#before[at]!) {
      const one = betterCopy(this.#records[at]!, record);
      if (one === null) continue;
      this.#records[at] = one;
      return;
    }
    this.#before.push(last);
    this.#last.set(record.key, this.#records.push(record) - 1);
  }

  take(): UsageRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#before = [];
    this.#last.clear();
    return records;
  }
}

/** The record that stands for both; null if neither does. */
function betterCopy(one: UsageRecord, other: UsageRecord): UsageRecord | null {
  if (one.requestId !== other.requestId || one.sidechain !== other.sidechain || !samePlace(one, other))
    return null;
  const difference = tokenSum(one.tokens) - tokenSum(other.tokens);
  if (difference > 0) return hidesRest(one, other) ? one : null;
  if (difference < 0) return hidesRest(other, one) ? other : null;
  if (!sameUsage(one, other) || one.unfinished !== other.unfinished) return null;
  const [first, second] = one.epochMs <= other.epochMs ? [one, other] : [other, one];
  // An estimate of what is missing is priced at the rates of its copy's time.
  if (Math.floor(first.epochMs / dayMs) !== Math.floor(second.epochMs / dayMs)) return null;
  if (!first.unfinished || first.contentCharacters >= second.contentCharacters) return first;
  return { ...first, contentCharacters: second.contentCharacters };
}

/** Besides its usage, which is the larger. */
function hidesRest(larger: UsageRecord, smaller: UsageRecord): boolean {
  return !larger.unfinished || (smaller.unfinished && larger.contentCharacters >= smaller.contentCharacters);
}

function samePlace(one: UsageRecord, other: UsageRecord): boolean {
  return (
    one.origin.path === other.origin.path &&
    one.origin.beganEpochMs === other.origin.beganEpochMs &&
    one.origin.session === other.origin.session &&
    one.project === other.project &&
    one.branch === other.branch &&
    one.source === other.source &&
    one.user === other.user &&
    one.host === other.host
  );
}

function sameUsage(one: UsageRecord, other: UsageRecord): boolean {
  return (
    one.tokens.input === other.tokens.input &&
    one.tokens.output === other.tokens.output &&
    one.tokens.cacheRead === other.tokens.cacheRead &&
    one.tokens.cacheWrite5m === other.tokens.cacheWrite5m &&
    one.tokens.cacheWrite1h === other.tokens.cacheWrite1h &&
    one.tokens.webSearches === other.tokens.webSearches &&
    one.model === other.model &&
    one.provider === other.provider &&
    one.fast === other.fast &&
    one.usOnly === other.usOnly &&
    one.reportedCost === other.reportedCost
  );
}
