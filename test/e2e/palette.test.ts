import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

const ticker = { id: 'usageLedger.ticker' } as const;
const limitReached = /a spending limit is reached/;
const unknownModel = 'nobodys-model';

describe('the palette, limits and a ticker of one’s own in a real VS Code', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let windows: WorkbenchWindow[];
  let first: WorkbenchWindow;
  let transcript: string;

  before(async () => {
    workbench = await Workbench.start({
      timeZone: zoneAtNoon(),
      settings: { 'usageLedger.ticker.template': '{project} of {today}' },
    });
    const folder = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(folder, { recursive: true });
    transcript = join(folder, '00000000-0000-4000-8000-000000000001.jsonl');
    appendFileSync(transcript, oneDollarLine('first'));
    appendFileSync(transcript, oneDollarLine('second', { project: join(workbench.folder, 'src') }));
    first = await workbench.openWindow();
    windows = [first, await workbench.openWindow()];
  });

  after(() => workbench.stop());

  it('shows what the template says: this project, of all', async () => {
    for (const window of windows) await window.statusBarItem(/^\s*\$1\.00 of \$2\.00\s*$/);
  });

  it('tells of a limit that is reached in one window of two, and marks the ticker in both', async () => {
    workbench.changeSettings({ 'usageLedger.limits': [{ period: 'day', hard: 1.5 }] });
    await Promise.all(windows.map((window) => bell(window).waitFor()));
    await waitUntil(async () => (await told()).length > 0);
    // Longer than any window waits for another.
    await first.page.waitForTimeout(5_000);
    const [notice, ...others] = await told();
    assert.equal(others.length, 0);
    assert.match(notice!.message, /Today: \$2\.00 of \$1\.50/);
    assert.deepEqual(notice!.buttons, ['Show Panel', 'Mute for Today', 'Change Limit']);
    await first.screenshot('limit-ticker');
  });

  it('is silent, and has its usual look, once the limit is muted', async () => {
    const [notice] = await told();
    await notice!.window.clickNotificationButton(limitReached, 'Mute for Today');
    await Promise.all(windows.map((window) => bell(window).waitFor({ state: 'hidden' })));
  });

  it('takes a limit by keyboard alone', async () => {
    const { keyboard } = first.page;
    const answer = async (prompt: string, text: string): Promise<void> => {
      await first.page
        .locator('.quick-input-widget:visible', { hasText: prompt })
        .or(first.page.locator(`.quick-input-widget:visible input[placeholder="${prompt}"]`))
        .first()
        .waitFor();
      if (text !== '') await keyboard.type(text);
      await first.page.waitForTimeout(300);
      await keyboard.press('Enter');
    };
    await keyboard.press('F1');
    await first.page.locator('.quick-input-widget input.input').waitFor();
    await keyboard.type('Usage Ledger: Set Limit');
    await first.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Set Limit' })
      .first()
      .waitFor();
    await keyboard.press('Enter');
    await answer('Limit', 'New');
    await answer('What is limited', 'Everything');
    await answer('Period', 'A month');
    await answer('not to be exceeded', '50');
    await answer('warned first', '');
    const path = join(workbench.folders.userDataDir, 'Machine', 'settings.json');
    await waitUntil(() => readFileSync(path, 'utf8').includes('"month"'));
    const settings = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(settings['usageLedger.limits'], [
      { period: 'day', hard: 1.5 },
      { period: 'month', soft: 40, hard: 50 },
    ]);
    assert.match(await first.tooltip(ticker), /This month\s+\$2\.00\s+\$50\.00\s+4%/);
  });

  it('prices a model that has no price, and the ticker loses its doubt', async () => {
    appendFileSync(transcript, oneDollarLine('third', { model: unknownModel }));
    await first.statusBarItem(/of \$2\.00 \+\?/);
    await first.runCommand('Usage Ledger: Set Price…');
    await first.chooseQuickPick(unknownModel);
    await first.page.locator('.quick-input-widget', { hasText: 'input tokens' }).waitFor();
    await first.page.keyboard.type('1');
    await first.page.keyboard.press('Enter');
    await first.page.locator('.quick-input-widget', { hasText: 'output tokens' }).waitFor();
    await first.page.keyboard.type('25');
    await first.page.keyboard.press('Enter');
    await first.chooseQuickPick('Usual cache prices');
    for (const window of windows) await window.statusBarItem(/^\s*\$1\.00 of \$3\.00\s*$/);
  });

  it('exports the days of this month as CSV, asked step by step', async () => {
    const target = join(workbench.folder, 'days.csv');
    await first.runCommand('Usage Ledger: Export…');
    await first.chooseQuickPick('Days');
    await first.chooseQuickPick('This month');
    await first.chooseQuickPick('CSV');
    await first.confirmPath(target);
    assert.match((await first.notification(/Exported/)).message, /Exported 2 rows, \$3\.00/);
    const [head, ...rows] = readFileSync(target, 'utf8').trimEnd().split('\r\n');
    assert.match(head!, /^day,model,messages,/);
    assert.equal(rows.length, 2);
  });

  it('rebuilds the ledger once that is confirmed, to the same figures', async () => {
    await first.runCommand('Usage Ledger: Rebuild Ledger…');
    const dialog = first.page.locator('.monaco-dialog-box');
    await dialog.getByText('Rebuild the ledger?').waitFor();
    await dialog.getByRole('button', { name: 'Rebuild', exact: true }).click();
    assert.match(
      (await first.notification(/rebuilt/)).message,
      /3 messages in \d months?.*Every sum was right/,
    );
    for (const window of windows) await window.statusBarItem(/^\s*\$1\.00 of \$3\.00\s*$/);
  });

  const bell = (window: WorkbenchWindow): ReturnType<WorkbenchWindow['page']['locator']> =>
    window.page.locator(`.statusbar-item[id$="${ticker.id}"] .codicon-bell`);

  async function told(): Promise<
    { readonly message: string; readonly buttons: readonly string[]; readonly window: WorkbenchWindow }[]
  > {
    const all = await Promise.all(
      windows.map(async (window) => (await window.notifications()).map((each) => ({ ...each, window }))),
    );
    return all.flat().filter(({ message }) => limitReached.test(message));
  }

  async function waitUntil(test: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + 30_000; !(await test());) {
      assert.ok(performance.now() < end, workbench.log().slice(-2_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
