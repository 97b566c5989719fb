import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

const ticker = { id: 'usageLedger.ticker' } as const;

describe('a VS Code in German', () => {
  let workbench: Workbench;
  let window: WorkbenchWindow;

  before(async function () {
    this.timeout(240_000);
    workbench = await Workbench.start({ timeZone: zoneAtNoon(), locale: 'de-DE' });
    const project = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(project, { recursive: true });
    const transcript = join(project, '00000000-0000-4000-8000-000000000001.jsonl');
    appendFileSync(transcript, oneDollarLine('first'));
    window = await workbench.openWindow();
    // What a language pack does first; its words for VS Code itself are not needed here.
    await window.page.addInitScript({ content: "globalThis._VSCODE_NLS_LANGUAGE = 'de';" });
    await window.reload();
  });

  after(async function () {
    this.timeout(60_000);
    await workbench.stop();
  });

  it('has German figures in the status bar and German words in its tooltip', async () => {
    await window.statusBarItem(/1,00\s\$/);
    const tooltip = await window.tooltip(ticker);
    assert.match(tooltip, /Heute\s+1,00\s\$/);
    assert.match(tooltip, /Dieser Monat/);
  });

  it('has German commands, and a panel with German words and figures', async () => {
    await window.runCommand('Usage Ledger: Panel anzeigen');
    const panel = await window.panelFrame();
    await panel
      .getByText(/1,00\s\$/)
      .first()
      .waitFor();
    await panel.getByRole('tab', { name: 'Sitzungen' }).click();
    await panel.getByText('Kosten/Std.').first().waitFor();
    await panel.getByRole('tab', { name: 'Übersicht' }).click();
    await window.screenshot('german-panel');
  });
});
