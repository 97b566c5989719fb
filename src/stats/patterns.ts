import { addMeasures, type Measures, noMeasures, totalTokens } from '../model/measures';
import type { PatternFinding, PatternShare, PatternTime, UsagePatterns } from '../model/patterns';
import type { UsageFilter } from '../model/query';
import type { EpochMs, QuarterHour } from '../model/time';
import { nameFilter, noSessions, quarterRange } from './breakdown';
import { type CivilTime, type DayNumber, dayName, weekdayOf } from './civilTime';
import type { Rollups } from './rollups';
import { forEachInSlices } from './slices';

const trendDays = [7, 30, 90] as const;
const comparedDays = 30;
const furthestBack = 2 * 90;
const mostUsers = 20;
const mostNamed = 5;
const shiftFrom = 0.1;
/** Robust standard deviations from which a day is unusual, and days without which nothing is usual. */
const unusualFrom = 3.5;
const usualDays = 14;

/** A sum under a few heads: all that patterns need. */
export interface Load {
  messages: number;
  tokens: number;
  costNanoDollars: number;
}

export function noLoad(): Load {
  return { messages: 0, tokens: 0, costNanoDollars: 0 };
}

export function addLoad(sum: Load, part: Readonly<Measures>): void {
  sum.messages += part.messages;
  sum.tokens += totalTokens(part);
  sum.costNanoDollars += part.costNanoDollars;
}

export function loadOf<Key>(sums: Map<Key, Load>, key: Key): Load {
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = noLoad()));
  return sum;
}

/** Shares are of money; of tokens where nothing has a price. */
export function shareOf(part: Load, whole: Load): number {
  if (whole.costNanoDollars > 0) return part.costNanoDollars / whole.costNanoDollars;
  return whole.tokens > 0 ? part.tokens / whole.tokens : 0;
}

/** Names with their shares of `whole`, the largest first. */
export function shares(sums: ReadonlyMap<string, Load>, whole: Load, most: number): readonly PatternShare[] {
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum, share: shareOf(sum, whole) }))
    .sort(largestFirst)
    .slice(0, most);
}

/** The civil hour of a quarter hour, asked once for each, since rollups come in their order. */
export class CivilClock {
  readonly #civil: CivilTime;
  #quarter: QuarterHour = -1;
  #day: DayNumber = 0;
  #hour = 0;

  constructor(civil: CivilTime) {
    this.#civil = civil;
  }

  at(quarter: QuarterHour): { readonly day: DayNumber; readonly hour: number } {
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#day = this.#civil.dayOfQuarter(quarter);
      this.#hour = Number(this.#civil.hourName(quarter).slice(11));
    }
    return { day: this.#day, hour: this.#hour };
  }
}

/** Sums of two windows of equal length, one after the other. */
interface Compared {
  readonly now: Map<string, Load>;
  readonly before: Map<string, Load>;
}

