import { MarkdownString, StatusBarAlignment, type StatusBarItem, l10n, window } from 'vscode';
import type { PanelView } from '../protocol/panelApi';
import { commandIds, tickerId } from './commandIds';
import { tickerText } from './tickerText';
import { tickerTooltip } from './tickerTooltip';

/** The status bar item. It is touched only when what it says has changed. */
export class Ticker {
  readonly #item: StatusBarItem;
  readonly #locale: string;
  #shown = '';
  #tooltip = '';

  constructor(locale: string) {
    this.#locale = locale;
    this.#item = window.createStatusBarItem(tickerId, StatusBarAlignment.Right, 100);
    this.#item.name = l10n.t('Usage Ledger: today’s cost');
    this.#item.command = commandIds.showPanel;
  }

  /** What the item says now, for tests and other extensions' eyes. */
  get text(): string {
    return this.#item.text;
  }

  get tooltip(): string {
    return this.#tooltip;
  }

  update(view: PanelView): void {
    const { text, spoken } = tickerText(view, this.#locale, l10n);
    if (text !== this.#shown) {
      this.#shown = text;
      this.#item.text = text;
      this.#item.accessibilityInformation = { label: spoken, role: 'button' };
    }
    const tooltip = tickerTooltip(view, this.#locale, l10n);
    if (tooltip !== this.#tooltip) {
      this.#tooltip = tooltip;
      const markdown = new MarkdownString(tooltip, true);
      markdown.isTrusted = { enabledCommands: Object.values(commandIds) };
      this.#item.tooltip = markdown;
    }
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
