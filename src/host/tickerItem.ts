import { MarkdownString, StatusBarAlignment, ThemeColor, l10n, window } from 'vscode';
import { commandIds, tickerId } from './commandIds';
import type { TickerSettings } from './displaySettings';
import type { TickerItem } from './ticker';

const background = {
  soft: 'statusBarItem.warningBackground',
  hard: 'statusBarItem.errorBackground',
} as const;

export function createTickerItem({ alignment, priority }: TickerSettings): TickerItem {
  const side = alignment === 'left' ? StatusBarAlignment.Left : StatusBarAlignment.Right;
  const item = window.createStatusBarItem(tickerId, side, priority);
  item.name = l10n.t('Usage Ledger: cost');
  item.command = commandIds.showPanel;
  return {
    setText: ({ text, spoken }) => {
      item.text = text;
      item.accessibilityInformation = { label: spoken, role: 'button' };
      item.show();
    },
    setTooltip: (text) => {
      const markdown = new MarkdownString(text, true);
      markdown.isTrusted = { enabledCommands: Object.values(commandIds) };
      item.tooltip = markdown;
    },
    setAlarm: (reached) => {
      item.backgroundColor = reached === null ? undefined : new ThemeColor(background[reached]);
    },
    dispose: () => item.dispose(),
  };
}
