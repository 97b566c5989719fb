import { Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { panelViewType } from './commandIds';
import { pageTitle } from './pageHost';
import { PageSlot, type PageSlotOptions } from './pageSlot';

/** The breakdown panel: at most one a window; it opens when asked for and comes back after a reload. */
export class Panel extends PageSlot<WebviewPanel> {
  constructor(options: PageSlotOptions) {
    super('editor', options);
  }

  show(): void {
    if (this.view !== null) {
      this.view.reveal();
      return;
    }
    const panel = window.createWebviewPanel(panelViewType, pageTitle(), ViewColumn.Active, {
      retainContextWhenHidden: false,
    });
    this.#adopt(panel);
  }

  /** What VS Code calls after a reload. The page reads its own state; the host needs none of it. */
  register(): { dispose(): unknown } {
    return window.registerWebviewPanelSerializer(panelViewType, {
      deserializeWebviewPanel: (restored: WebviewPanel) => {
        this.#adopt(restored);
        return Promise.resolve();
      },
    });
  }

  /** Fills a panel, new or given back by VS Code after a reload. */
  #adopt(panel: WebviewPanel): void {
    const before = this.view;
    panel.title = pageTitle();
    panel.iconPath = Uri.joinPath(this.options.extensionUri, 'media', 'ledger.svg');
    panel.onDidChangeViewState(() => this.options.onVisibility());
    this.fill(panel);
    // A second one can only come from a reload that met an open panel: the newer wins.
    before?.dispose();
  }
}
