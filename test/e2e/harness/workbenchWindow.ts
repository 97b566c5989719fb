import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsoleMessage, Frame, Locator, Page } from 'playwright-core';
import { projectRoot } from '../../scripts/scriptModule';

/** What may take this long on a busy machine: a window with its extension host. */
const windowTimeoutMs = 90_000;
const stepTimeoutMs = 30_000;
/** Of more than three notifications within 800 ms VS Code shows none, only a dot at its bell; people are slower than that. */
const betweenToastsMs = 900;

/** A status bar item: by what it says, or by the end of its id. */
export type StatusBarMatch = RegExp | { readonly id: string };

export interface Notification {
  readonly message: string;
  readonly buttons: readonly string[];
}

/** Where a webview's frame and all that it loads come from. */
const inWebview = /\/webview\/browser\/pre\/|vscode-(?:webview|resource)|\/dist\/webview\.js/;

function isCspViolation(text: string): boolean {
  return text.includes('Content Security Policy');
}

/** One window of a workbench, with the gestures that people make. Every gesture waits until it can be made. */
export class WorkbenchWindow {
  readonly #url: string;
  readonly #closed: () => void;
  readonly page: Page;
  /** Errors on the browser's console, the workbench's own among them. */
  readonly consoleErrors: string[] = [];
  /** What went wrong in a page of the extension: errors, said or not caught, and what the page's policy refused. */
  readonly webviewTroubles: string[] = [];

