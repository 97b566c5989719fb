import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';

const ticker = { id: 'usageLedger.ticker' } as const;

/** A time zone in which it is about noon: no test here should run into midnight. */
function zoneAtNoon(): string {
  const behindUtcHours = new Date().getUTCHours() - 12;
  // These names count westwards: Etc/GMT+5 is five hours behind.
  return behindUtcHours === 0 ? 'Etc/GMT' : `Etc/GMT${behindUtcHours > 0 ? '+' : ''}${behindUtcHours}`;
}

/** A response of 40,000 output tokens of Opus 4.8, at $25 a million: exactly one dollar. */
function oneDollarLine(id: string): string {
  return `${JSON.stringify({
    type: 'assistant',
    timestamp: new Date().toISOString(),
    sessionId: '00000000-0000-4000-8000-000000000001',
    cwd: '/home/sample/atlas',
    version: '2.1.220',
    requestId: `req_${id}`,
    uuid: id,
    message: {
      id: `msg_${id}`,
      role: 'assistant',
      model: 'claude-opus-4-8',
      stop_reason: 'end_turn',
      content: [],
      usage: {
        input_tokens: 0,
        output_tokens: 40_000,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    },
  })}\n`;
}

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

  it('shows the same in a second window', async function () {
    this.timeout(180_000);
    const second = await workbench.openWindow();
    await second.statusBarItem(/\$2\.00/);
    await second.close();
  });

  it('shows it again after a reload, panel included', async function () {
    this.timeout(180_000);
    await window.reload();
    await window.statusBarItem(/\$2\.00/);
    const panel = await window.panelFrame();
    await panel.getByText('$2.00').first().waitFor();
  });

  it('follows the theme', async () => {
    const panel = await window.panelFrame();
    const background = (): Promise<unknown> =>
      panel.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await background();
    await workbench.setTheme(window, 'light');
    await panel.waitForFunction(
      `getComputedStyle(document.body).backgroundColor !== ${JSON.stringify(dark)}`,
    );
    await window.screenshot('smoke-light');
  });
});