/** Computed from the rollups, day by day, with pauses: its cost is that of the range, whatever history holds. */
export async function usagePatterns(
  filter: UsageFilter,
  civil: CivilTime,
  rollups: Rollups,
  now: EpochMs,
): Promise<UsagePatterns> {
  noSessions(filter);
  const range = quarterRange(filter, civil, rollups);
  const passes = nameFilter(filter.only);
  // An open end is today, not the end of the month.
  const end = filter.to === undefined ? civil.dayOf(now) : civil.dayOfQuarter(range.to - 1);
  const clock = new CivilClock(civil);
  const total = noMeasures();
  const all = noLoad();
  const users = new Map<string, Load>();
  const hours = new Map<number, Load>();
  const weekdays = new Map<number, Load>();
  const days = new Map<DayNumber, Load>();
  const recentDays = new Map<DayNumber, Load>();
  const models: Compared = { now: new Map(), before: new Map() };
  const projects: Compared = { now: new Map(), before: new Map() };
  const earliest = Math.min(range.from, civil.firstQuarterOf(end + 1 - furthestBack));
  await forEachInSlices(rollups, earliest, range.to, (quarter, names, part) => {
    if (!passes(names)) return;
    const { day, hour } = clock.at(quarter);
    if (quarter >= range.from) {
      addMeasures(total, part);
      addLoad(all, part);
      addLoad(loadOf(users, names.user), part);
      addLoad(loadOf(hours, hour), part);
      addLoad(loadOf(weekdays, weekdayOf(day)), part);
      addLoad(loadOf(days, day), part);
    }
    const age = end - day;
    if (age < 0 || age >= furthestBack) return;
    addLoad(loadOf(recentDays, day), part);
    if (age >= 2 * comparedDays) return;
    const window = age < comparedDays ? 'now' : 'before';
    addLoad(loadOf(models[window], names.model), part);
    addLoad(loadOf(projects[window], names.project), part);
  });
  if (all.messages === 0)
    return { range: null, timeZone: civil.timeZone, activeDays: 0, total, findings: [] };
  const active = [...days.keys()].sort((one, other) => one - other);
  return {
    range: { from: filter.from ?? dayName(active[0]!), to: dayName(end) },
    timeZone: civil.timeZone,
    activeDays: days.size,
    total,
    findings: [
      ...userFinding(users, all),
      { kind: 'busiestHours', hours: busiest(hours, all, 3) },
      { kind: 'busiestWeekdays', weekdays: busiest(weekdays, all, 2) },
      ...trends(recentDays, end),
      ...(await unusualDays(days, civil, rollups, passes)),
      ...modelShifts(models),
      ...projectGrowth(projects),
      ...cacheEfficiency(total),
    ],
  };
}

function userFinding(users: ReadonlyMap<string, Load>, all: Load): PatternFinding[] {
  if (users.size < 2) return [];
  return [{ kind: 'users', count: users.size, users: shares(users, all, mostUsers) }];
}

function busiest(sums: ReadonlyMap<number, Load>, all: Load, most: number): PatternTime[] {
  return [...sums]
    .map(([at, sum]) => ({ at, ...sum, share: shareOf(sum, all) }))
    .sort((one, other) => largestFirst(one, other) || one.at - other.at)
    .slice(0, most);
}

function trends(days: ReadonlyMap<DayNumber, Load>, end: DayNumber): PatternFinding[] {
  const findings: PatternFinding[] = [];
  for (const length of trendDays) {
    const from = end + 1 - length;
    const now = sumOfDays(days, from, end);
    const before = sumOfDays(days, from - length, from - 1);
    if (now.messages === 0 && before.messages === 0) continue;
    findings.push({
      kind: 'trend',
      days: length,
      from: dayName(from),
      costNanoDollars: now.costNanoDollars,
      costBeforeNanoDollars: before.costNanoDollars,
      tokens: now.tokens,
      tokensBefore: before.tokens,
      messages: now.messages,
      messagesBefore: before.messages,
      change: changeOf(now, before),
    });
  }
  return findings;
}

function sumOfDays(days: ReadonlyMap<DayNumber, Load>, from: DayNumber, to: DayNumber): Load {
  const sum = noLoad();
  for (let day = from; day <= to; day++) {
    const part = days.get(day);
    if (part === undefined) continue;
    sum.messages += part.messages;
    sum.tokens += part.tokens;
    sum.costNanoDollars += part.costNanoDollars;
  }
  return sum;
}

function changeOf(now: Load, before: Load): number | null {
  const priced = now.costNanoDollars > 0 || before.costNanoDollars > 0;
  const [amount, past] = priced ? [now.costNanoDollars, before.costNanoDollars] : [now.tokens, before.tokens];
  return past === 0 ? null : amount / past - 1;
}

