import { type SessionsAnswer, unpackSessions } from '../model/packedSessions';
import type { SessionRow } from '../model/query';
import { latestFirst, sessionKey } from '../model/sessionOrder';

/** Sessions as the engine has told them, the latest first. A row that has not changed stays the same object. */
export interface ToldSessions {
  /** By this the engine knows what it told. */
  readonly token: string;
  readonly rows: readonly SessionRow[];
  readonly byKey: ReadonlyMap<string, SessionRow>;
}

/** What is known once an answer has come, which tells of all sessions or of what has changed since the one before. */
export function afterAnswer(before: ToldSessions | undefined, answer: SessionsAnswer): ToldSessions {
  const { token, whole, gone } = answer;
  const told = unpackSessions(answer);
  if (whole || before === undefined) {
    return { token, rows: told, byKey: new Map(told.map((row) => [sessionKey(row), row])) };
  }
  if (told.length === 0 && gone.length === 0) return before.token === token ? before : { ...before, token };
  const byKey = new Map(before.byKey);
  const old = new Set<SessionRow | undefined>();
  for (const key of gone) {
    old.add(byKey.get(key));
    byKey.delete(key);
  }
  for (const row of told) {
    const key = sessionKey(row);
    old.add(byKey.get(key));
    byKey.set(key, row);
  }
  const rows = before.rows.filter((row) => !old.has(row));
  rows.push(...told);
  return { token, rows: rows.sort(latestFirst), byKey };
}
