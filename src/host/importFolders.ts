import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Memento, Uri, commands, l10n, window, workspace } from 'vscode';
import { errorCode } from '../model/errors';
import { legacyNames } from '../model/importReport';
import type { Log } from '../model/logRecord';
import { commandIds } from './commandIds';
import { settingsSection } from './settings';

const offeredKey = 'legacyImport.offered';

/** Folders in which old usage files may lie, as the settings say; `~` is the home. */
export function importFolders(): string[] {
  const raw: unknown = workspace.getConfiguration(settingsSection).get('legacy.folders');
  if (!Array.isArray(raw)) return [];
  return raw
    .filter((path): path is string => typeof path === 'string' && path.trim() !== '')
    .map((path) => path.trim().replace(/^~(?=$|[\\/])/, homedir()));
}

/** Offers the import of each folder with old usage files, once; for the window that somebody looks at. */
export async function offerImports(state: Memento, log: Log): Promise<void> {
  if (!window.state.focused) return;
  for (const folder of importFolders()) {
    const offered = state.get<readonly string[]>(offeredKey, []);
    if (offered.includes(folder) || !(await holdsOldFiles(folder, log))) continue;
    await state.update(offeredKey, [...offered, folder]);
    const look = l10n.t('Look…');
    const text = l10n.t('Usage Ledger: there are old usage files in {0}. Import them?', folder);
    // What is said there is told before anything is imported.
    if ((await window.showInformationMessage(text, look)) === look)
      await commands.executeCommand(commandIds.importLegacy, { folder: Uri.file(folder) });
  }
}

async function holdsOldFiles(folder: string, log: Log): Promise<boolean> {
  for (const name of legacyNames) {
    try {
      await stat(join(folder, name));
      return true;
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error)))
        log('warn', 'A folder of usageLedger.legacy.folders cannot be looked at', {
          folder,
          error: String(error),
        });
    }
  }
  return false;
}
