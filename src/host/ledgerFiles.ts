import { basename } from 'node:path';
import { env, l10n, ProgressLocation, type Uri, window } from 'vscode';
import { LedgerError } from '../model/errors';
import { formatCounted, formatMonth } from '../model/format';
import type { MergeResult } from '../protocol/engineApi';
import type { CommandContext } from './commands';
import { dialogStep } from './dialogStep';
import { WordedError } from './errorWords';

/** Shows what another ledger would bring, and takes it in if the person wants that. */
export async function mergeLedger({ client }: CommandContext, given: unknown): Promise<void> {
  const folder = typeof given === 'string' ? given : await askFolder(l10n.t('Merge Another Ledger'));
  if (folder === undefined) return;
  client.retry();
  const merge = (title: string, dryRun: boolean): Thenable<MergeResult> =>
    window.withProgress({ location: ProgressLocation.Notification, title }, () =>
      client.call('mergeLedger', { folder, dryRun }),
    );
  const found = await merge(l10n.t('Reading another ledger'), true);
  if (found.added + found.sumsAdded === 0) {
    const nothing =
      found.months + found.failures.length === 0
        ? l10n.t('There is no ledger in {0}.', folder)
        : l10n.t('Nothing in {0} is new here.', folder);
    void window.showInformationMessage([nothing, ...problems(found)].join(' '));
    return;
  }
  if (typeof given !== 'string' && !(await confirmMerge(folder, found))) return;
  const { added, sumsAdded } = await merge(l10n.t('Merging another ledger'), false);
  // Not awaited: the notification may stay for minutes, the command is done.
  void window.showInformationMessage(
    sumsAdded === 0
      ? counted(l10n.t('{0} {0|message|messages} merged'), added)
      : counted(
          l10n.t('{0} {0|message|messages} merged, and the sums of {1} {1|month|months}'),
          added,
          sumsAdded,
        ),
  );
}

async function confirmMerge(folder: string, found: MergeResult): Promise<boolean> {
  const { added, known, sumsAdded, hosts } = found;
  const merge = l10n.t('Merge');
  const detail = [
    counted(l10n.t('{0} {0|message is|messages are} new, {1} {1|is|are} known already.'), added, known),
    ...(sumsAdded === 0
      ? []
      : [counted(l10n.t('The sums of {0} older {0|month|months} are new.'), sumsAdded)]),
    ...(hosts.length === 0 ? [] : [l10n.t('From: {0}', hosts.join(', '))]),
    ...problems(found),
  ].join('\n');
  const question = l10n.t('Merge the ledger of {0} into this one?', folder);
  return (await window.showInformationMessage(question, { modal: true, detail }, merge)) === merge;
}

export async function archiveMonth({ client, store }: CommandContext): Promise<void> {
  client.retry();
  const rows = await client.call('breakdown', { filter: {}, grain: 'month', by: [] });
  const present = new Date(store.snapshot?.takenEpochMs ?? Date.now()).toISOString().slice(0, 7);
  const past = rows.filter(({ bucket }) => bucket < present).reverse();
  if (past.length === 0) {
    void window.showInformationMessage(l10n.t('There is no past month to archive yet.'));
    return;
  }
  const picked = await window.showQuickPick(
    past.map(({ bucket, total }) => ({
      month: bucket,
      label: formatMonth(bucket, env.language),
      description: counted(l10n.t('{0} {0|message|messages}'), total.messages),
    })),
    {
      ...dialogStep(l10n.t('Archive a Month')),
      placeHolder: l10n.t('Its messages go into a file; the totals stay here'),
    },
  );
  if (picked === undefined) return;
  const { month, label } = picked;
  const folder = await askFolder(l10n.t('Archive a Month'));
  if (folder === undefined) return;
  try {
    const { path } = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Archiving {0}', label) },
      () => client.call('archiveMonth', { month, folder }),
    );
    void window.showInformationMessage(l10n.t('The messages of {0} are in {1} now.', label, path));
  } catch (error) {
    if (!LedgerError.is(error, 'invalid')) throw error;
    void window.showInformationMessage(l10n.t('The messages of {0} are in a file already.', label));
  }
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
  const { month, restored, added } = await window
    .withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Restoring an archived month') },
      () => client.call('restoreMonth', { path }),
    )
    .then(undefined, (error: unknown) => {
      if (!LedgerError.is(error, 'invalid')) throw error;
      const words = l10n.t('{0} is not the file of an archived month', basename(path));
      throw new WordedError('invalid', words, { cause: error });
    });
  const label = formatMonth(month, env.language);
  void window.showInformationMessage(
    restored + added === 0
      ? l10n.t('{0}: every message of the file is here already.', label)
      : counted(
          l10n.t('{0}: {1} {1|message is|messages are} back, {2} {2|is|are} new.'),
          label,
          restored,
          added,
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

function counted(text: string, ...values: readonly (string | number)[]): string {
  return formatCounted(text, env.language, ...values);
}

function problems({ failures, sumsRefused }: MergeResult): string[] {
  const lines: string[] = [];
  if (failures.length > 0)
    lines.push(counted(l10n.t('{0} {0|file|files} could not be read; the log tells why.'), failures.length));
  if (sumsRefused > 0)
    lines.push(
      counted(
        l10n.t(
          '{0} {0|month holds|months hold} sums only, a part of which is known here: {0|it is|they are} left out.',
        ),
        sumsRefused,
      ),
    );
  return lines;
}
