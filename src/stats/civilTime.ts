import { quarterHourMs, type CivilDay, type EpochMs, type QuarterHour } from '../model/time';

const dayMs = 86_400_000;
const quartersADay = dayMs / quarterHourMs;

/** Days since 1970-01-01 in some time zone: a civil day as a number that can be counted on. */
export type DayNumber = number;

/**
 * Civil time in one IANA zone, for quarter hours. Offsets are asked of Intl once a UTC day and remembered, since asking
 * for each of a year's quarter hours would cost more than everything else.
 */
export class CivilTime {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  /** By UTC day: the day's one offset in milliseconds, or null where it changes within the day. */
  readonly #offsets = new Map<number, number | null>();

  /** @throws RangeError for a zone that Intl does not know. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  dayOf(epochMs: EpochMs): DayNumber {
    return Math.floor((epochMs + this.#offsetAt(epochMs)) / dayMs);
  }

  dayOfQuarter(quarter: QuarterHour): DayNumber {
    return this.dayOf(quarter * quarterHourMs);
  }

  /** The first quarter hour of a civil day; where midnight is skipped, the first one that exists. */
  firstQuarterOf(day: DayNumber): QuarterHour {
    let low = (day - 1) * quartersADay;
    let high = (day + 2) * quartersADay;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.dayOfQuarter(middle) < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** `2026-11-24T13`: the civil hour that a quarter hour lies in. */
  hourName(quarter: QuarterHour): string {
    const epochMs = quarter * quarterHourMs;
    return new Date(epochMs + this.#offsetAt(epochMs)).toISOString().slice(0, 13);
  }

  #offsetAt(epochMs: EpochMs): number {
    const utcDay = Math.floor(epochMs / dayMs);
    let offset = this.#offsets.get(utcDay);
    if (offset === undefined) {
      const first = this.#askOffset(utcDay * dayMs);
      offset = first === this.#askOffset((utcDay + 1) * dayMs) ? first : null;
      this.#offsets.set(utcDay, offset);
    }
    return offset ?? this.#askOffset(epochMs);
  }

  #askOffset(epochMs: EpochMs): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(epochMs)) part[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(epochMs / 1000) * 1000;
  }
}

export function dayName(day: DayNumber): CivilDay {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** @throws RangeError when it is no day. */
export function dayNumber(name: CivilDay): DayNumber {
  const epochMs = /^\d{4}-\d{2}-\d{2}$/.test(name) ? Date.parse(`${name}T00:00:00Z`) : NaN;
  if (Number.isNaN(epochMs)) throw new RangeError(`${JSON.stringify(name)} is no day such as 2026-11-24`);
  return epochMs / dayMs;
}

/** The first day of the civil month that `day` lies in. */
export function firstOfMonth(day: DayNumber): DayNumber {
  return dayNumber(`${dayName(day).slice(0, 7)}-01`);
}

/** ISO weekday: Monday is 1, Sunday 7. */
export function weekdayOf(day: DayNumber): number {
  // 1970-01-01 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1;
}
