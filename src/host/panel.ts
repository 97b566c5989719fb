import { Uri, ViewColumn, type WebviewPanel, commands, l10n, window } from 'vscode';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import { Endpoint } from '../protocol/endpoint';
import { type PanelCalls, type PanelCommand, type PanelEvents, panelCommands } from '../protocol/panelApi';
import { commandIds, panelViewType } from './commandIds';
import type { EngineClient } from './engineClient';
import { panelPage } from './panelPage';
import { servePages } from './panelPort';
import { panelStrings } from './panelStrings';
import type { SnapshotStore } from './snapshotStore';
import { settingsSection } from './settings';

type PageEndpoint = Endpoint<object, object, PanelCalls, PanelEvents>;

const commandOf: Record<PanelCommand, () => Thenable<unknown>> = {
  refresh: () => commands.executeCommand(commandIds.refresh),
  export: () => commands.executeCommand(commandIds.export),
  showLog: () => commands.executeCommand(commandIds.showLog),
  openSettings: () => commands.executeCommand('workbench.action.openSettings', settingsSection),
  setPrices: () => commands.executeCommand('workbench.action.openSettings', `${settingsSection}.prices`),
};

export interface PanelOptions {
  readonly extensionUri: Uri;
  readonly locale: string;
  readonly client: EngineClient;
  readonly store: SnapshotStore;
  readonly log: Log;
  /** The panel came into sight or went out of it. */
  readonly onVisibility: () => void;
}

/** The breakdown panel: at most one a window; it opens when asked for and comes back after a reload. */
export class Panel {
  readonly #options: PanelOptions;
  #panel: WebviewPanel | null = null;
  #page: PageEndpoint | null = null;
  #pages = 0;

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  get visible(): boolean {
    return this.#panel?.visible ?? false;
  }

  /** How many pages have said that they are ready, for tests. */
  get pagesServed(): number {
    return this.#pages;
  }

  show(): void {
    if (this.#panel !== null) {
      this.#panel.reveal();
      return;
    }
    const panel = window.createWebviewPanel(panelViewType, title(), ViewColumn.Active, {
      retainContextWhenHidden: false,
    });
    this.adopt(panel);
  }

  /** Fills a panel, new or given back by VS Code after a reload. */
  adopt(panel: WebviewPanel): void {
    // A second one can only come from a reload that met an open panel: the newer wins.
    this.#panel?.dispose();
    const { extensionUri, locale, log } = this.#options;
    const dist = Uri.joinPath(extensionUri, 'dist');
    const { webview } = panel;
    this.#panel = panel;
    panel.title = title();
    panel.iconPath = Uri.joinPath(extensionUri, 'media', 'ledger.svg');
    webview.options = { enableScripts: true, localResourceRoots: [dist], enableCommandUris: false };
    const pages = servePages(
      {
        post: (message) =>
          void webview.postMessage(message).then(undefined, (error: unknown) => {
            log('debug', 'A message to the panel was not delivered', { error: String(error) });
          }),
        onMessage: (listener) => void webview.onDidReceiveMessage(listener),
      },
      (port) => (this.#page = new Endpoint(port, this.#handlers())),
    );
    panel.onDidChangeViewState(() => this.#options.onVisibility());
    panel.onDidDispose(() => {
      pages.close();
      if (this.#panel !== panel) return;
      this.#panel = null;
      this.#page = null;
      this.#options.onVisibility();
    });
    webview.html = panelPage({
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.js')).toString(),
      styleUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.css')).toString(),
      locale,
      title: title(),
    });
    this.#options.onVisibility();
  }

  update(): void {
    if (this.visible) this.#page?.tell('view', this.#options.store.view(Date.now()));
  }

  updateProgress(): void {
    if (this.visible) this.#page?.tell('progress', this.#options.store.view(Date.now()).progress);
  }

  dispose(): void {
    // The panel itself stays: VS Code gives it back to the next extension host.
    this.#page?.close();
    this.#page = null;
  }

  #handlers(): ConstructorParameters<typeof Endpoint<object, object, PanelCalls, PanelEvents>>[1] {
    const { client, store, locale, log } = this.#options;
    return {
      ready: () => {
        this.#pages++;
        return { locale, strings: panelStrings(l10n), view: store.view(Date.now()) };
      },
      breakdown: (query) => client.call('breakdown', query, { timeoutMs: 30_000 }),
      runCommand: ({ command }) => {
        if (!panelCommands.includes(command))
          throw new LedgerError('invalid', 'the panel may not run this command');
        commandOf[command]().then(undefined, (error: unknown) => {
          log('error', 'A command run from the panel failed', { command, error: String(error) });
        });
        return null;
      },
    };
  }
}

function title(): string {
  return l10n.t('Usage Ledger');
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
