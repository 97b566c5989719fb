import { addMeasures, noMeasures, type Measures } from '../model/measures';
import { quarterHourOf, type CivilDay, type EpochMs, type QuarterHour } from '../model/time';
import type { PricedRecord } from '../model/usageRecord';

/** The sums of all records of one day, model, provider, project and user. */
export interface UsageGroup {
  readonly day: CivilDay;
  readonly model: string;
  readonly provider: string;
  readonly project: string;
  readonly user: string;
  readonly total: Measures;
}

/** Groups by a key made of what they are grouped by. */
export type UsageGroups = Map<string, UsageGroup>;

/** The civil day of an instant, in a zone of the caller's choice; all instants of a quarter hour have one day. */
export type DayOf = (epochMs: EpochMs) => CivilDay;

export const utcDay: DayOf = (epochMs) => new Date(epochMs).toISOString().slice(0, 10);

/**
 * Sums records by day, model, provider, project and user, so that a batch costs one merge per distinct group. Neighbours
 * of one group, the usual case, are told by comparing names, without making a key.
 */
export function aggregateRecords(records: Iterable<PricedRecord>, dayOf: DayOf = utcDay): UsageGroups {
  const groups: UsageGroups = new Map();
  let quarterHour: QuarterHour = NaN;
  let day: CivilDay = '';
  let group: UsageGroup | undefined;
  for (const record of records) {
    const itsQuarterHour = quarterHourOf(record.epochMs);
    if (itsQuarterHour !== quarterHour) {
      quarterHour = itsQuarterHour;
      day = dayOf(record.epochMs);
    }
    if (
      group?.model !== record.model ||
      group.project !== record.project ||
      group.provider !== record.provider ||
      group.user !== record.user ||
      group.day !== day
    ) {
      const key = groupKey(day, record);
      group = groups.get(key);
      if (group === undefined) {
        group = newGroup(day, record);
        groups.set(key, group);
      }
    }
    addRecord(group.total, record);
  }
  return groups;
}

/** Adds a batch to a sum in place. The batch is used up: groups that are new to the sum are taken over as they are. */
export function mergeAggregated(into: UsageGroups, batch: UsageGroups): void {
  for (const [key, group] of batch) {
    const existing = into.get(key);
    if (existing === undefined) into.set(key, group);
    else addMeasures(existing.total, group.total);
  }
}

function groupKey(day: CivilDay, record: PricedRecord): string {
  return `${day}\n${record.model}\n${record.provider}\n${record.user}\n${record.project}`;
}

function newGroup(day: CivilDay, record: PricedRecord): UsageGroup {
  const { model, provider, project, user } = record;
  return { day, model, provider, project, user, total: noMeasures() };
}

/** `addMeasures(total, measuresOf(record))` without the object in between; a test holds the two together. */
function addRecord(total: Measures, record: PricedRecord): void {
  const { tokens, price } = record;
  total.messages++;
  if (price.cost === null) total.unpricedMessages++;
  else {
    total.costNanoDollars += price.cost;
    if (price.assumed) {
      total.assumedMessages++;
      total.assumedCostNanoDollars += price.cost;
    }
  }
  if (record.unfinished) total.unfinishedMessages++;
  total.inputTokens += tokens.input;
  total.outputTokens += tokens.output;
  total.cacheReadTokens += tokens.cacheRead;
  total.cacheWrite5mTokens += tokens.cacheWrite5m;
  total.cacheWrite1hTokens += tokens.cacheWrite1h;
  total.webSearches += tokens.webSearches;
  total.missingOutputTokens += price.missingOutputTokens;
  total.missingCostNanoDollars += price.missingCost;
  total.cacheReadSavedNanoDollars += price.cacheReadSaved;
  total.cacheWriteExtraNanoDollars += price.cacheWriteExtra;
}
