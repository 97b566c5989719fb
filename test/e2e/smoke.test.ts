import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

const ticker = { id: 'usageLedger.ticker' } as const;

describe('the packaged extension in a real VS Code', () => {
  let workbench: Workbench;
  let window: WorkbenchWindow;
  let transcript: string;

  before(async function () {
    this.timeout(240_000);
    workbench = await Workbench.start({ timeZone: zoneAtNoon() });
    const project = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(project, { recursive: true });
    transcript = join(project, '00000000-0000-4000-8000-000000000001.jsonl');
    appendFileSync(transcript, oneDollarLine('first'));
    window = await workbench.openWindow();
  });

  after(async function () {
    this.timeout(60_000);
    await workbench.stop();
  });

  it("shows today's cost in the status bar", async () => {
    await window.statusBarItem(/\$1\.00/);
    assert.match(await window.statusBarText(ticker), /^\$1\.00$/);
  });

  it('explains it in the tooltip', async () => {
    const tooltip = await window.tooltip(ticker);
    assert.match(tooltip, /Today\s+\$1\.00/);
    assert.match(tooltip, /claude-opus-4-8/);
    assert.match(tooltip, /atlas/);
  });

  it('notices a new response without being asked', async () => {
    appendFileSync(transcript, oneDollarLine('second'));
    await window.statusBarItem(/\$2\.00/);
  });

  it('opens the panel from the palette, under a policy that nothing breaks', async () => {
    await window.runCommand('Usage Ledger: Show Panel');
    const panel = await window.panelFrame();
    await panel.getByText('$2.00').first().waitFor();
    await window.screenshot('smoke-panel');
    assert.deepEqual(window.cspViolations(), []);
  });

  it('changes ticker and open panel by itself when a response comes', async () => {
    const panel = await window.panelFrame();
    appendFileSync(transcript, oneDollarLine('third'));
    await window.statusBarItem(/\$3\.00/);
    await panel.getByText('$3.00').first().waitFor();
  });

  it('leads from the panel to a session and its transcript, and back', async () => {
    const panel = await window.panelFrame();
    await panel.getByRole('tab', { name: 'Sessions' }).click();
    await panel.getByRole('button', { name: /atlas/ }).first().click();
    await panel.locator('.messageTable tbody tr').nth(2).waitFor();
    await panel.getByRole('button', { name: 'Open Transcript' }).click();
    await window.page.locator('.tabs-container .tab.active', { hasText: '.jsonl' }).waitFor();
    await window.runCommand('Usage Ledger: Show Panel');
    const again = await window.panelFrame();
    await again.getByRole('button', { name: 'Open Transcript' }).waitFor();
    await again.getByRole('tab', { name: 'Rhythm' }).click();
    await again.locator('.blockMark').first().waitFor();
    await again.getByRole('tab', { name: 'Overview' }).click();
  });

  it('would not get through these tests with an error in its page, or with anything that its policy refuses', async () => {
    const panel = await window.panelFrame();
    assert.deepEqual(window.webviewTroubles, []);
    await panel.evaluate(`
      document.body.insertAdjacentHTML('beforeend', '<p id="planted" onclick="0"></p>');
      document.getElementById('planted').remove();
      console.error('planted error');
      setTimeout(() => { throw new Error('planted and not caught'); });
      //# sourceURL=https://planted.test/dist/webview.js`);
    const found = (part: string): boolean => window.webviewTroubles.some((text) => text.includes(part));
    for (const part of ['Content Security Policy', 'planted error', 'planted and not caught'])
      for (const end = performance.now() + 10_000; !found(part);) {
        assert.ok(performance.now() < end, `${part} is not among ${window.webviewTroubles.join('\n')}`);
        await window.page.waitForTimeout(50);
      }
    window.webviewTroubles.length = 0;
    window.consoleErrors.length = 0;
  });

  it('shows the same in a second window', async function () {
    this.timeout(180_000);
    const second = await workbench.openWindow();
    await second.statusBarItem(/\$3\.00/);
    await second.close();
  });

  it('shows it again after a reload, panel included', async function () {
    this.timeout(180_000);
    await window.reload();
    await window.statusBarItem(/\$3\.00/);
    const panel = await window.panelFrame();
    await panel.getByText('$3.00').first().waitFor();
  });

  it('follows the theme', async () => {
    const panel = await window.panelFrame();
    const background = (): Promise<unknown> =>
      panel.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await workbench.setTheme(window, 'light');
    // Not waitForFunction: as it looks again, the page's policy refuses it what it does.
    for (const end = performance.now() + 30_000; (await background()) === dark;) {
      assert.ok(performance.now() < end, 'the page is as dark as it was');
      await window.page.waitForTimeout(50);
    }
    await window.screenshot('smoke-light');
  });

  it('shows the essentials in the side bar', async () => {
    await window.runCommand('Usage Ledger: Focus on Summary View');
    const deadline = Date.now() + 30_000;
    let found = 0;
    while (found === 0) {
      assert.ok(Date.now() < deadline, 'the side bar has no summary');
      await window.page.waitForTimeout(250);
      for (const frame of window.page.frames())
        found += await frame
          .locator('main.summary .value', { hasText: '$3.00' })
          .count()
          // A frame that is being replaced.
          .catch(() => 0);
    }
    await window.screenshot('smoke-side-bar');
    assert.deepEqual(window.cspViolations(), []);
  });
});