  constructor(page: Page, url: string, closed: () => void) {
    this.page = page;
    this.#url = url;
    this.#closed = closed;
    page.setDefaultTimeout(stepTimeoutMs);
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() !== 'error') return;
      const text = message.text();
      this.consoleErrors.push(text);
      const { url } = message.location();
      if (inWebview.test(url) || isCspViolation(text)) this.webviewTroubles.push(`${text} (${url})`);
    });
    page.on('pageerror', (error) => {
      this.consoleErrors.push(String(error));
      const stack = error.stack ?? '';
      if (inWebview.test(stack)) this.webviewTroubles.push(stack);
    });
  }

  async open(): Promise<void> {
    await this.page.goto(this.#url, { timeout: windowTimeoutMs });
    await this.#ready();
  }

  async reload(): Promise<void> {
    await this.page.reload({ timeout: windowTimeoutMs });
    await this.#ready();
  }

  async #ready(): Promise<void> {
    await this.page.waitForSelector('.monaco-workbench', { timeout: windowTimeoutMs });
    await this.page.waitForSelector('.statusbar-item', { timeout: windowTimeoutMs });
  }

  /** What a strict policy of a page kept from happening. */
  cspViolations(): string[] {
    return this.consoleErrors.filter(isCspViolation);
  }

  /** The first wait for an item includes the start of the extension host, so it may be long. */
  async statusBarItem(match: StatusBarMatch): Promise<Locator> {
    const items = this.page.locator('.statusbar-item');
    const item =
      match instanceof RegExp
        ? items.filter({ hasText: match })
        : this.page.locator(`.statusbar-item[id$="${match.id}"]`);
    await item.first().waitFor({ state: 'visible', timeout: windowTimeoutMs });
    return item.first();
  }

  async statusBarText(match: StatusBarMatch): Promise<string> {
    return (await (await this.statusBarItem(match)).innerText()).trim();
  }

  async clickStatusBar(match: StatusBarMatch): Promise<void> {
    await (await this.statusBarItem(match)).click();
  }

  /** Rests the mouse on an item and gives the tooltip that appears; its links can be clicked while it is there. */
  async openTooltip(match: StatusBarMatch): Promise<Locator> {
    const item = await this.statusBarItem(match);
    await this.page.mouse.move(400, 300);
    await item.hover();
    const tooltip = this.page.locator('.monaco-hover:visible').last();
    await tooltip.waitFor({ state: 'visible' });
    return tooltip;
  }

  async tooltip(match: StatusBarMatch): Promise<string> {
    const text = await (await this.openTooltip(match)).innerText();
    await this.page.mouse.move(400, 300);
    return text;
  }

  /** Runs a command from the palette by its whole title, category included: 'Usage Ledger: Show Panel'. */
  async runCommand(title: string): Promise<void> {
    await this.#inPalette(title, async (timeout) => {
      const row = this.#row(title);
      try {
        await row.waitFor({ state: 'visible', timeout });
      } catch (error) {
        const offered = await this.quickPickItems();
        throw new Error(`The palette has no "${title}", but: ${offered.join(' | ')}`, { cause: error });
      }
      await row.click({ timeout });
    });
  }

  /** Whether the palette offers a command of exactly this title. */
  async hasCommand(title: string): Promise<boolean> {
    return this.#inPalette(title, async (timeout) => {
      // The list is filtered some moments after the key; its own words for "nothing" are a row too.
      await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor({ timeout });
      await this.page.waitForTimeout(500);
      const found = (await this.#row(title).count()) > 0;
      await this.page.keyboard.press('Escape');
      return found;
    });
  }

  /**
   * A palette closes when something gets the focus a moment late, and the key is of no use to one that is just about to
   * close: then it is opened again, as a person would.
   */
  async #inPalette<Result>(typed: string, use: (timeout: number) => Promise<Result>): Promise<Result> {
    const timeout = stepTimeoutMs / 3;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press('F1');
        await this.#quickInput().fill(`>${typed}`, { timeout });
        return await use(timeout);
      } catch (error) {
        if (attempt === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  async quickPickItems(): Promise<string[]> {
    const rows = await this.page.locator('.quick-input-list .monaco-list-row').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  }

  /** Chooses an entry of an open quick pick by the start of its label. */
  async chooseQuickPick(label: string): Promise<void> {
    await this.#row(label).click();
  }

  /** Types into an open input box and confirms. */
  async answerInput(text: string): Promise<void> {
    const input = this.#quickInput();
    await input.waitFor({ state: 'visible' });
    await input.fill(text);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Gives an open save or open dialog a path and confirms. */
  async confirmPath(path: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:has(.quick-input-action) input.input');
    await input.waitFor({ state: 'visible' });
    // The dialog writes the suggested path into the box some time after it has opened.
    await this.page.waitForFunction(
      "document.querySelector('.quick-input-widget input.input')?.value.startsWith('/')",
    );
    // It may write it once more, over what has been typed.
    do {
      await input.fill(path);
      await this.page.waitForTimeout(300);
    } while ((await input.inputValue()) !== path);
    await this.page.keyboard.press('Enter');
    // On a busy machine it may not have listened yet.
    if (!(await isSoonHidden(input))) await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** All in one go: one may disappear while another is read. */
  notifications(): Promise<Notification[]> {
    return this.page.evaluate<Notification[]>(`
      [...document.querySelectorAll('.notification-toast .notification-list-item')].map((toast) => ({
        message: toast.querySelector('.notification-list-item-message')?.innerText.trim() ?? '',
        buttons: [...toast.querySelectorAll('.notification-list-item-buttons-container .monaco-button')].map(
          (button) => button.innerText,
        ),
      }))`);
  }

  /** Waits for a notification and gives it. */
  async notification(message: RegExp): Promise<Notification> {
    await this.#toast(message).waitFor({ state: 'visible' });
    const found = (await this.notifications()).find((each) => message.test(each.message));
    if (found === undefined) throw new Error(`The notification ${String(message)} went at once.`);
    await this.page.waitForTimeout(betweenToastsMs);
    return found;
  }

  async clickNotificationButton(message: RegExp, button: string): Promise<void> {
    await this.#toast(message).locator('.monaco-button', { hasText: button }).click();
  }

  /** The document of the webview panel that is in front, once it has content. */
  async panelFrame(): Promise<Frame> {
    const outer = this.page.locator('iframe.webview.ready:visible').last();
    await outer.waitFor({ state: 'visible', timeout: windowTimeoutMs });
    const outerFrame = await (await outer.elementHandle()).contentFrame();
    const inner = await outerFrame?.waitForSelector('iframe#active-frame', { timeout: windowTimeoutMs });
    const frame = await inner?.contentFrame();
    if (frame === null || frame === undefined) throw new Error('The panel has no document.');
    await frame.waitForLoadState('domcontentloaded');
    return frame;
  }

  /** Into screenshots/ of the project, which is ignored. */
  async screenshot(name: string): Promise<string> {
    const folder = join(projectRoot, 'screenshots');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async close(): Promise<void> {
    this.#closed();
    await this.page.context().close();
  }

  #quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  #row(label: string): Locator {
    const exact = label.replace(/["\\]/g, '\\$&');
    return this.page
      .locator(
        `.quick-input-list .monaco-list-row:is([aria-label="${exact}"], [aria-label^="${exact},"], [aria-label^="${exact} "])`,
      )
      .first();
  }

  #toast(message: RegExp): Locator {
    return this.page.locator('.notification-toast .notification-list-item', { hasText: message }).first();
  }
}

async function isSoonHidden(locator: Locator): Promise<boolean> {
  const timeout = 10_000;
  return locator.waitFor({ state: 'hidden', timeout }).then(
    () => true,
    () => false,
  );
}
