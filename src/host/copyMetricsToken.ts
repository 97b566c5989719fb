import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, l10n, window } from 'vscode';
import { errorCode, LedgerError } from '../model/errors';

/** The engine makes the token when it first serves metrics; it is shown to nobody but the clipboard. */
export async function copyMetricsToken(storageFolder: string): Promise<void> {
  let token: string;
  try {
    token = (await readFile(join(storageFolder, 'metrics-token'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    const why = l10n.t('there is no token yet: set a port in usageLedger.metrics.port first');
    throw new LedgerError('not-found', why, { cause: error });
  }
  await env.clipboard.writeText(token);
  window.setStatusBarMessage(l10n.t('Usage Ledger: the metrics token is on the clipboard'), 5_000);
}
