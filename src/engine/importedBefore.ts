import type { ImportSums } from '../model/importReport';
import { totalTokens } from '../model/measures';
import type { MessageRow } from '../model/query';
import {
  type CivilDay,
  monthBounds,
  monthOf,
  type Month,
  quarterHourMs,
  type QuarterHour,
} from '../model/time';
import type { Ledger } from '../ledger/ledger';
import { legacySource, nothing, plus, type Rank, rankOfKey, ranks } from '../sources/legacy/records';
import type { Usage } from '../sources/legacy/usage';
import type { CivilTime } from '../stats/civilTime';
import { dayName } from '../stats/civilTime';

/** Sums by user and day, or user and month. */
export class KnownUsage {
  readonly #length: number;
  readonly #sums = new Map<string, Usage>();

  constructor(by: 'day' | 'month') {
    this.#length = by === 'day' ? 10 : 7;
  }

  of(user: string, day: CivilDay): Usage | null {
    return this.#sums.get(this.#key(user, day)) ?? null;
  }

  add(user: string, day: CivilDay, usage: Usage): void {
    const key = this.#key(user, day);
    this.#sums.set(key, plus(this.#sums.get(key) ?? nothing, usage));
  }

  #key(user: string, day: CivilDay): string {
    return `${day.slice(0, this.#length)} ${user}`;
  }
}

/** What the ledger holds of former imports in ranks finer than this one. */
export async function knownBelow(
  rank: Rank,
  by: 'day' | 'month',
  ledger: Ledger,
  civil: CivilTime,
  mayGoOn: () => void,
): Promise<KnownUsage> {
  const known = new KnownUsage(by);
  const last = ranks.indexOf(rank);
  for (const month of importedMonths(ledger)) {
    const { from, to } = monthBounds(month);
    const rows = ledger.messages({ fromEpochMs: from, toEpochMs: to, only: { source: [legacySource] } });
    for await (const chunk of rows) {
      mayGoOn();
      for (const row of chunk) {
        const its = rankOfKey(row.id);
        if (its === null || ranks.indexOf(its) >= last) continue;
        known.add(row.user, dayName(civil.dayOf(row.epochMs)), usageOf(row));
      }
    }
  }
  return known;
}

function usageOf({ total, priced }: MessageRow): Usage {
  return {
    requests: total.messages,
    tokens: {
      input: total.inputTokens,
      output: total.outputTokens,
      cacheRead: total.cacheReadTokens,
      cacheWrite5m: total.cacheWrite5mTokens,
      cacheWrite1h: total.cacheWrite1hTokens,
      webSearches: total.webSearches,
    },
    cost: priced ? total.costNanoDollars : null,
  };
}

function importedMonths(ledger: Ledger): Month[] {
  const months = new Set<Month>();
  ledger.cube().forEach(0, Number.MAX_SAFE_INTEGER, (quarter, { source }) => {
    if (source === legacySource) months.add(monthOf(quarter * quarterHourMs));
  });
  return [...months].sort();
}

/** What the ledger holds of imports, or of everything else, in a range of quarter hours (the end is not in it). */
export function heldInLedger(
  ledger: Ledger,
  of: 'imports' | 'others',
  from: QuarterHour = 0,
  to: QuarterHour = Number.MAX_SAFE_INTEGER,
): ImportSums {
  const sum = { requests: 0, tokens: 0, costNanoDollars: 0 };
  ledger.cube().forEach(from, to - 1, (_quarter, { source }, total) => {
    if ((source === legacySource) !== (of === 'imports')) return;
    sum.requests += total.messages;
    sum.tokens += totalTokens(total);
    sum.costNanoDollars += total.costNanoDollars;
  });
  return sum;
}
