import assert from 'node:assert/strict';
import { openPreview, type Preview, type Stop, whereFocusIs } from './harness/pagePreview';

describe('The panel’s page', function () {
  this.timeout(120_000);
  let preview: Preview;

  before(async () => {
    preview = await openPreview();
  });
  after(() => preview.close());

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

  it('names the project of each session once, whether it has a title or not', async () => {
    const { page } = await preview.open({ state: { tab: 'sessions' } });
    const names = page.locator('.sessionTable tbody .nameCell');
    const untitled = names.filter({ hasText: / · [0-9a-f]{8}/ });
    await untitled.first().waitFor();
    const [first, second] = (await untitled.first().innerText()).split('\n');
    const project = first!.split(' · ')[0]!;
    assert.ok(project !== '' && second !== undefined && !second.includes(project), `${first} / ${second}`);
    const titled = names.filter({ hasText: 'Rename the lease' });
    assert.match((await titled.first().innerText()).split('\n')[1]!, /^[\w-]+ · /);
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

  it('comes back from a session to its row, sorted and searched as it was', async () => {
    const { page } = await preview.open({ state: { tab: 'sessions', range: 'allTime' } });
    // Without its name: a title comes when its row has been in sight.
    const inRow =
      "Array.from(document.activeElement.closest('tr')?.cells ?? []).slice(1).map((cell) => cell.innerText).join()";
    await page.getByRole('searchbox', { name: 'Search in Sessions' }).focus();
    await page.keyboard.type('opus');
    await page.getByRole('button', { name: 'Cost', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.evaluate("document.querySelector('.scroller').scrollTo(0, 3_000)");
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

  it('runs commands by name', async () => {
    const { page, commands } = await preview.open({ scenario: 'failing' });
    await page.getByRole('button', { name: 'Try Again' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('button', { name: 'Show Log' }).first().click();
    assert.deepEqual(commands, ['refresh', 'export', 'showLog']);
    await page.close();
  });
});
