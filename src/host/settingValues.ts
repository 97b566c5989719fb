import type { Log } from '../model/logRecord';
import type { CostMode, UserPrice } from '../model/rates';
import type { EngineSettings } from '../protocol/engineApi';
import { limitsOf } from './limitSettings';
import { defaultWriterSettings, retryDelaysMs, type WriterSettings } from '../writer/writerSettings';

/** Settings as they stand in settings.json: anything at all, since people edit them by hand. */
export type RawSettings = Record<
  | 'configDirs'
  | 'timeZone'
  | 'costMode'
  | 'prices'
  | 'limits'
  | 'user'
  | 'messageDetailMonths'
  | 'openMonths'
  | 'minIntervalSeconds'
  | 'maxIntervalSeconds'
  | 'metricsPort',
  unknown
>;

export interface SettingDefaults {
  readonly timeZone: string;
  readonly user: string;
  readonly log: Log;
}

const costModes: readonly string[] = ['auto', 'calculate', 'reported'] satisfies CostMode[];

/** Takes what is usable; the rest falls back to its default and is logged. */
export function engineSettings(raw: RawSettings, defaults: SettingDefaults): EngineSettings {
  const { log } = defaults;
  const minSeconds = numberWithin(raw.minIntervalSeconds, 2, 1, 3_600);
  return {
    timeZone: timeZone(raw.timeZone, defaults),
    costMode: costModes.includes(String(raw.costMode)) ? (raw.costMode as CostMode) : 'auto',
    userPrices: userPrices(raw.prices, log),
    extraRoots: Array.isArray(raw.configDirs)
      ? raw.configDirs.filter((path): path is string => typeof path === 'string' && path.trim() !== '')
      : [],
    user: typeof raw.user === 'string' && raw.user.trim() !== '' ? raw.user.trim() : defaults.user,
    minIntervalMs: minSeconds * 1_000,
    maxIntervalMs: Math.max(minSeconds, numberWithin(raw.maxIntervalSeconds, 300, 5, 86_400)) * 1_000,
    metricsPort: metricsPort(raw.metricsPort),
    limits: limitsOf(raw.limits, log),
    messageDetailMonths: Math.round(numberWithin(raw.messageDetailMonths, 0, 0, 1_200)),
    openMonths: Math.round(numberWithin(raw.openMonths, 4, 1, 1_000)),
  };
}

/** A number that is no port serves nothing. */
function metricsPort(raw: unknown): number {
  return typeof raw === 'number' && Number.isInteger(raw) && raw >= 1_024 && raw <= 65_535 ? raw : 0;
}

/** Settings of the writer; what cannot be used falls back to its default. */
export function writerSettings(get: (name: string) => unknown): WriterSettings {
  const whole = (name: string, fallback: number, least: number, most: number): number =>
    Math.round(numberWithin(get(name), fallback, least, most));
  const {
    batchRecords,
    flushRecords,
    flushIntervalMs,
    maxQueuedRecords,
    retryDelaysMs: delays,
  } = defaultWriterSettings;
  return {
    mode: get('mode') === 'sync' ? 'sync' : 'async',
    durability: get('durability') === 'immediate' ? 'immediate' : 'grouped',
    flushRecords: whole('flushRecords', flushRecords, 1, 10_000),
    flushIntervalMs: numberWithin(get('flushInterval'), flushIntervalMs / 1_000, 0.1, 3_600) * 1_000,
    batchRecords: whole('batchRecords', batchRecords, 1, 10_000),
    maxQueuedRecords: whole('maxQueuedRecords', maxQueuedRecords, 1_000, 1_000_000),
    retryDelaysMs: retryDelaysMs(whole('retries', delays.length, 0, 10)),
  };
}

function timeZone(raw: unknown, { timeZone: system, log }: SettingDefaults): string {
  if (typeof raw !== 'string' || raw.trim() === '') return system;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: raw.trim() }).resolvedOptions().timeZone;
  } catch {
    log('warn', 'usageLedger.timeZone names no time zone; the system’s is used', { setting: raw });
    return system;
  }
}

function numberWithin(raw: unknown, fallback: number, least: number, most: number): number {
  return typeof raw === 'number' && Number.isFinite(raw) ? Math.min(most, Math.max(least, raw)) : fallback;
}

/** US dollars per million tokens. */
export const maximumRate = 1_000_000;

const optionalClasses = ['cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;

function userPrices(raw: unknown, log: Log): UserPrice[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const prices: UserPrice[] = [];
  for (const [model, value] of Object.entries(raw)) {
    const price = userPrice(model, value);
    if (price === null) log('warn', 'usageLedger.prices has an entry that is no price', { model });
    else prices.push(price);
  }
  return prices;
}

/** null for what is no price. */
export function userPrice(model: string, value: unknown): UserPrice | null {
  if (typeof value !== 'object' || value === null || model.trim() === '') return null;
  const classes = value as Record<string, unknown>;
  const { input, output } = classes;
  if (!isRate(input) || !isRate(output)) return null;
  const price: { -readonly [Name in keyof UserPrice]: UserPrice[Name] } = {
    model: model.trim(),
    input,
    output,
  };
  for (const name of optionalClasses) {
    const rate = classes[name];
    if (rate === undefined) continue;
    if (!isRate(rate)) return null;
    price[name] = rate;
  }
  return price;
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= maximumRate;
}
