import { type NanoDollars, usd } from './cost';
import type { Measures } from './measures';
import type { CivilDay } from './time';

/** The one place where figures become text. `locale` is a BCP 47 tag; an unusable one falls back to English. */

const cache = new Map<string, unknown>();

/** Making a format takes a thousand times as long as using it. */
function cached<T>(key: string, make: () => T): T {
  let format = cache.get(key) as T | undefined;
  if (format === undefined) cache.set(key, (format = make()));
  return format;
}

function number(locale: string, name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached(`${locale}/${name}`, () => new Intl.NumberFormat(usableLocale(locale), options));
}

function date(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(`${locale}/${name}`, () => new Intl.DateTimeFormat(usableLocale(locale), options));
}

function usableLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
}

/** What money is shown in. The ledger itself knows US dollars only. */
export interface MoneyFormat {
  /** ISO 4217. */
  readonly code: string;
  /** Shown in place of the locale's own sign for the currency; '' keeps that one. */
  readonly symbol: string;
  /** Units of the currency that one US dollar is worth. */
  readonly rate: number;
}

export const usDollars: MoneyFormat = { code: 'USD', symbol: '', rate: 1 };

function moneyFormat(
  locale: string,
  { code, symbol }: MoneyFormat,
  name: string,
  options: Intl.NumberFormatOptions = {},
): { readonly digits: number; readonly format: (units: number) => string } {
  return cached(`${locale}/money/${code}/${symbol}/${name}`, () => {
    const format = new Intl.NumberFormat(usableLocale(locale), {
      style: 'currency',
      currency: code,
      currencyDisplay: 'narrowSymbol',
      ...options,
    });
    return {
      digits: format.resolvedOptions().maximumFractionDigits ?? 2,
      format: (units: number) =>
        symbol === ''
          ? format.format(units)
          : format
              .formatToParts(units)
              .map(({ type, value }) => (type === 'currency' ? symbol : value))
              .join(''),
    };
  });
}

/** Below a cent the figure would round to nothing, which is not the truth: `<$0.01`. */
export function formatCost(cost: NanoDollars, locale: string, money = usDollars): string {
  const { format, digits } = moneyFormat(locale, money, 'full');
  const units = usd(cost) * money.rate;
  const smallest = 10 ** -digits;
  if (units > 0 && units < smallest / 2) return `<${format(smallest)}`;
  return format(units);
}

/** For narrow places: no cents from 1,000 on, thousands from 100,000 on. */
export function formatShortCost(cost: NanoDollars, locale: string, money = usDollars): string {
  const units = usd(cost) * money.rate;
  if (units < 1_000) return formatCost(cost, locale, money);
  const { format } =
    units < 100_000
      ? moneyFormat(locale, money, 'whole', { maximumFractionDigits: 0 })
      : moneyFormat(locale, money, 'compact', { maximumFractionDigits: 1, notation: 'compact' });
  return format(units);
}

/** For the narrowest places: no cents from 10 on. */
export function formatWholeCost(cost: NanoDollars, locale: string, money = usDollars): string {
  const units = usd(cost) * money.rate;
  if (units < 10 || units >= 1_000) return formatShortCost(cost, locale, money);
  return moneyFormat(locale, money, 'whole', { maximumFractionDigits: 0 }).format(units);
}

/**
 * Ticks of a cost axis: as few decimals as the step between two ticks needs. Both are in units of the currency: an
 * axis has round figures only where it is drawn in what it shows.
 */
export function formatAxisCost(units: number, stepUnits: number, locale: string, money = usDollars): string {
  const decimals = stepUnits >= 1 ? 0 : Math.min(6, Math.max(2, Math.ceil(-Math.log10(stepUnits))));
  const compact = units >= 10_000;
  return moneyFormat(locale, money, `axis${decimals}${compact ? 'K' : ''}`, {
    minimumFractionDigits: compact ? 0 : decimals,
    maximumFractionDigits: compact ? 1 : decimals,
    ...(compact ? { notation: 'compact' as const } : {}),
  }).format(units);
}

