import { Uri, type Webview, commands, l10n, window, workspace } from 'vscode';
import { LedgerError, toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import { Endpoint, type Handlers } from '../protocol/endpoint';
import {
  type AskedCall,
  askedCalls,
  type PanelCalls,
  type PanelCommand,
  panelCommands,
  type PanelEvents,
  type PanelLayout,
  type PanelView,
} from '../protocol/panelApi';
import { showsProgress } from '../protocol/viewMood';
import { commandIds } from './commandIds';
import type { EngineClient } from './engineClient';
import { errorWords, troubleWords } from './errorWords';
import { checkAsked } from './panelCalls';
import { panelPage } from './panelPage';
import { servePages } from './panelPort';
import { panelStrings } from './panelStrings';
import type { SnapshotStore } from './snapshotStore';
import { findTranscript } from './transcriptFile';

type PageEndpoint = Endpoint<object, object, PanelCalls, PanelEvents>;

export interface PageOptions {
  readonly extensionUri: Uri;
  readonly locale: string;
  readonly client: EngineClient;
  readonly store: SnapshotStore;
  readonly log: Log;
}

const askTimeoutMs = 30_000;

/** The page in one webview: its HTML, its messages, what it may ask and what it may do. */
export class PageHost {
  readonly #options: PageOptions;
  readonly #layout: PanelLayout;
  readonly #pages: { close(): void };
  #page: PageEndpoint | null = null;
  #showsProgress = false;

  constructor(webview: Webview, layout: PanelLayout, options: PageOptions) {
    this.#options = options;
    this.#layout = layout;
    const { extensionUri, locale, log } = options;
    const dist = Uri.joinPath(extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist], enableCommandUris: false };
    this.#pages = servePages(
      {
        post: (message) =>
          void webview.postMessage(message).then(undefined, (error: unknown) => {
            log('debug', 'A message to the panel was not delivered', { error: String(error) });
          }),
        onMessage: (listener) => void webview.onDidReceiveMessage(listener),
      },
      (port) => (this.#page = new Endpoint(port, this.#handlers())),
    );
    webview.html = panelPage({
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.js')).toString(),
      styleUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.css')).toString(),
      locale,
      title: pageTitle(),
    });
  }

  update(): void {
    this.#page?.tell('view', this.#view());
  }

  /** A page that shows figures is not bothered with how a scan goes. */
  updateProgress(): void {
    const view = this.#options.store.view(Date.now());
    const shows = showsProgress(view);
    if (shows || this.#showsProgress) this.#page?.tell('progress', view.progress);
    this.#showsProgress = shows;
  }

  close(): void {
    this.#page?.close();
    this.#page = null;
    this.#pages.close();
  }

  #view(): PanelView {
    const view = this.#options.store.view(Date.now());
    this.#showsProgress = showsProgress(view);
    return { ...view, trouble: troubleWords(view, l10n) };
  }

  #handlers(): Handlers<PanelCalls> {
    const { client, store, locale, log } = this.#options;
    const ask = async (name: AskedCall, params: unknown): Promise<unknown> => {
      try {
        return await client.call(name, checkAsked(name, params), { timeoutMs: askTimeoutMs });
      } catch (error) {
        log('debug', 'A question of the panel failed', { name, error: String(error) });
        throw new LedgerError(toErrorMessage(error).reason, errorWords(error, l10n));
      }
    };
    const asked = askedCalls.map((name) => [name, (params: unknown) => ask(name, params)]);
    return {
      ...(Object.fromEntries(asked) as Pick<Handlers<PanelCalls>, AskedCall>),
      ready: () => ({
        layout: this.#layout,
        locale,
        strings: panelStrings(l10n),
        view: this.#view(),
      }),
      runCommand: ({ command, model }) => {
        if (!panelCommands.includes(command))
          throw new LedgerError('invalid', 'the panel may not run this command');
        runFromPage(command, typeof model === 'string' ? model : undefined).then(
          undefined,
          (error: unknown) => {
            log('error', 'A command run from the panel failed', { command, error: String(error) });
          },
        );
        return null;
      },
      openTranscript: async ({ path }) => {
        const found = await findTranscript(path, store.snapshot?.scan.roots ?? []);
        if (found === null)
          throw new LedgerError('not-found', l10n.t('This transcript is not there any more.'));
        const document = await workspace.openTextDocument(Uri.file(found));
        await window.showTextDocument(document, { preview: true });
        return null;
      },
    };
  }
}

/** What each command of the page is in VS Code. */
function runFromPage(command: PanelCommand, model: string | undefined): Thenable<unknown> {
  switch (command) {
    case 'moveToNewWindow':
      return commands.executeCommand('workbench.action.moveEditorToNewWindow');
    case 'setPrice':
      return commands.executeCommand(commandIds.setPrice, model === undefined ? undefined : { model });
    case 'refresh':
    case 'export':
    case 'showLog':
    case 'showPanel':
    case 'openSettings':
    case 'setLimit':
      return commands.executeCommand(commandIds[command]);
  }
}

export function pageTitle(): string {
  return l10n.t('Usage Ledger');
}
