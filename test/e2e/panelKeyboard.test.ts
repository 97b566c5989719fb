import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

const unknownModel = 'nobodys-model';
/** More stops than the page has: Tab never leads there. */
const mostStops = 80;

describe('the panel by keyboard alone in a real VS Code', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let window: WorkbenchWindow;
  let panel: Frame;

  before(async () => {
    workbench = await Workbench.start({ timeZone: zoneAtNoon() });
    const folder = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(folder, { recursive: true });
    const write = (count: number, session: string, options: object): void => {
      const path = join(folder, `${session}.jsonl`);
      for (let index = 0; index < count; index++)
        appendFileSync(path, oneDollarLine(`${session}-${index}`, { session, ...options }));
    };
    write(1, 'session-one', { project: '/home/sample/atlas' });
    write(2, 'session-two', { project: '/home/sample/harbor', model: 'claude-opus-4-5' });
    write(1, 'session-three', { project: '/home/sample/atlas', model: unknownModel });
    window = await workbench.openWindow();
  });

  after(() => workbench.stop());

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await window.page.keyboard.press(key);
  };
  const evaluate = <Result>(expression: string): Promise<Result> => panel.evaluate<Result>(expression);
  const cost = (): Promise<string> => panel.locator('.figure.main .value').innerText();

  /** What has the focus says its name, and has an outline. */
  async function focused(): Promise<string> {
    const { name, outlined } = await evaluate<{ name: string; outlined: boolean }>(`(() => {
      const at = document.activeElement;
      const marks = [at, at.nextElementSibling, at.closest('.search'), at.querySelector('.hit')];
      return {
        name: at === document.body ? '' : at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText,
        outlined: marks.some((mark) => {
          const { outlineStyle, stroke } = mark === null ? {} : getComputedStyle(mark);
          return outlineStyle === 'solid' || (stroke !== 'none' && mark?.matches('.hit'));
        }),
      };
    })()`);
    assert.ok(name === '' || outlined, `${name} has the focus and no outline`);
    return name;
  }

  async function tabTo(name: RegExp, key = 'Tab'): Promise<void> {
    const passed: string[] = [];
    while (passed.length < mostStops) {
      await press(key);
      const at = await focused();
      if (name.test(at)) return;
      passed.push(at);
    }
    assert.fail(`${String(name)} is not among: ${passed.join(' | ')}`);
  }

  async function until(what: string, test: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + 30_000; !(await test());) {
      assert.ok(performance.now() < end, `${what}; the focus is on ${await focused()}`);
      await window.page.waitForTimeout(50);
    }
  }

  it('opens it from the palette, with the focus inside', async () => {
    await window.statusBarItem(/^\s*\$3\.00 \+\?\s*$/);
    await press('F1');
    await window.page.locator('.quick-input-widget input.input').waitFor();
    await window.page.keyboard.type('Usage Ledger: Show Panel');
    await window.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Show Panel' })
      .first()
      .waitFor();
    await press('Enter');
    panel = await window.panelFrame();
    await panel.locator('.figures').waitFor();
    await until('the page has the focus', () => evaluate('document.hasFocus()'));
    await press('Tab');
    assert.equal(await focused(), 'Overview');
  });

  it('changes the range with the arrow keys', async () => {
    const label = (): Promise<string> => panel.locator('.figure.main .label').innerText();
    const before = await label();
    await tabTo(/^30 days$/);
    await press('ArrowLeft');
    assert.equal(await focused(), '7 days');
    await until('another range', async () => (await label()) !== before);
    assert.match(await cost(), /^\$3\.00\s*\+\?$/);
  });

  it('filters by a model, and takes the filter away', async () => {
    await tabTo(/^Filter$/);
    await press('Enter');
    await tabTo(/^Search in Model/);
    await window.page.keyboard.type('opus-4-5');
    // The names are asked for when the menu opens; the page behind it has bars of the same name.
    await panel.locator('#filterMenu .check', { hasText: 'claude-opus-4-5' }).waitFor();
    await tabTo(/^claude-opus-4-5/);
    await press('Space');
    await until('the filter', async () => (await cost()) === '$2.00');
    await press('Escape');
    assert.equal(await focused(), 'Filter');
    await tabTo(/^Remove filter: Model: claude-opus-4-5/);
    await press('Enter');
    await until('no filter', async () => /\+\?/.test(await cost()));
    assert.notEqual(await focused(), '');
  });

  it('switches to the sessions, sorts them, opens one, and comes back to it', async () => {
    await tabTo(/^Overview$/, 'Shift+Tab');
    await press('ArrowRight');
    assert.equal(await focused(), 'Sessions');
    await tabTo(/^Cost$/);
    await press('Enter');
    await panel.locator('th[aria-sort="descending"]', { hasText: 'Cost' }).waitFor();
    assert.equal(await focused(), 'Cost');
    await tabTo(/^harbor · session-/);
    assert.equal(await evaluate("document.activeElement.closest('tr').dataset.row"), '0');
    await press('Enter');
    await panel.locator('.messageTable tbody tr').nth(1).waitFor();
    assert.equal(await focused(), 'Sessions');
    await tabTo(/^Open Transcript$/);
    await tabTo(/^Sessions$/, 'Shift+Tab');
    await press('Enter');
    await panel.locator('.sessionTable').waitFor();
    assert.match(await focused(), /^harbor · session-/);
  });

  it('sets the price of a model that has none, and the doubt is gone from ticker and panel', async () => {
    await tabTo(/^Sessions$/, 'Shift+Tab');
    await press('End');
    assert.match(await focused(), /^Accuracy/);
    await tabTo(new RegExp(`^Set a price: ${unknownModel}$`, 'i'));
    await press('Enter');
    for (const [prompt, rate] of [
      ['input tokens', '1'],
      ['output tokens', '25'],
    ] as const) {
      await window.page.locator('.quick-input-widget:visible', { hasText: prompt }).waitFor();
      await window.page.keyboard.type(rate);
      await press('Enter');
    }
    await window.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Usual cache prices' })
      .waitFor();
    await press('Enter');
    await window.statusBarItem(/^\s*\$4\.00\s*$/);
    await panel.getByText(unknownModel).waitFor({ state: 'detached' });
    await panel.getByRole('tab', { name: 'Overview' }).click();
    assert.equal(await cost(), '$4.00');
  });
});
