import type { EpochMs } from '../../model/time';
import { bytesEqual } from './lineBytes';

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

const zero = 0x30;
const dayMs = 86_400_000;

/** Reads times as Claude Code writes them (`2026-11-20T08:15:30.123Z`) from a line's bytes, one day after the other. */
export class TimestampCache {
  /** `2026-11-20T`, and when that day begins. */
  readonly #day = new Uint8Array(11);
  #dayEpochMs: EpochMs | null = null;

  parse(bytes: Uint8Array, from: number, to: number): EpochMs | null {
    if (to - from !== 24 || bytes[to - 1] !== 0x5a) return this.#slowly(bytes, from, to);
    const hour = twoDigits(bytes, from + 11);
    const minute = twoDigits(bytes, from + 14);
    const second = twoDigits(bytes, from + 17);
    const millisecond = twoDigits(bytes, from + 20) * 10 + digit(bytes, from + 22);
    const isPlain =
      bytes[from + 13] === 0x3a && bytes[from + 16] === 0x3a && bytes[from + 19] === 0x2e && millisecond >= 0;
    if (!isPlain || !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60))
      return this.#slowly(bytes, from, to);
    if (this.#dayEpochMs === null || !bytesEqual(bytes, from, this.#day)) {
      const epochMs = this.#slowly(bytes, from, to);
      if (epochMs === null) return null;
      this.#day.set(bytes.subarray(from, from + 11));
      this.#dayEpochMs = epochMs - (epochMs % dayMs);
    }
    return this.#dayEpochMs + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  }

  #slowly(bytes: Uint8Array, from: number, to: number): EpochMs | null {
    return parseTimestamp(Buffer.from(bytes.subarray(from, to)).toString('latin1'));
  }
}

/** NaN if it is none: whatever is computed from that fails its test. */
function digit(bytes: Uint8Array, at: number): number {
  const value = bytes[at]! - zero;
  return value >= 0 && value <= 9 ? value : NaN;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}