async function unusualDays(
  days: ReadonlyMap<DayNumber, Load>,
  civil: CivilTime,
  rollups: Rollups,
  passes: ReturnType<typeof nameFilter>,
): Promise<PatternFinding[]> {
  if (days.size < usualDays) return [];
  const costs = [...days.values()].map(({ costNanoDollars }) => costNanoDollars);
  const middle = median(costs);
  const deviation = 1.4826 * median(costs.map((cost) => Math.abs(cost - middle)));
  // Where most days cost the same to the cent, a twentieth is still nothing unusual.
  const unit = Math.max(deviation, middle / 20);
  if (unit === 0) return [];
  const found = [...days]
    .map(([day, { costNanoDollars }]) => ({
      day,
      costNanoDollars,
      deviations: (costNanoDollars - middle) / unit,
    }))
    .filter(({ deviations }) => deviations >= unusualFrom)
    .sort((one, other) => other.deviations - one.deviations)
    .slice(0, mostNamed);
  const findings: PatternFinding[] = [];
  for (const { day, costNanoDollars, deviations } of found) {
    const models = new Map<string, Load>();
    const projects = new Map<string, Load>();
    const [from, to] = [civil.firstQuarterOf(day), civil.firstQuarterOf(day + 1)];
    await forEachInSlices(rollups, from, to, (_quarter, names, part) => {
      if (!passes(names)) return;
      addLoad(loadOf(models, names.model), part);
      addLoad(loadOf(projects, names.project), part);
    });
    findings.push({
      kind: 'unusualDay',
      day: dayName(day),
      costNanoDollars,
      medianNanoDollars: Math.round(middle),
      deviations,
      topModel: largestName(models),
      topProject: largestName(projects),
    });
  }
  return findings;
}

function modelShifts({ now, before }: Compared): PatternFinding[] {
  const [all, allBefore] = [sumOf(now), sumOf(before)];
  if (all.messages === 0 || allBefore.messages === 0) return [];
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((model) => {
      const load = now.get(model) ?? noLoad();
      return {
        kind: 'modelShift' as const,
        model,
        share: shareOf(load, all),
        shareBefore: shareOf(before.get(model) ?? noLoad(), allBefore),
        costNanoDollars: load.costNanoDollars,
      };
    })
    .filter(({ share, shareBefore }) => Math.abs(share - shareBefore) >= shiftFrom)
    .sort((one, other) => Math.abs(other.share - other.shareBefore) - Math.abs(one.share - one.shareBefore))
    .slice(0, mostNamed);
}

function projectGrowth({ now, before }: Compared): PatternFinding[] {
  if (before.size === 0) return [];
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((project) => {
      const load = now.get(project) ?? noLoad();
      const past = before.get(project) ?? noLoad();
      return {
        kind: 'projectGrowth' as const,
        project,
        costNanoDollars: load.costNanoDollars,
        costBeforeNanoDollars: past.costNanoDollars,
        change: changeOf(load, past),
      };
    })
    .filter(({ costNanoDollars, costBeforeNanoDollars }) => costNanoDollars !== costBeforeNanoDollars)
    .sort((one, other) => growthOf(other) - growthOf(one))
    .slice(0, mostNamed);
}

function growthOf(of: { readonly costNanoDollars: number; readonly costBeforeNanoDollars: number }): number {
  return Math.abs(of.costNanoDollars - of.costBeforeNanoDollars);
}

function cacheEfficiency(total: Measures): PatternFinding[] {
  const written = total.cacheWrite5mTokens + total.cacheWrite1hTokens;
  const prompt = total.inputTokens + total.cacheReadTokens + written;
  if (total.cacheReadTokens + written === 0) return [];
  return [
    {
      kind: 'cacheEfficiency',
      readShare: total.cacheReadTokens / prompt,
      readsPerWrite: written === 0 ? null : total.cacheReadTokens / written,
      savedNanoDollars: total.cacheReadSavedNanoDollars,
      writeExtraNanoDollars: total.cacheWriteExtraNanoDollars,
    },
  ];
}

function sumOf(sums: ReadonlyMap<string, Load>): Load {
  const whole = noLoad();
  for (const part of sums.values()) {
    whole.messages += part.messages;
    whole.tokens += part.tokens;
    whole.costNanoDollars += part.costNanoDollars;
  }
  return whole;
}

function largestName(sums: ReadonlyMap<string, Load>): string {
  return [...sums].sort(([, one], [, other]) => largestFirst(one, other))[0]?.[0] ?? '';
}

function largestFirst(one: Load, other: Load): number {
  return other.costNanoDollars - one.costNanoDollars || other.tokens - one.tokens;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
