import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';

const warning = /cannot write to its own folder/;

describe('a ledger whose own folders cannot be written', function () {
  this.timeout(180_000);
  let workbench: Workbench;
  let window: WorkbenchWindow;

  before(async () => {
    workbench = await Workbench.start({ stranger: true });
    window = await workbench.openWindow();
    await window.statusBarItem({ id: 'usageLedger.ticker' });
    await window.runCommand('Stranger: Record a Call');
    await window.statusBarItem(/\$0\.01/);
  });

  after(() => workbench.stop());

  it('says once where usage is kept instead, shows the file, and still counts', async () => {
    const folders = ['journal', 'journal-backup'].map((name) => join(workbench.globalStorage, name));
    for (const folder of folders) {
      if (existsSync(folder)) renameSync(folder, `${folder}.aside`);
      writeFileSync(folder, 'a file in the place of the folder');
    }
    // The first call still goes into the segment that was open.
    for (let call = 0; call < 3; call++) {
      await window.runCommand('Stranger: Record a Call');
      await window.page.waitForTimeout(300);
    }
    const { message, buttons } = await window.notification(warning);
    await window.screenshot('emergency');
    const file = /kept in (\S+) until/.exec(message)?.[1] ?? '';
    assert.ok(existsSync(file), message);
    assert.deepEqual(buttons, ['Show File']);
    assert.equal((await window.notifications()).filter((each) => warning.test(each.message)).length, 1);

    await window.clickNotificationButton(warning, 'Show File');
    await window.page.locator('.tab.active', { hasText: '.jsonl' }).waitFor();
    await window.page.locator('.view-line', { hasText: 'claude-opus-4-6' }).first().waitFor();

    for (const folder of folders) {
      rmSync(folder);
      if (existsSync(`${folder}.aside`)) renameSync(`${folder}.aside`, folder);
    }
    // All four calls are in the ledger in the end: $0.0075 each.
    await window.runCommand('Stranger: Record a Call');
    await window.statusBarItem(/\$0\.04/);
  });
});
