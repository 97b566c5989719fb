import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, env, l10n, window } from 'vscode';
import { errorCode } from '../model/errors';

const portSetting = 'usageLedger.metrics.port';

/** The engine makes the token when it first serves metrics; it is shown to nobody but the clipboard. */
export async function copyMetricsToken(storageFolder: string): Promise<void> {
  let token: string;
  try {
    token = (await readFile(join(storageFolder, 'metrics-token'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    void askForPort();
    return;
  }
  await env.clipboard.writeText(token);
  window.setStatusBarMessage(l10n.t('Usage Ledger: the metrics token is on the clipboard'), 5_000);
}

async function askForPort(): Promise<void> {
  const open = l10n.t('Open Settings');
  const text = l10n.t('Metrics are not served yet: set a port in {0} first.', portSetting);
  if ((await window.showInformationMessage(text, open)) === open)
    await commands.executeCommand('workbench.action.openSettings', portSetting);
}
