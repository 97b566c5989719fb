import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';

/** The panel's page in a bare browser with a stand-in for the host: every state, theme and width in little time. */
interface Preview {
  readonly scenarios: readonly string[];
  open(options: { theme?: string; width?: number; scenario?: string; state?: object }): Promise<{
    page: Page;
    problems: string[];
    commands: string[];
    parts: Parts;
    show: (scenario: string, theme: string) => Promise<void>;
  }>;
  close(): Promise<void>;
}

interface Parts {
  readonly scenarios: Record<string, { view: object }>;
}

const root = join(__dirname, '..', '..', '..');
const themes = ['dark', 'light', 'hc-dark', 'hc-light'];

describe('The panel’s page', function () {
  this.timeout(120_000);
  let preview: Preview;

  before(async () => {
    const url = pathToFileURL(join(root, 'test', 'webview', 'preview.mjs')).href;
    const { openPreview } = (await import(url)) as { openPreview: () => Promise<Preview> };
    preview = await openPreview();
  });
  after(() => preview.close());

  const loadAxe = (page: Page): Promise<unknown> =>
    // Not as a script element: the page's policy would rightly refuse that.
    page.evaluate(readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  const violations = (page: Page): Promise<unknown> =>
    page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) =>
        html.slice(0, 120) + ' ' + (any[0]?.message ?? '')).slice(0, 3).join(' | ')))`);

  it('has no accessibility violations and obeys its policy in every state and theme', async () => {
    const { page, problems, show } = await preview.open({});
    await loadAxe(page);
    for (const scenario of preview.scenarios)
      for (const theme of themes) {
        await show(scenario, theme);
        assert.deepEqual(await violations(page), [], `${scenario} in ${theme}`);
      }
    assert.deepEqual(problems, []);
    await page.close();
  });

  it('has no accessibility violations as a table and with everything unfolded', async () => {
    const { page } = await preview.open({ scenario: 'unsure', state: { tableOpen: true } });
    await page.locator('summary').click();
    await loadAxe(page);
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  it('fits into a narrow column in every state, without scrolling sideways', async () => {
    const { page, show } = await preview.open({ width: 320 });
    for (const scenario of preview.scenarios) {
      await show(scenario, 'dark');
      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
        true,
        scenario,
      );
    }
    await page.close();
  });

  it('shows names from data as text and nothing else', async () => {
    const { page } = await preview.open({ scenario: 'hostile' });
    assert.equal(await page.locator('main img, main script, main a').count(), 0);
    assert.equal(await page.getByText('<img src=x onerror=alert(1)>').count(), 2);
    await page.close();
  });

  it('reads out the bar that the arrow keys reach', async () => {
    const { page } = await preview.open({});
    await page.locator('.bar[tabindex="0"]').focus();
    const read = (): Promise<string> => page.locator('.whenName').innerText();
    assert.equal(await read(), 'Tue, Nov 24, 2026');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await read(), 'Mon, Nov 23, 2026');
    await page.keyboard.press('Home');
    assert.equal(await read(), 'Mon, Oct 26, 2026');
    assert.equal(await page.locator('.bar[tabindex="0"]').count(), 1);
    await page.keyboard.press('Tab');
    assert.equal(await read(), 'Total');
    await page.close();
  });

  it('changes the period by keyboard and keeps it over a reload', async () => {
    const { page } = await preview.open({});
    await page.locator('input[value="last30Days"]').focus();
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('.figure.main .label').innerText(), /Nov 18 – Nov 24/);
    const state = await page.evaluate<object>('keptState');
    await page.close();
    const { page: again } = await preview.open({ state });
    assert.match(await again.locator('.figure.main .label').innerText(), /Nov 18 – Nov 24/);
    await again.close();
  });

  it('asks for what the snapshot does not hold, and draws it by the hour', async () => {
    const { page } = await preview.open({ state: { range: 'today' } });
    await page.locator('.bar').first().waitFor();
    assert.equal(await page.locator('.bar').count(), 24);
    assert.match(
      await page.locator('.bar').nth(9).getAttribute('aria-label').then(String),
      /9 AM.*claude-opus-4-6 \$/,
    );
    await page.close();
  });

  it('takes a new snapshot without touching focus, scroll or what is unfolded', async () => {
    const { page, parts } = await preview.open({ scenario: 'full' });
    await page.locator('summary').click();
    await page.locator('.bar[tabindex="0"]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.evaluate('window.scrollTo(0, 200)');
    await page.evaluate(`window.before = [document.activeElement, ...document.querySelectorAll('tr')];
      window.changes = 0;
      new MutationObserver((all) => { for (const each of all) changes += each.addedNodes.length + each.removedNodes.length; })
        .observe(document.body, { childList: true, subtree: true })`);
    const view = parts.scenarios['full']!.view as {
      snapshot: { periods: { last30Days: { total: object } } };
    };
    const { periods } = view.snapshot;
    const newer = {
      ...view,
      snapshot: {
        ...view.snapshot,
        periods: {
          ...periods,
          last30Days: {
            ...periods.last30Days,
            total: { ...periods.last30Days.total, costNanoDollars: 999e9 },
          },
        },
      },
    };
    await page.evaluate(`tellPage('view', ${JSON.stringify(newer)})`);
    await page.getByText('$999.00').waitFor();
    assert.equal(await page.evaluate('document.activeElement === before[0]'), true);
    assert.equal(await page.evaluate('scrollY'), 200);
    assert.equal(await page.evaluate('before.slice(1).every((row) => row.isConnected)'), true);
    assert.equal(await page.evaluate('changes'), 0);
    assert.equal(await page.locator('details[open]').count(), 1);
    assert.equal(await page.locator('.whenName').innerText(), 'Mon, Nov 23, 2026');
    await page.close();
  });

  it('follows a first scan from nothing to figures', async () => {
    const { page, parts } = await preview.open({ scenario: 'waiting' });
    assert.equal(await page.locator('progress').count(), 1);
    await page.evaluate(
      `tellPage('progress', { filesTotal: 4, filesDone: 1, bytesTotal: 400, bytesDone: 100, remainingMs: 900 })`,
    );
    await page.getByText('1 of 4 files').waitFor();
    assert.equal(await page.locator('progress').getAttribute('value'), '0.25');
    await page.evaluate(`tellPage('view', ${JSON.stringify(parts.scenarios['full']!.view)})`);
    await page.locator('.figures').waitFor();
    assert.equal(await page.locator('progress').count(), 0);
    await page.close();
  });

  it('runs commands by name', async () => {
    const { page, commands } = await preview.open({ scenario: 'failing' });
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'Show Log' }).first().click();
    assert.deepEqual(commands, ['refresh', 'export', 'showLog']);
    await page.close();
  });
});
