import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { openLedger, record } from '../ledger/fixtures';
import { writeManySessions } from '../sources/legacy/fixtures';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine } from './oneDollar';

/** More than are imported before a person on a busy machine has found the button. */
const sessions = 40_000;
const pastMonth = '2026-01';
const pastMonthName = 'Jan 2026';

describe('dialogs of the palette’s commands in a real VS Code', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let window: WorkbenchWindow;
  let oldFiles: string;
  let archives: string;

  before(async () => {
    workbench = await Workbench.start();
    const projects = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(projects, { recursive: true });
    writeFileSync(
      join(projects, '00000000-0000-4000-8000-000000000001.jsonl'),
      oneDollarLine('now') + oneDollarLine('then', { time: `${pastMonth}-10T12:00:00.000Z` }),
    );
    oldFiles = join(workbench.home, 'old tracker');
    archives = join(workbench.home, 'archives');
    mkdirSync(archives);
    writeManySessions(join(oldFiles, 'usage.json'), sessions);
    workbench.changeSettings({ 'usageLedger.legacy.folders': [oldFiles] });
    window = await workbench.openWindow();
    await window.statusBarItem(/\$1\.00/);
  });

  after(() => workbench.stop());

  it('offers old usage files that it finds, and tells what would come in before anything does', async () => {
    await window.clickNotificationButton(/there are old usage files/, 'Look…');
    const dialog = await modal(/Import the old usage files of .*old tracker\?/);
    assert.match(await dialog.innerText(), /40,000 sessions of 1 user/);
    await dialog.getByRole('button', { name: 'Show Details' }).click();
    await window.notification(/Import the old usage files/);
    await window.page.locator('.editor-instance', { hasText: 'What would be imported' }).waitFor();
    assert.ok(existsSync(join(oldFiles, 'usage.json')));
  });

  it('imports with progress, can be cancelled, and goes on from there', async () => {
    await window.clickNotificationButton(/Import the old usage files/, 'Import');
    await window.notification(/Importing old usage files.*entr/s);
    await window.clickNotificationButton(/Importing old usage files/, 'Cancel');
    await window.notification(/The import was cancelled/);
    assert.ok(existsSync(join(oldFiles, 'usage.json')));

    await window.runCommand('Usage Ledger: Import Old Usage Files…');
    await window.confirmPath(oldFiles);
    const dialog = await modal(/Import the old usage files/);
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    const { message, buttons } = await window.notification(/Imported/);
    assert.match(message, /Imported 40,000 sessions: the ledger has \$\d/);
    assert.deepEqual(buttons, ['Show Details']);
    await window.clickNotificationButton(/Imported/, 'Show Details');
    await window.page.locator('.editor-instance', { hasText: 'usage.json.legacy_backup' }).waitFor();
    assert.ok(existsSync(join(oldFiles, 'usage.json.legacy_backup')));
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('merges the ledger of another machine once that is confirmed, and says when nothing in it is new', async () => {
    const other = join(workbench.home, 'desk');
    const ledger = await openLedger(join(other, 'ledger'));
    ledger.fold([record({ key: 'msg_desk', host: 'desk' })]);
    await ledger.checkpoint();
    await ledger.close();
    await merge(other);
    const dialog = await modal(/Merge the ledger of .*desk into this one\?/);
    assert.match(await dialog.innerText(), /1 message is new, 0 are known already\.\s+From: desk/);
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
    await window.notification(/1 message merged/);
    await merge(other);
    await window.notification(/Nothing in .*desk is new here/);
    await merge(archives);
    await window.notification(/There is no ledger in .*archives/);
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('archives a month and restores it', async () => {
    const file = join(archives, `usage-ledger-${pastMonth}.sqlite`);
    await window.runCommand('Usage Ledger: Archive a Month…');
    await window.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await archive();
    await window.notification(new RegExp(`The messages of ${pastMonthName} are in .*archives`));
    assert.ok(existsSync(file));

    await window.runCommand('Usage Ledger: Archive a Month…');
    await archive();
    await window.notification(new RegExp(`The messages of ${pastMonthName} are in a file already`));

    await window.runCommand('Usage Ledger: Restore an Archived Month…');
    await window.confirmPath(file);
    await window.notification(new RegExp(`${pastMonthName}: 1 message is back, 0 are new`));
    await window.runCommand('Notifications: Clear All Notifications');
  });

  it('shows the health as a document', async () => {
    await window.runCommand('Usage Ledger: Show Health');
    const editor = window.page.locator('.editor-instance', { hasText: 'All transcripts read once' });
    await editor.waitFor();
    await editor.getByText('not served').first().waitFor();
  });

  it('asks for a port first, then copies the token with which the metrics are served', async () => {
    await window.runCommand('Usage Ledger: Copy Metrics Token');
    const { buttons } = await window.notification(/set a port in usageLedger\.metrics\.port first/);
    assert.deepEqual(buttons, ['Open Settings']);
    const port = await freePort();
    workbench.changeSettings({ 'usageLedger.metrics.port': port });
    const url = `http://127.0.0.1:${port}/metrics`;
    assert.equal((await served(url, {})).status, 401);
    await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await window.runCommand('Usage Ledger: Copy Metrics Token');
    await window.statusBarItem(/the metrics token is on the clipboard/);
    const token = await window.page.evaluate<string>('navigator.clipboard.readText()');
    const answer = await served(url, { Authorization: `Bearer ${token}` });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^usage_ledger_\w+ \d/m);
    // The document that is still open tells what is true now.
    await window.runCommand('Usage Ledger: Show Health');
    await window.page.locator('.editor-instance').getByText(`served on port ${port}`).first().waitFor();
  });

  async function modal(question: RegExp): Promise<Locator> {
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: question });
    await dialog.waitFor();
    return dialog;
  }

  async function merge(folder: string): Promise<void> {
    await window.runCommand('Usage Ledger: Merge Another Ledger…');
    await window.confirmPath(folder);
  }

  async function archive(): Promise<void> {
    await window.chooseQuickPick(pastMonthName);
    await window.confirmPath(archives);
  }
});

/** As soon as there is a server. */
async function served(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  for (const end = performance.now() + 30_000; ;) {
    try {
      return await fetch(url, { headers });
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
