import type { SessionRow } from './query';

/** What tells a session from every other: two sources, users or hosts may give two sessions the same name. */
export function sessionKey({ session, source, user, host }: SessionRow): string {
  return `${session}\0${source}\0${user}\0${host}`;
}

export function latestFirst(one: SessionRow, other: SessionRow): number {
  return other.endEpochMs - one.endEpochMs || (one.session < other.session ? -1 : 1);
}
