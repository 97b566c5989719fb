// npm run screenshots: every surface in every state and theme, into screenshots/.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { projectRoot } from '../scripts/scriptModule';
import { type Theme, Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine } from './oneDollar';

const themes: readonly Theme[] = ['light', 'highContrastDark', 'highContrastLight', 'dark'];
const tabs = ['Sessions', 'Rhythm', 'Accuracy', 'Overview'];
/** One is near, one is reached, one is far away. */
const limits = [
  { period: 'day', soft: 0.5, hard: 1_000 },
  { period: 'week', project: '/home/sample/harbor-web', hard: 500 },
  { period: 'month', hard: 900 },
];
const ticker = { id: 'usageLedger.ticker' } as const;
const wide = { width: 1_280, height: 800 };

interface Preview {
  readonly open: (options: { scenario: string; theme?: string; width?: number }) => Promise<{ page: Page }>;
  readonly close: () => Promise<void>;
}

const importScript = (...path: readonly string[]): Promise<unknown> =>
  import(pathToFileURL(join(projectRoot, ...path)).href);

async function main(): Promise<void> {
  await passingStates();
  await brokenStorage();
  await everythingElse();
}

/** States that a real VS Code is in for moments only: the page is real, the engine is not. */
async function passingStates(): Promise<void> {
  const { openPreview } = (await importScript('test', 'webview', 'preview.mjs')) as {
    openPreview: () => Promise<Preview>;
  };
  const preview = await openPreview();
  try {
    for (const scenario of ['scanning', 'scanningMore', 'stale', 'broken', 'failing']) {
      const { page } = await preview.open({ scenario });
      await page.waitForTimeout(400);
      const path = join(projectRoot, 'screenshots', `state-${scenario}.png`);
      await page.screenshot({ path });
      console.log(path);
      await page.close();
    }
  } finally {
    await preview.close();
  }
}

/** The ledger's folder cannot be made: a file is in its place. */
async function brokenStorage(): Promise<void> {
  const workbench = await Workbench.start();
  try {
    mkdirSync(workbench.globalStorage, { recursive: true });
    writeFileSync(join(workbench.globalStorage, 'ledger'), '');
    const window = await workbench.openWindow();
    await window.page.locator(`.statusbar-item[id$="${ticker.id}"] .codicon-warning`).waitFor();
    await window.clickStatusBar(ticker);
    await window.panelFrame();
    await picture(window, 'error');
    await tooltipPicture(window, 'error-tooltip');
  } finally {
    await workbench.stop();
  }
}

async function everythingElse(): Promise<void> {
  const { writeSampleTranscripts } = (await importScript('scripts', 'sampleTranscripts.mjs')) as {
    writeSampleTranscripts: (root: string) => unknown;
  };
  const workbench = await Workbench.start({
    settings: { 'workbench.activityBar.location': 'hidden', 'workbench.layoutControl.enabled': false },
  });
  try {
    const window = await workbench.openWindow();
    await window.runCommand('View: Toggle Primary Side Bar Visibility');
    await window.clickStatusBar(ticker);
    const panel = await window.panelFrame();
    await panel.getByText('No usage yet').waitFor();
    await picture(window, 'empty');
    await tooltipPicture(window, 'empty-tooltip');

    writeSampleTranscripts(workbench.claudeConfigDir);
    await window.statusBarItem(/\$\d/);
    await panel.getByText('Cost by').first().waitFor();
    for (const theme of themes) {
      await workbench.setTheme(window, theme);
      await tooltipPicture(window, `tooltip-${theme}`);
      for (const tab of tabs) {
        await panel.getByRole('tab', { name: tab }).click();
        await picture(window, `panel-${tab.toLowerCase()}-${theme}`);
      }
    }
    for (const width of [900, 480]) {
      await window.page.setViewportSize({ width, height: 1_000 });
      await picture(window, `panel-width-${width}`);
    }
    await window.page.setViewportSize(wide);

    workbench.changeSettings({ 'usageLedger.limits': limits });
    await window.notification(/spending/);
    await picture(window, 'limit');
    await tooltipPicture(window, 'limit-tooltip');
    workbench.changeSettings({ 'usageLedger.limits': [] });
    await window.runCommand('Notifications: Clear All Notifications');

    const folder = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, 'unpriced.jsonl'), oneDollarLine('unpriced', { model: 'nobodys-model' }));
    await window.statusBarItem(/\+\?/);
    await tooltipPicture(window, 'unpriced-tooltip');
    await picture(window, 'unpriced');
    await panel.getByRole('tab', { name: 'Accuracy' }).click();
    await picture(window, 'unpriced-accuracy');

    await window.runCommand('Usage Ledger: Show Health');
    await window.page.locator('.editor-instance', { hasText: 'Last runs' }).waitFor();
    await picture(window, 'health');
    await window.runCommand('Usage Ledger: Focus on Summary View');
    for (const theme of themes) {
      await workbench.setTheme(window, theme);
      await picture(window, `side-bar-${theme}`, 1_500);
    }
    await window.page.setViewportSize({ width: 600, height: 800 });
    await picture(window, 'side-bar-narrow');
  } finally {
    await workbench.stop();
  }
}

async function tooltipPicture(window: WorkbenchWindow, name: string): Promise<void> {
  await window.openTooltip(ticker);
  await picture(window, name);
  await window.page.mouse.move(400, 300);
}

/** @param restMs until what has changed is drawn. */
async function picture(window: WorkbenchWindow, name: string, restMs = 700): Promise<void> {
  await window.page.waitForTimeout(restMs);
  console.log(await window.screenshot(name));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
