import type { CivilDay, EpochMs, Month } from '../../model/time';
import { BadEntryError, type Fields, numberIn, pick } from './fields';

/** The civil time of whoever the files belong to. */
export interface LocalTime {
  dayOf(epochMs: EpochMs): CivilDay;
  /** The instant of a day's time of the day, in milliseconds after midnight as a clock on the wall shows it. */
  instantOf(day: CivilDay, wallMs: number): EpochMs;
}

const noonMs = 43_200_000;
/** Before any of this existed, and after anyone will read it. */
const earliestEpochMs = Date.UTC(2015, 0, 1);
const latestEpochMs = Date.UTC(2100, 0, 1);

const dateTime =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2}))?$/i;

/** A day that is one: `2025-03-09`, also at the head of a longer time. */
export function dayIn(value: unknown): CivilDay | null {
  if (typeof value !== 'string') return null;
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(value.trim())?.[0];
  if (day === undefined) return null;
  const epochMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(epochMs) || new Date(epochMs).toISOString().slice(0, 10) !== day) return null;
  return epochMs >= earliestEpochMs && epochMs < latestEpochMs ? day : null;
}

/** A month that is one: `2025-03`. */
export function monthIn(value: unknown): Month | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}$/.test(value.trim())) return null;
  return dayIn(`${value.trim()}-01`) === null ? null : value.trim();
}

export function noonOf(day: CivilDay, local: LocalTime): EpochMs {
  return local.instantOf(day, noonMs);
}

/**
 * When something was: an instant in seconds or milliseconds since 1970, a date-time, in the local zone where it names
 * none, or a day, which stands for its noon. null if nothing of the kind is said.
 */
export function instantIn(fields: Fields, names: readonly string[], local: LocalTime): EpochMs | null {
  const value = pick(fields, names);
  if (value === undefined) return null;
  const epochMs = instantOf(value, local);
  if (epochMs === null || epochMs < earliestEpochMs || epochMs >= latestEpochMs)
    throw new BadEntryError('bad-time');
  return epochMs;
}

function instantOf(value: unknown, local: LocalTime): EpochMs | null {
  const number = numberIn(value);
  // A number of this size is a year from 1973 on in milliseconds, and none that has come in seconds.
  if (number !== null) return Math.floor(Math.abs(number) < 1e11 ? number * 1000 : number);
  const day = dayIn(value);
  if (day === null || typeof value !== 'string') return null;
  if (value.trim() === day) return noonOf(day, local);
  const parts = dateTime.exec(value.trim());
  if (parts === null) return null;
  const [hour, minute, second] = [parts[4], parts[5], parts[6] ?? 0].map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const wallMs = ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  const utc = Date.parse(`${day}T00:00:00Z`) + wallMs;
  if (parts[8] !== undefined) return utc;
  if (parts[9] === undefined) return local.instantOf(day, wallMs);
  const offsetMs = (Number(parts[10]) * 60 + Number(parts[11])) * 60_000;
  return parts[9] === '-' ? utc + offsetMs : utc - offsetMs;
}
