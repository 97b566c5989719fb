import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPreview, type Preview, type Stop, themes, whereFocusIs } from './harness/pagePreview';

/** In the page: what makes it scroll sideways. */
const sticksOut = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth <= clientWidth ? [] : [...document.querySelectorAll('main *')]
    .filter((element) => element.getBoundingClientRect().right > clientWidth)
    .map((element) => element.outerHTML.slice(0, 100));
})()`;

/** In the page: how many of its parts take their time to change or move. */
const movingParts = `[...document.querySelectorAll('*')].filter((element) =>
  ['', '::before', '::after', '::-webkit-progress-value'].some((part) => {
    const { animationName, animationDuration, transitionDuration } = getComputedStyle(element, part);
    return (animationName !== 'none' && parseFloat(animationDuration) > 0) || parseFloat(transitionDuration) > 0;
  })).length`;

const root = join(__dirname, '..', '..', '..');

describe('The panel’s page, for everybody', function () {
  this.timeout(120_000);
  let preview: Preview;

  before(async () => {
    preview = await openPreview();
  });
  after(() => preview.close());

  const loadAxe = (page: Page): Promise<unknown> =>
    // Not as a script element: the page's policy would rightly refuse that.
    page.evaluate(readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  /** Everything, or only what depends on the theme. */
  const violations = (page: Page, rules: 'all' | 'contrast' = 'all'): Promise<unknown> =>
    page.evaluate(`axe.run(document, {
      resultTypes: ['violations'],
      ${rules === 'all' ? '' : "runOnly: ['color-contrast']"}
    }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) =>
        html.slice(0, 120) + ' ' + (any[0]?.message ?? '')).slice(0, 3).join(' | ')))`);

  it('has no accessibility violations and obeys its policy in every state and theme', async () => {
    const { page, problems, show } = await preview.open({});
    await loadAxe(page);
    for (const scenario of preview.scenarios)
      for (const theme of themes) {
        await show(scenario, theme);
        const rules = theme === 'dark' ? 'all' : 'contrast';
        assert.deepEqual(await violations(page, rules), [], `${scenario} in ${theme}`);
      }
    assert.deepEqual(problems, []);
    await page.close();
  });

  it('has no accessibility violations on any tab, as charts and as tables, in every theme', async () => {
    const tables = ['series', 'month', 'heatmap', 'blocks'];
    for (const state of [{ range: 'last7Days' }, { range: 'last7Days', tables }]) {
      const { page, problems, show } = await preview.open({ scenario: 'unsure', state });
      await loadAxe(page);
      for (const tab of ['Overview', 'Sessions', 'Rhythm', 'Accuracy']) {
        await page.getByRole('tab', { name: tab }).click();
        for (const theme of themes) {
          await show('unsure', theme);
          const rules = theme === 'dark' ? 'all' : 'contrast';
          assert.deepEqual(await violations(page, rules), [], `${tab} in ${theme}`);
        }
      }
      assert.deepEqual(problems, []);
      await page.close();
    }
  });

  it('has no accessibility violations in the side bar, in a session, with filters open', async () => {
    const side = await preview.open({ layout: 'sideBar', width: 300 });
    await loadAxe(side.page);
    assert.deepEqual(await violations(side.page), []);
    await side.page.close();
    const { page } = await preview.open({ state: { tab: 'sessions' } });
    await loadAxe(page);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('checkbox').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rename the lease' }).first().click();
    await page.getByRole('row').nth(3).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  it('fits into a narrow column in every state, without scrolling sideways', async () => {
    const { page, show } = await preview.open({ width: 320 });
    const fits = (): Promise<boolean> =>
      page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
    for (const scenario of preview.scenarios) {
      await show(scenario, 'dark');
      assert.equal(await fits(), true, scenario);
    }
    await show('hostile', 'dark');
    for (const tab of ['Sessions', 'Rhythm', 'Accuracy']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForTimeout(50);
      assert.equal(await fits(), true, tab);
    }
    await page.close();
  });

  it('shows at every stop of the Tab key where that is, on every tab', async () => {
    const { page } = await preview.open({
      scenario: 'unsure',
      state: { range: 'custom', from: '2026-11-23', to: '2026-11-24' },
    });
    for (const tab of ['overview', 'sessions', 'rhythm', 'accuracy']) {
      await page.locator(`#tab-${tab}`).click();
      await page.waitForTimeout(100);
      const stops: string[] = [];
      await page.evaluate('document.activeElement.blur(), window.scrollTo(0, 0)');
      for (;;) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate<Stop | null>(whereFocusIs);
        if (stop === null) break;
        assert.ok(stop.marked, `${stop.what} on ${tab} does not show that it has the focus`);
        assert.ok(stop.inSight, `${stop.what} on ${tab} has the focus out of sight`);
        stops.push(stop.what);
        assert.ok(stops.length < 120, stops.join('\n'));
      }
      assert.ok(stops.length > 12, stops.join('\n'));
    }
    await page.close();
  });

  it('leads the keyboard on where what had the focus goes away', async () => {
    const { page } = await preview.open({});
    await page.locator('.bar[tabindex="0"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('.sessionTable').waitFor();
    assert.match(
      await page.evaluate<string>("document.activeElement.getAttribute('aria-label')"),
      /^Remove filter: Tue/,
    );
    await page.keyboard.press('Enter');
    await page.locator('.chip .chipClose').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate("document.activeElement.closest('.section') !== null"), true);
    await page.close();
  });

  it('fits into a window of 1,280 pixels at 200 %, on every tab', async () => {
    const { page, show } = await preview.open({ width: 640, height: 400, scale: 2 });
    for (const scenario of preview.scenarios) {
      await show(scenario, 'dark');
      assert.deepEqual(await page.evaluate(sticksOut), [], scenario);
    }
    await show('hostile', 'dark');
    for (const tab of ['sessions', 'rhythm', 'accuracy']) {
      await page.locator(`#tab-${tab}`).click();
      await page.waitForTimeout(50);
      assert.deepEqual(await page.evaluate(sticksOut), [], tab);
    }
    await page.close();
  });

  it('moves nothing for those who want that, by the system’s setting or by VS Code’s', async () => {
    const { page } = await preview.open({ scenario: 'waiting' });
    const moves = async (): Promise<number> => {
      await page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=pending></p>')",
      );
      return page.evaluate<number>(movingParts);
    };
    assert.equal(await moves(), 0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.ok((await moves()) > 0);
    await page.evaluate("document.body.classList.add('vscode-reduce-motion')");
    assert.equal(await moves(), 0);
    await page.close();
    const bars = await preview.open({});
    assert.equal(await bars.page.evaluate(movingParts), 0);
    await bars.page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.ok((await bars.page.evaluate<number>(movingParts)) > 0);
    await bars.page.close();
  });
});
