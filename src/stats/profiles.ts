import type { LimitState } from '../model/limit';
import { addMeasures, type Measures, noMeasures } from '../model/measures';
import type { UserProfile } from '../model/profile';
import type { UsageFilter } from '../model/query';
import { quarterHourMs, type QuarterHour } from '../model/time';
import { nameFilter, noSessions, quarterRange } from './breakdown';
import type { CivilTime, DayNumber } from './civilTime';
import { addLoad, CivilClock, type Load, loadOf, noLoad, shares } from './patterns';
import type { Rollups } from './rollups';
import { forEachInSlices } from './slices';

const favourites = 5;

interface Gathered {
  readonly first: QuarterHour;
  last: QuarterHour;
  readonly days: Set<DayNumber>;
  readonly total: Measures;
  readonly models: Map<string, Load>;
  readonly projects: Map<string, Load>;
  readonly hours: number[];
}

/** One profile a user, the largest cost first. Computed from the rollups, with pauses. */
export async function userProfiles(
  filter: UsageFilter,
  civil: CivilTime,
  rollups: Rollups,
  limits: readonly LimitState[],
): Promise<readonly UserProfile[]> {
  noSessions(filter);
  const { from, to } = quarterRange(filter, civil, rollups);
  const passes = nameFilter(filter.only);
  const clock = new CivilClock(civil);
  const users = new Map<string, Gathered>();
  await forEachInSlices(rollups, from, to, (quarter, names, part) => {
    if (!passes(names)) return;
    let user = users.get(names.user);
    if (user === undefined) users.set(names.user, (user = startingAt(quarter)));
    const { day, hour } = clock.at(quarter);
    user.last = quarter;
    user.days.add(day);
    user.hours[hour]! += part.messages;
    addMeasures(user.total, part);
    addLoad(loadOf(user.models, names.model), part);
    addLoad(loadOf(user.projects, names.project), part);
  });
  return [...users]
    .map(([user, gathered]) => profileOf(user, gathered, limits))
    .sort(
      (one, other) =>
        other.total.costNanoDollars - one.total.costNanoDollars || (one.user < other.user ? -1 : 1),
    );
}

function startingAt(quarter: QuarterHour): Gathered {
  return {
    first: quarter,
    last: quarter,
    days: new Set(),
    total: noMeasures(),
    models: new Map(),
    projects: new Map(),
    hours: Array<number>(24).fill(0),
  };
}

function profileOf(
  user: string,
  { first, last, days, total, models, projects, hours }: Gathered,
  limits: readonly LimitState[],
): UserProfile {
  const whole = noLoad();
  addLoad(whole, total);
  return {
    user,
    firstSeenEpochMs: first * quarterHourMs,
    lastSeenEpochMs: last * quarterHourMs,
    activeDays: days.size,
    total,
    favouriteModels: shares(models, whole, favourites),
    favouriteProjects: shares(projects, whole, favourites),
    messagesByHour: hours,
    limits: limits.filter(({ limit }) => limit.user === user),
  };
}
