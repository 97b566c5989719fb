import { Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { panelViewType } from './commandIds';
import { PageHost, type PageOptions, pageTitle } from './pageHost';

export interface PanelOptions extends PageOptions {
  /** The panel came into sight or went out of it. */
  readonly onVisibility: () => void;
}

/** The breakdown panel: at most one a window; it opens when asked for and comes back after a reload. */
export class Panel {
  readonly #options: PanelOptions;
  #panel: WebviewPanel | null = null;
  #page: PageHost | null = null;

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  get visible(): boolean {
    return this.#panel?.visible ?? false;
  }

  show(): void {
    if (this.#panel !== null) {
      this.#panel.reveal();
      return;
    }
    const panel = window.createWebviewPanel(panelViewType, pageTitle(), ViewColumn.Active, {
      retainContextWhenHidden: false,
    });
    this.adopt(panel);
  }

  /** Fills a panel, new or given back by VS Code after a reload. */
  adopt(panel: WebviewPanel): void {
    // A second one can only come from a reload that met an open panel: the newer wins.
    this.#panel?.dispose();
    this.#panel = panel;
    panel.title = pageTitle();
    panel.iconPath = Uri.joinPath(this.#options.extensionUri, 'media', 'ledger.svg');
    panel.onDidChangeViewState(() => this.#options.onVisibility());
    const page = new PageHost(panel.webview, 'editor', this.#options);
    this.#page = page;
    panel.onDidDispose(() => {
      page.close();
      if (this.#panel !== panel) return;
      this.#panel = null;
      this.#page = null;
      this.#options.onVisibility();
    });
    this.#options.onVisibility();
  }

  update(): void {
    if (this.visible) this.#page?.update();
  }

  updateProgress(): void {
    if (this.visible) this.#page?.updateProgress();
  }

  dispose(): void {
    // The panel itself stays: VS Code gives it back to the next extension host.
    this.#page?.close();
    this.#page = null;
  }
}

/** What VS Code calls after a reload. The page reads its own state; the host needs none of it. */
export function registerPanelSerializer(panel: Panel): { dispose(): unknown } {
  return window.registerWebviewPanelSerializer(panelViewType, {
    deserializeWebviewPanel: (restored: WebviewPanel) => {
      panel.adopt(restored);
      return Promise.resolve();
    },
  });
}
