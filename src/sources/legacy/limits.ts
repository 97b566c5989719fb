import { nanoDollars } from '../../model/cost';
import type { ProposedLimit } from '../../model/importReport';
import type { LimitPeriod } from '../../model/limit';
import { BadEntryError, dollars, type Fields, fieldsOf, isObject, numberIn, plainName, text } from './fields';

const periods: ReadonlyMap<string, LimitPeriod> = new Map([
  ['day', 'day'],
  ['daily', 'day'],
  ['week', 'week'],
  ['weekly', 'week'],
  ['month', 'month'],
  ['monthly', 'month'],
]);
const hardNames = [
  'hard',
  'hardlimit',
  'limit',
  'amount',
  'max',
  'limitusd',
  'amountusd',
  'hardusd',
  'budget',
];
const softNames = ['soft', 'softlimit', 'warning', 'warnat', 'softusd', 'warningamount'];
const shareNames = ['warningthreshold', 'threshold', 'alertthreshold', 'warningpercent'];

type Scope = Pick<ProposedLimit, 'user' | 'project'>;

/**
 * The limits that `spending_limits.json` states: `{period, amount, user?, project?}` in a list or by name, or
 * `daily_limit` and its like, for all or by user. What is none is left out.
 */
export function readLimits(document: unknown): ProposedLimit[] {
  const limits: ProposedLimit[] = [];
  collect(document, {}, limits, 0);
  const seen = new Map(
    limits.map((limit) => [JSON.stringify([limit.period, limit.user, limit.project]), limit]),
  );
  return [...seen.values()];
}

const deepest = 5;

function collect(value: unknown, scope: Scope, into: ProposedLimit[], depth: number): void {
  if (depth > deepest) return;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) collect(item, scope, into, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const fields = fieldsOf(value);
  const own = scopeOf(fields, scope);
  const period = periods.get(plainName(text(fields, ['period', 'interval', 'window']) ?? ''));
  if (period !== undefined) {
    add(period, fields, own, into);
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    const named = periods.get(plainName(name).replace(/(limit|budget|usd)+$/, ''));
    if (named !== undefined && numberIn(item) !== null)
      add(named, new Map([...fields, ['hard', item]]), own, into, [
        `${plainName(name)}warning`,
        ...softNames,
      ]);
    else if (named !== undefined && isObject(item)) add(named, fieldsOf(item), own, into);
    else collect(item, innerScope(name, own), into, depth + 1);
  }
}

/** Keys that only group; any other key above limits names a user. */
const groups = new Map<string, 'user' | 'project' | null>([
  ['limits', null],
  ['spendinglimits', null],
  ['global', null],
  ['default', null],
  ['all', null],
  ['total', null],
  ['users', 'user'],
  ['projects', 'project'],
]);

function innerScope(name: string, scope: Scope): Scope {
  const group = groups.get(plainName(name));
  if (group === 'project') return { ...scope, project: '' };
  if (group !== undefined) return scope;
  if (scope.project === '') return { ...scope, project: name };
  return scope.user === undefined && scope.project === undefined ? { user: name } : scope;
}

function scopeOf(fields: Fields, outer: Scope): Scope {
  const user = text(fields, ['user', 'userid', 'username']) ?? outer.user;
  const project = text(fields, ['project', 'projectid', 'projectname']) ?? outer.project;
  return { ...(user === undefined ? {} : { user }), ...(project === undefined ? {} : { project }) };
}

function scopeOfLimit(user: string | undefined, project: string | undefined): Scope {
  if (project !== undefined && project !== '') return { project };
  return user === undefined ? {} : { user };
}

function add(
  period: LimitPeriod,
  fields: Fields,
  { user, project }: Scope,
  into: ProposedLimit[],
  soft: readonly string[] = softNames,
): void {
  try {
    const hard = dollars(fields, hardNames);
    if (hard === null || hard <= 0) return;
    const share = dollars(fields, shareNames);
    const warnAt =
      dollars(fields, soft) ?? (share === null ? null : share <= 1 ? hard * share : (hard * share) / 100);
    into.push({
      period,
      // A limit is of a user or of a project, never of both: the project says more.
      ...scopeOfLimit(user, project),
      softNanoDollars: warnAt === null || warnAt <= 0 || warnAt >= hard ? null : nanoDollars(warnAt),
      hardNanoDollars: nanoDollars(hard),
    });
  } catch (error) {
    if (!(error instanceof BadEntryError)) throw error;
  }
}