/**
 * What a sum is known to cost. `+?` says that some of its messages have no price; a lone `?` that none has.
 */
export function formatMeasuredCost(
  total: Pick<Measures, 'messages' | 'unpricedMessages' | 'costNanoDollars'>,
  locale: string,
  short = false,
  money = usDollars,
): string {
  if (total.unpricedMessages > 0 && total.unpricedMessages >= total.messages && total.costNanoDollars === 0)
    return '?';
  const text = short
    ? formatShortCost(total.costNanoDollars, locale, money)
    : formatCost(total.costNanoDollars, locale, money);
  return total.unpricedMessages > 0 ? `${text} +?` : text;
}

/** `1.2M`, `34.5K`, `812`. */
export function formatCompact(count: number, locale: string): string {
  return number(locale, 'compact', { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

export function formatCount(count: number, locale: string, decimals = 0): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return number(locale, `count${decimals}`, digits).format(count);
}

/** A share from 0 to 1; what is there but rounds to nothing shows as `<1%`. */
export function formatShare(share: number, locale: string): string {
  const percent = number(locale, 'percent', { style: 'percent', maximumFractionDigits: 0 });
  if (share > 0 && share < 0.005) return `<${percent.format(0.01)}`;
  return percent.format(share);
}

/** `5m`, `3h`, `2d`: whole units, at least one minute. */
export function formatAge(ageMs: number, locale: string): string {
  const minutes = Math.max(1, Math.floor(ageMs / 60_000));
  if (minutes < 60) return timeSpan(minutes, 'minute', locale);
  if (minutes < 48 * 60) return timeSpan(Math.floor(minutes / 60), 'hour', locale);
  return timeSpan(Math.floor(minutes / 1440), 'day', locale);
}

/** `2h 10m`, `45m`, `<1m`. */
export function formatDuration(durationMs: number, locale: string): string {
  const minutes = Math.round(durationMs / 60_000);
  if (minutes < 1) return `<${timeSpan(1, 'minute', locale)}`;
  if (minutes < 60) return timeSpan(minutes, 'minute', locale);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48)
    return `${timeSpan(Math.floor(hours / 24), 'day', locale)} ${timeSpan(hours % 24, 'hour', locale)}`;
  return `${timeSpan(hours, 'hour', locale)} ${timeSpan(minutes % 60, 'minute', locale)}`;
}

function timeSpan(count: number, unit: 'minute' | 'hour' | 'day', locale: string): string {
  return number(locale, `span/${unit}`, { style: 'unit', unit, unitDisplay: 'narrow' }).format(count);
}

export function formatBytes(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  return number(locale, `unit${step}`, {
    style: 'unit',
    unit: units[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step < 2 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

/** `24 Nov` in the order of the locale. The day is civil: no zone is applied. */
export function formatDay(day: CivilDay, locale: string): string {
  return date(locale, 'day', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(civil(day));
}

export function formatLongDay(day: CivilDay, locale: string): string {
  return date(locale, 'longDay', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(civil(day));
}

/** `Nov 2026` for `2026-11`. */
export function formatMonth(month: string, locale: string): string {
  return date(locale, 'month', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    civil(`${month}-01`),
  );
}

/** Hour of a day, 0 to 23, as the locale writes it. */
export function formatHour(hour: number, locale: string): string {
  return date(locale, 'hour', { hour: 'numeric', timeZone: 'UTC' }).format(hour * 3_600_000);
}

export function formatTime(epochMs: number, timeZone: string, locale: string): string {
  return date(locale, `time/${timeZone}`, { hour: 'numeric', minute: '2-digit', timeZone }).format(epochMs);
}

export function formatDateTime(epochMs: number, timeZone: string, locale: string): string {
  return date(locale, `dateTime/${timeZone}`, {
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
  }).format(epochMs);
}

/** With seconds, for things that happen every few of them. */
export function formatPreciseTime(epochMs: number, timeZone: string, locale: string): string {
  return date(locale, `preciseTime/${timeZone}`, {
    dateStyle: 'short',
    timeStyle: 'medium',
    timeZone,
  }).format(epochMs);
}

/** The civil day of an instant: `2026-11-24`. */
export function civilDayOf(epochMs: number, timeZone: string): CivilDay {
  // Swedish writes dates as ISO 8601 does.
  return date('sv-SE', `civil/${timeZone}`, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone,
  }).format(epochMs);
}

function civil(day: CivilDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}

const controlCharacters = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Marks, overrides and isolates that reorder what stands around them. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name from data as one harmless line: no control characters, no text direction tricks, no endless length. */
export function plainName(name: string, maxCharacters = 80): string {
  const line = name.replace(bidiControls, '').replace(controlCharacters, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= maxCharacters ? line : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/**
 * Short names for folders: the last segment, with as many segments before it as tell equal ones apart.
 * Both kinds of slashes separate; the result is in the order of `paths`.
 */
export function folderLabels(paths: readonly string[]): Map<string, string> {
  const labels = new Map<string, string>();
  const split = new Map(paths.map((path) => [path, path.split(/[\\/]+/).filter((part) => part !== '')]));
  let open = [...split.keys()];
  for (let depth = 1; open.length > 0; depth++) {
    const byLabel = new Map<string, string[]>();
    for (const path of open) {
      const parts = split.get(path)!;
      const label = parts.length === 0 ? path : parts.slice(-depth).join('/');
      byLabel.set(label, [...(byLabel.get(label) ?? []), path]);
    }
    open = [];
    for (const [label, same] of byLabel) {
      const growing = same.filter((path) => split.get(path)!.length > depth);
      if (same.length === 1 || growing.length === 0) for (const path of same) labels.set(path, label);
      else {
        for (const path of same)
          if (growing.includes(path)) open.push(path);
          else labels.set(path, label);
      }
    }
  }
  return new Map([...split.keys()].map((path) => [path, labels.get(path) ?? path]));
}

/** `a, b and c` */
export function formatList(parts: readonly string[], locale: string): string {
  const format = cached(
    `${locale}/list`,
    () => new Intl.ListFormat(usableLocale(locale), { type: 'conjunction' }),
  );
  return format.format(parts);
}

/** A number that decides on a word's form, and how it is written where not as a plain count. */
export interface Counted {
  readonly count: number;
  readonly text: string;
}

/**
 * Puts values into a text whose words depend on them: `{0}` is a value, `{0|message|messages}` the form that the number
 * asks for. The forms stand in the order zero, one, two, few, many, other, of which a language has some.
 */
export function formatCounted(
  text: string,
  locale: string,
  ...values: readonly (string | number | Counted)[]
): string {
  return text.replace(/\{(\d+)((?:\|[^|{}]*)*)\}/g, (slot: string, index: string, forms: string) => {
    const value = values[Number(index)];
    if (value === undefined) return slot;
    if (forms === '') return typeof value === 'object' ? value.text : written(value, locale);
    if (typeof value === 'string') return slot;
    return formOf(typeof value === 'object' ? value.count : value, forms.slice(1).split('|'), locale);
  });
}

function written(value: string | number, locale: string): string {
  return typeof value === 'number' ? formatCount(value, locale) : value;
}

const pluralOrder: readonly Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other'];

function formOf(count: number, forms: readonly string[], locale: string): string {
  const { rules, known } = cached(`${locale}/plural`, () => {
    const rules = new Intl.PluralRules(usableLocale(locale));
    const { pluralCategories } = rules.resolvedOptions();
    return { rules, known: pluralOrder.filter((category) => pluralCategories.includes(category)) };
  });
  // A text that nobody has translated has the forms of English.
  const asked = known.length === forms.length ? known.indexOf(rules.select(count)) : count === 1 ? 0 : -1;
  return forms.at(asked) ?? '';
}
