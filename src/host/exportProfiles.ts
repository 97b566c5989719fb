import { env, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { formatCounted } from '../model/format';
import type { CommandContext } from './commands';
import { profileLine } from './profileLines';

/** Asks for a place, unless one is given, and writes one line of JSON a user there. */
export async function exportProfiles({ client }: CommandContext, given: unknown): Promise<void> {
  const target = given instanceof Uri ? given : await askPlace();
  if (target === undefined) return;
  client.retry();
  const users = await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Exporting user profiles') },
    async () => {
      const profiles = await client.call('profiles', {});
      const text = profiles.map((profile) => `${profileLine(profile)}\n`).join('');
      await workspace.fs.writeFile(target, Buffer.from(text));
      return profiles.length;
    },
  );
  window.setStatusBarMessage(
    formatCounted(l10n.t('Usage Ledger: {0} user {0|profile|profiles} exported'), env.language, users),
    5_000,
  );
}

function askPlace(): Thenable<Uri | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  return window.showSaveDialog({
    title: l10n.t('Export User Profiles'),
    saveLabel: l10n.t('Export'),
    filters: { JSONL: ['jsonl'] },
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, 'user-profiles.jsonl') }),
  });
}
