import { env, l10n, ProgressLocation, type Uri, window } from 'vscode';
import { formatCount } from '../model/format';
import type { MergeResult } from '../protocol/engineApi';
import type { CommandContext } from './commands';

/** Shows what another ledger would bring, and takes it in if the person wants that. */
export async function mergeLedger({ client }: CommandContext, given: unknown): Promise<void> {
  const folder = typeof given === 'string' ? given : await askFolder(l10n.t('Merge Another Ledger'));
  if (folder === undefined) return;
  client.retry();
  const merge = (dryRun: boolean): Thenable<MergeResult> =>
    window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Reading another ledger') },
      () => client.call('mergeLedger', { folder, dryRun }),
    );
  const found = await merge(true);
  if (found.added + found.sumsAdded === 0) {
    void window.showInformationMessage(
      [l10n.t('Nothing new is in this ledger.'), ...problems(found)].join(' '),
    );
    return;
  }
  const take = l10n.t('Merge');
  const chosen =
    typeof given === 'string'
      ? take
      : await window.showInformationMessage(
          l10n.t(
            '{0} messages are new, {1} are known already.',
            formatCount(found.added, env.language),
            formatCount(found.known, env.language),
          ),
          { modal: true, detail: [hostsOf(found), ...problems(found)].join('\n') },
          take,
        );
  if (chosen !== take) return;
  const { added } = await merge(false);
  window.setStatusBarMessage(
    l10n.t('Usage Ledger: {0} messages merged', formatCount(added, env.language)),
    5_000,
  );
}

export async function archiveMonth({ client, store }: CommandContext): Promise<void> {
  client.retry();
  const rows = await client.call('breakdown', { filter: {}, grain: 'month', by: [] });
  const present = new Date(store.snapshot?.takenEpochMs ?? Date.now()).toISOString().slice(0, 7);
  const picked = await window.showQuickPick(
    rows
      .filter(({ bucket }) => bucket < present)
      .map(({ bucket, total }) => ({
        label: bucket,
        description: l10n.t('{0} messages', formatCount(total.messages, env.language)),
      }))
      .reverse(),
    {
      title: l10n.t('Archive a Month'),
      placeHolder: l10n.t('Its messages go into a file; the totals stay here'),
    },
  );
  if (picked === undefined) return;
  const folder = await askFolder(l10n.t('Archive a Month'));
  if (folder === undefined) return;
  const { path } = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Archiving {0}', picked.label) },
    () => client.call('archiveMonth', { month: picked.label, folder }),
  );
  void window.showInformationMessage(l10n.t('The messages of {0} are in {1} now.', picked.label, path));
}

export async function restoreMonth({ client }: CommandContext): Promise<void> {
  const files = await window.showOpenDialog({
    title: l10n.t('Restore an Archived Month'),
    openLabel: l10n.t('Restore'),
    filters: { SQLite: ['sqlite'] },
  });
  const path = files?.[0]?.fsPath;
  if (path === undefined) return;
  client.retry();
  const { month, restored, added } = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Restoring an archived month') },
    () => client.call('restoreMonth', { path }),
  );
  void window.showInformationMessage(
    l10n.t(
      '{0}: {1} messages are back, {2} are new.',
      month,
      formatCount(restored, env.language),
      formatCount(added, env.language),
    ),
  );
}

async function askFolder(title: string): Promise<string | undefined> {
  const folders: readonly Uri[] | undefined = await window.showOpenDialog({
    title,
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: l10n.t('Choose'),
  });
  return folders?.[0]?.fsPath;
}

function hostsOf({ hosts }: MergeResult): string {
  return l10n.t('From: {0}', hosts.join(', '));
}

function problems({ failures, sumsRefused }: MergeResult): string[] {
  const lines: string[] = [];
  if (failures.length > 0)
    lines.push(l10n.t('{0} files could not be read; the log tells why.', failures.length));
  if (sumsRefused > 0)
    lines.push(
      l10n.t('{0} months hold sums only, a part of which is known here: they are left out.', sumsRefused),
    );
  return lines;
}
