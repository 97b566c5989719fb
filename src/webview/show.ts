import {
  formatAge,
  formatAxisCost,
  formatBytes,
  formatCompact,
  formatCost,
  formatCount,
  formatCounted,
  formatDateTime,
  formatDay,
  formatDuration,
  formatHour,
  formatList,
  formatLongDay,
  formatMeasuredCost,
  formatMonth,
  formatShare,
  formatTime,
  type Counted,
  type MoneyFormat,
} from '../model/format';
import type { NanoDollars } from '../model/cost';
import type { Measures } from '../model/measures';
import type { CivilDay, EpochMs } from '../model/time';
import type { SeriesGrain, Span } from './selection';

type MeasuredCost = Pick<Measures, 'messages' | 'unpricedMessages' | 'costNanoDollars'>;

/** Figures as text, in this page's language, currency and time zone. */
export class Show {
  readonly #locale: string;
  readonly #money: MoneyFormat;
  readonly #timeZone: string;
  readonly #clock: Intl.DateTimeFormat;

  constructor(locale: string, timeZone: string, money: MoneyFormat) {
    this.#locale = usable(locale);
    this.#money = money;
    this.#timeZone = timeZone;
    // Swedish writes dates as ISO 8601 does.
    this.#clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  cost(amount: NanoDollars): string {
    return formatCost(amount, this.#locale, this.#money);
  }

  /** With `+?` or `?` where prices are unknown. */
  measuredCost(total: MeasuredCost): string {
    return formatMeasuredCost(total, this.#locale, false, this.#money);
  }

  axisCost(units: number, stepUnits: number): string {
    return formatAxisCost(units, stepUnits, this.#locale, this.#money);
  }

  /** Units of the shown currency that one US dollar is worth. */
  get unitsPerDollar(): number {
    return this.#money.rate;
  }

  count(value: number): string {
    return formatCount(value, this.#locale);
  }

  compact(value: number): string {
    return formatCompact(value, this.#locale);
  }

  /** A compact number that a word's form depends on. */
  counted(value: number): Counted {
    return { count: value, text: this.compact(value) };
  }

  /** A text of the host whose words depend on the numbers in it. */
  words(text: string, ...values: readonly (string | number | Counted)[]): string {
    return formatCounted(text, this.#locale, ...values);
  }

  share(value: number): string {
    return formatShare(value, this.#locale);
  }

  bytes(value: number): string {
    return formatBytes(value, this.#locale);
  }

  day(day: CivilDay): string {
    return formatDay(day, this.#locale);
  }

  longDay(day: CivilDay): string {
    return formatLongDay(day, this.#locale);
  }

  month(month: string): string {
    return formatMonth(month, this.#locale);
  }

  hour(hour: number): string {
    return formatHour(hour, this.#locale);
  }

  span({ from, to }: Span): string {
    if (from === to) return this.longDay(to);
    const years =
      from.slice(0, 4) === to.slice(0, 4) ? ['', ''] : [` ${from.slice(0, 4)}`, ` ${to.slice(0, 4)}`];
    return `${this.day(from)}${years[0]!} – ${this.day(to)}${years[1]!}`;
  }

  time(epochMs: EpochMs): string {
    return formatTime(epochMs, this.#timeZone, this.#locale);
  }

  dateTime(epochMs: EpochMs): string {
    return formatDateTime(epochMs, this.#timeZone, this.#locale);
  }

  age(ms: number): string {
    return formatAge(ms, this.#locale);
  }

  duration(ms: number): string {
    return formatDuration(ms, this.#locale);
  }

  /** `340 ms`, `12 s` */
  milliseconds(ms: number): string {
    const [value, unit] = ms < 1_000 ? ([ms, 'millisecond'] as const) : ([ms / 1_000, 'second'] as const);
    return new Intl.NumberFormat(this.#locale, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: unit === 'second' && value < 10 ? 1 : 0,
    }).format(value);
  }

  /** `2026-11-24T13`: the civil hour of an instant. */
  hourOf(epochMs: EpochMs): string {
    return this.#clock.format(epochMs).slice(0, 13).replace(' ', 'T');
  }

  /** The civil time of day. */
  clockOf(epochMs: EpochMs): { readonly day: CivilDay; readonly hour: number; readonly minute: number } {
    const text = this.#clock.format(epochMs);
    return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)), minute: Number(text.slice(14, 16)) };
  }

  /** What a bar stands for, on the axis. */
  bucket(bucket: string, grain: SeriesGrain): string {
    switch (grain) {
      case 'hour':
        return this.hour(Number(bucket.slice(11)));
      case 'day':
        return this.day(bucket);
      case 'month':
        return this.month(bucket);
    }
  }

  /** What a bar stands for, in full. */
  longBucket(bucket: string, grain: SeriesGrain): string {
    switch (grain) {
      case 'hour':
        return this.hours(Number(bucket.slice(11)));
      case 'day':
        return this.longDay(bucket);
      case 'month':
        return this.month(bucket);
    }
  }

  /** `1 PM – 2 PM` */
  hours(hour: number): string {
    return `${this.hour(hour)} – ${this.hour((hour + 1) % 24)}`;
  }

  /** The name of an ISO weekday, 1 for Monday. */
  weekday(weekday: number, style: 'short' | 'long'): string {
    // 2024-01-01 was a Monday.
    return new Intl.DateTimeFormat(this.#locale, { weekday: style, timeZone: 'UTC' }).format(
      Date.UTC(2024, 0, weekday),
    );
  }

  /** `a, b and c` */
  list(parts: readonly string[]): string {
    return formatList(parts, this.#locale);
  }
}

function usable(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
}
