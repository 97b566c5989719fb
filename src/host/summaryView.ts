import { type WebviewView, window } from 'vscode';
import { summaryViewId } from './commandIds';
import { PageHost } from './pageHost';
import type { PanelOptions } from './panel';

/** The essentials in the side bar: the same page as the panel, laid out for little room. */
export class SummaryView {
  readonly #options: PanelOptions;
  #view: WebviewView | null = null;
  #page: PageHost | null = null;

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  get visible(): boolean {
    return this.#view?.visible ?? false;
  }

  register(): { dispose(): unknown } {
    return window.registerWebviewViewProvider(summaryViewId, {
      resolveWebviewView: (view) => {
        this.#page?.close();
        const page = new PageHost(view.webview, 'sideBar', this.#options);
        this.#view = view;
        this.#page = page;
        view.onDidChangeVisibility(() => this.#options.onVisibility());
        view.onDidDispose(() => {
          page.close();
          if (this.#view !== view) return;
          this.#view = null;
          this.#page = null;
          this.#options.onVisibility();
        });
        this.#options.onVisibility();
      },
    });
  }

  update(): void {
    if (this.visible) this.#page?.update();
  }

  updateProgress(): void {
    if (this.visible) this.#page?.updateProgress();
  }

  dispose(): void {
    this.#page?.close();
    this.#page = null;
  }
}
