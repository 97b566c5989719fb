// npm run screenshots: ticker, tooltip and panel of the packaged extension in every theme, into screenshots/.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectRoot } from '../scripts/scriptModule';
import { Workbench, type Theme } from './harness/workbench';

const themes: readonly Theme[] = ['light', 'dark', 'highContrastDark', 'highContrastLight'];
/** One is near, one is reached, one is far away. */
const limits = [
  { period: 'day', soft: 0.5, hard: 1_000 },
  { period: 'week', project: '/home/sample/harbor-web', hard: 500 },
  { period: 'month', hard: 900 },
];
const ticker = { id: 'usageLedger.ticker' } as const;

async function main(): Promise<void> {
  const url = pathToFileURL(join(projectRoot, 'scripts', 'sampleTranscripts.mjs')).href;
  const { writeSampleTranscripts } = (await import(url)) as {
    writeSampleTranscripts: (root: string) => unknown;
  };
  const workbench = await Workbench.start({
    settings: { 'workbench.activityBar.location': 'hidden', 'workbench.layoutControl.enabled': false },
  });
  try {
    writeSampleTranscripts(workbench.claudeConfigDir);
    const window = await workbench.openWindow();
    await window.statusBarItem(/\$\d/);
    await window.runCommand('View: Toggle Primary Side Bar Visibility');
    for (const theme of themes) {
      await workbench.setTheme(window, theme);
      await window.openTooltip(ticker);
      await window.page.waitForTimeout(800);
      console.log(await window.screenshot(`tooltip-${theme}`));
    }
    await window.page.mouse.move(400, 300);
    workbench.changeSettings({ 'usageLedger.limits': limits });
    await window.notification(/spending/);
    for (const theme of themes) {
      await workbench.setTheme(window, theme);
      await window.page.waitForTimeout(800);
      console.log(await window.screenshot(`limit-${theme}`));
    }
    await window.openTooltip(ticker);
    await window.page.waitForTimeout(800);
    console.log(await window.screenshot('limit-tooltip'));
    workbench.changeSettings({ 'usageLedger.limits': [] });
    await window.page.mouse.move(400, 300);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.clickStatusBar(ticker);
    const panel = await window.panelFrame();
    await panel.getByText('Cost by').first().waitFor();
    for (const theme of themes) {
      await workbench.setTheme(window, theme);
      await window.page.mouse.move(20, 300);
      await window.page.waitForTimeout(800);
      console.log(await window.screenshot(`panel-${theme}`));
    }
    await workbench.setTheme(window, 'dark');
    for (const tab of ['Sessions', 'Rhythm', 'Accuracy', 'Overview']) {
      await panel.getByRole('tab', { name: tab }).click();
      await window.page.waitForTimeout(1_500);
      console.log(await window.screenshot(`panel-${tab.toLowerCase()}`));
    }
    await window.page.setViewportSize({ width: 640, height: 1_000 });
    await window.page.waitForTimeout(800);
    console.log(await window.screenshot('panel-narrow'));
    await window.page.setViewportSize({ width: 1_280, height: 800 });
    await window.runCommand('Usage Ledger: Focus on Summary View');
    await window.page.waitForTimeout(2_500);
    console.log(await window.screenshot('side-bar'));
  } finally {
    await workbench.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
