import type { LimitThreshold } from '../model/limit';
import type { PanelView } from '../protocol/panelApi';
import type { TickerSettings } from './displaySettings';
import type { L10n } from './l10n';
import type { TickerFigures } from './tickerFigures';
import { reachedLimit, type TickerText, tickerText } from './tickerText';
import { tickerTooltip } from './tickerTooltip';

/** The item in the status bar, as far as the ticker changes it. */
export interface TickerItem {
  setText(text: TickerText): void;
  setTooltip(markdown: string): void;
  /** Colours are for limits and for nothing else. */
  setAlarm(reached: LimitThreshold | null): void;
  dispose(): void;
}

export interface TickerOptions {
  readonly settings: TickerSettings;
  readonly createItem: (settings: TickerSettings) => TickerItem;
  readonly figures: TickerFigures;
  readonly locale: string;
  readonly l10n: L10n;
}

/** The status bar's figure. The item is touched only when what it says has changed. */
export class Ticker {
  readonly #options: TickerOptions;
  #settings: TickerSettings;
  #item: TickerItem;
  #text = '';
  #tooltip = '';
  #alarm: LimitThreshold | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#item = options.createItem(options.settings);
  }

  /** Counts from the next update on; a new place needs a new item. */
  configure(settings: TickerSettings): void {
    const { alignment, priority } = this.#settings;
    this.#settings = settings;
    if (settings.alignment === alignment && settings.priority === priority) return;
    this.#item.dispose();
    this.#item = this.#options.createItem(settings);
    this.#text = '';
    this.#tooltip = '';
    this.#alarm = null;
  }

  update(view: PanelView): void {
    this.updateText(view);
    const { locale, l10n } = this.#options;
    const tooltip = tickerTooltip(view, locale, l10n);
    if (tooltip !== this.#tooltip) {
      this.#tooltip = tooltip;
      this.#item.setTooltip(tooltip);
    }
    const alarm = reachedLimit(view);
    if (alarm !== this.#alarm) {
      this.#alarm = alarm;
      this.#item.setAlarm(alarm);
    }
  }

  /** The text alone, which takes a tenth of the time. */
  updateText(view: PanelView): void {
    const { figures, locale, l10n } = this.#options;
    const { pieces } = this.#settings;
    const text = tickerText({ view, asked: figures.of(view, pieces), pieces, locale, l10n });
    const all = `${text.text}\n${text.spoken}`;
    if (all !== this.#text) {
      this.#text = all;
      this.#item.setText(text);
    }
  }

  dispose(): void {
    this.#item.dispose();
  }
}
