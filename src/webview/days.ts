import type { CivilDay } from '../model/time';

/** Calendar arithmetic with civil days. No zone is involved: a day is a name. */

const dayMs = 86_400_000;

/** Every civil day from `from` to `to`, both included. */
export function daysBetween(from: CivilDay, to: CivilDay): CivilDay[] {
  const days: CivilDay[] = [];
  for (let at = utc(from); at <= utc(to); at += dayMs) days.push(nameOf(at));
  return days;
}

export function monthsBetween(from: CivilDay, to: CivilDay): string[] {
  const months: string[] = [];
  const last = to.slice(0, 7);
  let [year, month] = from.split('-').map(Number) as [number, number];
  for (;;) {
    const name = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (name > last) return months;
    months.push(name);
    if (++month > 12) {
      month = 1;
      year++;
    }
  }
}

/** How many days there are from `from` to `to`, both included. */
export function dayCount(from: CivilDay, to: CivilDay): number {
  return Math.round((utc(to) - utc(from)) / dayMs) + 1;
}

export function addDays(day: CivilDay, days: number): CivilDay {
  return nameOf(utc(day) + days * dayMs);
}

export function firstOfMonth(day: CivilDay): CivilDay {
  return `${day.slice(0, 7)}-01`;
}

export function lastOfMonth(day: CivilDay): CivilDay {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return nameOf(Date.UTC(year, month, 0));
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: CivilDay): number {
  return new Date(utc(day)).getUTCDay() || 7;
}

export function isCivilDay(text: unknown): text is CivilDay {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text));
}

function nameOf(epochMs: number): CivilDay {
  return new Date(epochMs).toISOString().slice(0, 10);
}

function utc(day: CivilDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}
