import type { EpochMs } from '../../model/time';

const isoDateTime =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))$/;

/** Before any of this existed, and after anyone will read it: a time outside is a broken clock or a broken line. */
const earliestEpochMs = Date.UTC(2020, 0, 1);
const latestEpochMs = Date.UTC(2100, 0, 1);

/**
 * An ISO date-time with a zone, to the millisecond (finer fractions are cut); null for anything else. `Date.parse`
 * takes far more than that, and bends days which do not exist into ones that do.
 */
export function parseTimestamp(text: unknown): EpochMs | null {
  if (typeof text !== 'string') return null;
  const parts = isoDateTime.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  const read = new Date(local);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day) return null;
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return null;
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000;
  const epochMs = parts[8] === '-' ? local + offsetMs : local - offsetMs;
  return epochMs >= earliestEpochMs && epochMs < latestEpochMs ? epochMs : null;
}
