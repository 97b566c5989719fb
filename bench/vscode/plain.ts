import { type ExtensionContext, StatusBarAlignment, window } from 'vscode';

/** The least that an extension with an item in the status bar can do: what ours is held against. */
export function activate(context: ExtensionContext): void {
  const item = window.createStatusBarItem('ticker', StatusBarAlignment.Right);
  item.text = 'plain';
  item.show();
  context.subscriptions.push(item);
}
