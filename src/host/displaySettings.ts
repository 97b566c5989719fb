import { type MoneyFormat, usDollars } from '../model/format';
import type { Log } from '../model/logRecord';

/** What the ticker can show a figure of. */
export const tickerParts = ['today', 'project', 'branch', 'session', 'block', 'month'] as const;
export type TickerPart = (typeof tickerParts)[number];

export const tickerMetrics = ['cost', 'tokens', 'both'] as const;
export type TickerMetric = (typeof tickerMetrics)[number];

/** A template in pieces: text as it is, or a figure. */
export type TemplatePiece = string | { readonly part: TickerPart; readonly metric: TickerMetric };

export interface TickerSettings {
  readonly pieces: readonly TemplatePiece[];
  readonly alignment: 'left' | 'right';
  readonly priority: number;
}

export interface DisplaySettings {
  readonly ticker: TickerSettings;
  readonly money: MoneyFormat;
}

/** Takes what is usable of the settings that change nothing but how figures look; the rest is logged. */
export function displaySettings(get: (name: string) => unknown, log: Log): DisplaySettings {
  return { ticker: tickerSettings(get, log), money: moneyFormat(get, log) };
}

function tickerSettings(get: (name: string) => unknown, log: Log): TickerSettings {
  const part = tickerParts.find((each) => each === get('ticker.show')) ?? 'today';
  const metric = tickerMetrics.find((each) => each === get('ticker.metric')) ?? 'cost';
  const template = get('ticker.template');
  const priority = get('ticker.priority');
  return {
    pieces:
      typeof template === 'string' && template.trim() !== ''
        ? templatePieces(template, metric, log)
        : [{ part, metric }],
    alignment: get('ticker.alignment') === 'left' ? 'left' : 'right',
    priority: typeof priority === 'number' && Number.isFinite(priority) ? priority : 100,
  };
}

/** What names no part stays as it is written, so that a slip shows where it was made. */
export function templatePieces(template: string, metric: TickerMetric, log: Log): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  const slot = /\{([^{}]*)\}/g;
  let end = 0;
  for (const match of template.matchAll(slot)) {
    const [name, wish] = (match[1] ?? '').split(':').map((each) => each.trim());
    const part = tickerParts.find((each) => each === name);
    const own = wish === undefined ? metric : tickerMetrics.find((each) => each === wish);
    if (part === undefined || own === undefined) {
      log('warn', 'usageLedger.ticker.template has a part that is unknown', { part: match[0] });
      continue;
    }
    if (match.index > end) pieces.push(template.slice(end, match.index));
    pieces.push({ part, metric: own });
    end = match.index + match[0].length;
  }
  if (end < template.length) pieces.push(template.slice(end));
  return pieces;
}

function moneyFormat(get: (name: string) => unknown, log: Log): MoneyFormat {
  const code = get('currency.code');
  const symbol = get('currency.symbol');
  const rate = get('currency.rate');
  if (code === undefined) return usDollars;
  if (typeof code !== 'string' || !/^[A-Za-z]{3}$/.test(code)) {
    log('warn', 'usageLedger.currency.code is no currency; US dollars are shown', {
      setting: JSON.stringify(code),
    });
    return usDollars;
  }
  return {
    code: code.toUpperCase(),
    symbol: typeof symbol === 'string' ? symbol.trim().slice(0, 8) : '',
    rate: typeof rate === 'number' && rate > 0 && rate <= 1_000_000 ? rate : 1,
  };
}
