import { type WebviewView, window } from 'vscode';
import { summaryViewId } from './commandIds';
import { PageSlot, type PageSlotOptions } from './pageSlot';

/** The essentials in the side bar: the same page as the panel, laid out for little room. */
export class SummaryView extends PageSlot<WebviewView> {
  constructor(options: PageSlotOptions) {
    super('sideBar', options);
  }

  register(): { dispose(): unknown } {
    return window.registerWebviewViewProvider(summaryViewId, {
      resolveWebviewView: (view) => {
        view.onDidChangeVisibility(() => this.options.onVisibility());
        this.fill(view);
      },
    });
  }
}
