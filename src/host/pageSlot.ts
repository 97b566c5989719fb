import type { Event, Webview } from 'vscode';
import type { PanelLayout } from '../protocol/panelApi';
import { PageHost, type PageOptions } from './pageHost';

export interface PageSlotOptions extends PageOptions {
  /** The page came into sight or went out of it. */
  readonly onVisibility: () => void;
}

/** What an editor and a view of the side bar have in common. */
interface PageView {
  readonly visible: boolean;
  readonly webview: Webview;
  readonly onDidDispose: Event<void>;
}

/** A place of the window for one page: empty, or filled with what VS Code gives for it. */
export class PageSlot<View extends PageView> {
  protected readonly options: PageSlotOptions;
  readonly #layout: PanelLayout;
  #filled: { readonly view: View; readonly page: PageHost } | null = null;

  constructor(layout: PanelLayout, options: PageSlotOptions) {
    this.#layout = layout;
    this.options = options;
  }

  get visible(): boolean {
    return this.#filled?.view.visible ?? false;
  }

  protected get view(): View | null {
    return this.#filled?.view ?? null;
  }

  /** The page of before, if there is one, is told nothing any more. */
  protected fill(view: View): void {
    this.#filled?.page.close();
    const page = new PageHost(view.webview, this.#layout, this.options);
    this.#filled = { view, page };
    view.onDidDispose(() => {
      page.close();
      if (this.#filled?.page !== page) return;
      this.#filled = null;
      this.options.onVisibility();
    });
    this.options.onVisibility();
  }

  update(): void {
    if (this.visible) this.#filled?.page.update();
  }

  updateProgress(): void {
    if (this.visible) this.#filled?.page.updateProgress();
  }

  /** What VS Code gave stays: it gives an editor back to the next extension host. */
  dispose(): void {
    this.#filled?.page.close();
    this.#filled = null;
  }
}
