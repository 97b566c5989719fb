import { nanoDollars } from '../model/cost';
import type { Limit, LimitPeriod } from '../model/limit';
import type { Log } from '../model/logRecord';

/** A limit as it stands in `usageLedger.limits`; amounts in US dollars. */
export interface LimitSetting {
  readonly period: LimitPeriod;
  /** A folder, subfolders included. */
  readonly project?: string;
  readonly user?: string;
  readonly soft?: number;
  readonly hard: number;
}

export const limitPeriods: readonly LimitPeriod[] = ['day', 'week', 'month'];
export const maximumLimitDollars = 1_000_000;

/** Limits of a hand-edited setting; what is none is logged. Of two for the same period and scope the last counts. */
export function limitsOf(raw: unknown, log: Log): Limit[] {
  if (!Array.isArray(raw)) return [];
  const limits = new Map<string, Limit>();
  for (const value of raw as unknown[]) {
    const setting = limitSetting(value);
    if (setting === null)
      log('warn', 'usageLedger.limits has an entry that is no limit', { entry: JSON.stringify(value) });
    else limits.set(limitId(setting), limitOf(setting));
  }
  return [...limits.values()];
}

/** `setting` in the place of the limit for the same period and scope, or at the end; other entries stay as they are. */
export function withLimit(raw: unknown, setting: LimitSetting): unknown[] {
  return [...withoutLimit(raw, limitId(setting)), setting];
}

export function withoutLimit(raw: unknown, id: string): unknown[] {
  return (Array.isArray(raw) ? (raw as unknown[]) : []).filter((value) => {
    const other = limitSetting(value);
    return other === null || limitId(other) !== id;
  });
}

export function limitId({
  period,
  project,
  user,
}: Pick<LimitSetting, 'period' | 'project' | 'user'>): string {
  if (project !== undefined) return `${period}:project:${project}`;
  return user === undefined ? `${period}:all` : `${period}:user:${user}`;
}

function limitOf(setting: LimitSetting): Limit {
  const { period, project, user, soft, hard } = setting;
  return {
    id: limitId(setting),
    period,
    ...(project === undefined ? {} : { project }),
    ...(user === undefined ? {} : { user }),
    softNanoDollars: soft === undefined ? null : nanoDollars(soft),
    hardNanoDollars: nanoDollars(hard),
  };
}

/** null for what is no limit. */
export function limitSetting(value: unknown): LimitSetting | null {
  if (typeof value !== 'object' || value === null) return null;
  const { period, project, user, soft, hard } = value as Record<string, unknown>;
  const isPeriod = (given: unknown): given is LimitPeriod => limitPeriods.some((each) => each === given);
  const isScope = (given: unknown): given is string | undefined =>
    given === undefined || (typeof given === 'string' && given.trim() !== '');
  if (!isPeriod(period) || !isScope(project) || !isScope(user)) return null;
  if (project !== undefined && user !== undefined) return null;
  if (!isAmount(hard) || (soft !== undefined && (!isAmount(soft) || soft >= hard))) return null;
  return {
    period,
    ...(project === undefined ? {} : { project: project.trim() }),
    ...(user === undefined ? {} : { user: user.trim() }),
    ...(soft === undefined ? {} : { soft }),
    hard,
  };
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= maximumLimitDollars;
}
