import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';

/** The panel's page in a bare browser with a stand-in for the host: every state, theme and width in little time. */
interface Preview {
  readonly scenarios: readonly string[];
  open(options: {
    theme?: string;
    width?: number;
    height?: number;
    /** Device pixels to a pixel of the page. */
    scale?: number;
    scenario?: string;
    layout?: string;
    state?: object;
  }): Promise<{
    page: Page;
    problems: string[];
    commands: string[];
    asked: string[];
    parts: Parts;
    show: (scenario: string, theme: string) => Promise<void>;
  }>;
  close(): Promise<void>;
}

interface Parts {
  readonly scenarios: Record<string, { view: object }>;
}

interface Stop {
  readonly what: string;
  /** It has an outline, or what it draws has. */
  readonly marked: boolean;
  readonly inSight: boolean;
}

/** In the page: what has the focus; null for the page as a whole. */
const whereFocusIs = `(() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const outlined = (element) => {
    const { outlineStyle, outlineWidth, stroke } = getComputedStyle(element);
    const focusColor = getComputedStyle(document.body).getPropertyValue('--vscode-focusBorder').trim();
    const painted = document.createElement('i');
    painted.style.color = focusColor;
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || stroke === painted.style.color;
  };
  const marks = [at, at.nextElementSibling, at.closest('.search'), ...at.querySelectorAll('.hit, .cell, .blockFrame')];
  const { left, top, width, height } = at.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  return {
    what: at.outerHTML.slice(0, 100),
    // The browser's own parts of a field, which it marks itself, are not the page's to ask about.
    marked: !at.matches(':focus') || marks.some((element) => element !== null && outlined(element)),
    inSight: left >= 0 && left + width <= innerWidth && top + height > 0 && top < innerHeight,
  };
})()`;

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

  it('shows names from data as text and nothing else', async () => {
    const { page } = await preview.open({ scenario: 'hostile' });
    assert.equal(await page.locator('main img, main script, main a').count(), 0);
    assert.ok((await page.getByText('<img src=x onerror=alert(1)>').count()) >= 2);
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
    await page.locator('.bar .mark').first().waitFor();
    assert.equal(await page.locator('.bar').count(), 24);
    assert.match(
      await page.locator('.bar').nth(9).getAttribute('aria-label').then(String),
      /9 AM.*claude-opus-4-6 \$/,
    );
    await page.close();
  });

  it('takes a new snapshot without touching focus, scroll or what is unfolded', async () => {
    const { page, parts } = await preview.open({ scenario: 'full' });
    await page.locator('.bar[tabindex="0"]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.evaluate('window.scrollTo(0, 200)');
    await page.waitForTimeout(300);
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

  it('filters by a name with the keyboard alone, shows it as a chip, and takes it away again', async () => {
    const { page } = await preview.open({});
    const cost = (): Promise<string> => page.locator('.figure.main .value').innerText();
    const before = await cost();
    await page.getByRole('button', { name: 'Filter' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('searchbox', { name: 'Search in Model' }).focus();
    await page.keyboard.type('haiku');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Filter');
    await page.getByText('Model: claude-haiku-4-5-20251001').waitFor();
    await page.waitForFunction(
      `document.querySelector('.figure.main .value').textContent !== ${JSON.stringify(before)}`,
    );
    assert.equal(await page.locator('.names').first().locator('tbody tr').count(), 1);
    await page.getByRole('button', { name: /^Remove filter/ }).click();
    await page.waitForFunction(
      `document.querySelector('.figure.main .value').textContent === ${JSON.stringify(before)}`,
    );
    await page.close();
  });

  it('goes from a bar to its sessions, to one of them with its messages, and back', async () => {
    const { page, commands } = await preview.open({});
    await page.locator('.bar[tabindex="0"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('.chip', { hasText: 'Tue, Nov 24, 2026' }).waitFor();
    const title = page.getByRole('button', { name: 'Why does the ticker lag behind a scan?' });
    await title.first().click();
    await page.getByRole('button', { name: 'Open Transcript' }).click();
    await page.locator('.messageTable tbody tr').nth(100).waitFor({ state: 'attached' });
    assert.match(commands[0]!, /^openTranscript \/home\/ada\/\.claude\/.*\.jsonl$/);
    await page.getByRole('button', { name: 'Sessions' }).click();
    await title.first().waitFor();
    await page.getByRole('button', { name: /^Remove filter/ }).click();
    await page.getByRole('button', { name: 'Rename the lease' }).nth(1).waitFor({ state: 'attached' });
    await page.close();
  });

  it('keeps a few rows of a very long table in the page, the focused one among them', async () => {
    const { page, asked } = await preview.open({ state: { tab: 'sessions', range: 'allTime' } });
    const rows = page.locator('.sessionTable tbody tr[data-row]');
    await rows.first().waitFor();
    assert.ok((await rows.count()) < 80);
    assert.ok(asked.filter((name) => name === 'sessionTitle').length < 80);
    assert.ok(Number(await page.locator('.sessionTable table').getAttribute('aria-rowcount')) > 1_000);
    await rows.first().getByRole('button').focus();
    await page.evaluate("document.querySelector('.scroller').scrollTo(0, 20_000)");
    await page.locator('.sessionTable tbody tr[data-row="430"]').waitFor();
    assert.equal(await page.evaluate("document.activeElement.closest('tr')?.dataset.row"), '0');
    await page.close();
  });

  it('tells in each section why that section has no answer, and asks again', async () => {
    const { page, show } = await preview.open({ scenario: 'broken', state: { tab: 'rhythm' } });
    await page.getByText('the ledger is being repaired').nth(2).waitFor();
    await show('full', 'dark');
    await page.locator('.weekHour').first().waitFor();
    assert.equal(await page.getByText('the ledger is being repaired').count(), 0);
    await page.close();
  });

  it('compares with the time before, in words too', async () => {
    const { page } = await preview.open({});
    assert.match(await page.locator('.change').first().innerText(), /^[↑↓] \d+%/);
    assert.match(
      await page.locator('.change .unseen').first().textContent().then(String),
      /\d+% (more|less)\. before: \$[\d.,]+ \(Sep 26 – Oct 25\)/,
    );
    await page.close();
  });

  it('moves through the week’s hours in both directions', async () => {
    const { page } = await preview.open({ state: { tab: 'rhythm' } });
    await page.locator('.weekHour[tabindex="0"]').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.match(await page.locator('.readOut').first().innerText(), /^Tuesday, 1 AM – 2 AM/);
    assert.equal(await page.locator('.weekHour[tabindex="0"]').count(), 1);
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

  it('comes back from a session to its row, sorted and searched as it was', async () => {
    const { page } = await preview.open({ state: { tab: 'sessions', range: 'allTime' } });
    // Without its first line: a title comes when its row has been in sight.
    const inRow = "document.activeElement.closest('tr')?.innerText.replace(/.*/, '')";
    await page.getByRole('searchbox', { name: 'Search in Sessions' }).focus();
    await page.keyboard.type('opus');
    await page.getByRole('button', { name: 'Cost', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.scroller').evaluate('(element) => element.scrollTo(0, 3_000)');
    await page.locator('tr[data-row="64"] button').focus();
    const row = await page.evaluate<string>(inRow);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Open Transcript' }).waitFor();
    assert.equal(await page.evaluate('document.activeElement.innerText'), 'Sessions');
    await page.keyboard.press('Enter');
    await page.locator('.sessionTable').waitFor();
    assert.equal(await page.evaluate(inRow), row);
    assert.equal((await page.evaluate<Stop>(whereFocusIs)).inSight, true);
    assert.equal(await page.getByRole('searchbox').inputValue(), 'opus');
    assert.equal(await page.locator('th[aria-sort]').innerText(), 'Cost');
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

  it('runs commands by name', async () => {
    const { page, commands } = await preview.open({ scenario: 'failing' });
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'Show Log' }).first().click();
    assert.deepEqual(commands, ['refresh', 'export', 'showLog']);
    await page.close();
  });
});
