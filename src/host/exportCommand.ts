import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CancellationToken,
  ProgressLocation,
  Uri,
  commands,
  env,
  l10n,
  window,
  workspace,
} from 'vscode';
import { civilDayOf, formatCost, formatCount } from '../model/format';
import type { CommandContext } from './commands';
import type { EngineClient } from './engineClient';
import { type ExportFormat, type ExportResult, exportMessages } from './exportMessages';
import { openMessageSource } from './messageSource';

/** What a caller may give so that nobody is asked, for keyboard shortcuts and tests. */
interface ExportRequest {
  readonly format: ExportFormat;
  readonly target: Uri;
}

/** Asks for format and place, then streams every message there, with progress and cancellation. */
export async function runExport(context: CommandContext, given: unknown): Promise<void> {
  const request = isRequest(given) ? given : await ask(context);
  if (request === null) return;
  const { client, store } = context;
  client.retry();
  const result = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Exporting usage'), cancellable: true },
    async (progress, token) => {
      const total = store.snapshot?.periods.allTime.total.messages ?? 0;
      let shown = 0;
      return write(client, request, timeZone(context), token, (messages) => {
        const percent = total === 0 ? 0 : Math.min(100, (100 * messages) / total);
        const message = l10n.t('{0} messages', formatCount(messages, env.language));
        progress.report({ message, increment: percent - shown });
        shown = percent;
      });
    },
  );
  // Not awaited: the notification may stay for minutes, the command is done.
  if (given === undefined) void report(result, request.target);
}

function timeZone({ store }: CommandContext): string {
  return store.snapshot?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

async function ask(context: CommandContext): Promise<ExportRequest | null> {
  const picked = await window.showQuickPick<{ label: string; description: string; format: ExportFormat }>(
    [
      { label: 'CSV', description: l10n.t('one row a message, for spreadsheets'), format: 'csv' },
      { label: 'JSON', description: l10n.t('one object a message, for programs'), format: 'json' },
    ],
    { title: l10n.t('Export Usage'), placeHolder: l10n.t('Format') },
  );
  if (picked === undefined) return null;
  const name = `usage-${civilDayOf(Date.now(), timeZone(context))}.${picked.format}`;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({
    title: l10n.t('Export Usage'),
    saveLabel: l10n.t('Export'),
    filters: { [picked.label]: [picked.format] },
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, name) }),
  });
  return target === undefined ? null : { format: picked.format, target };
}

async function write(
  client: EngineClient,
  { format, target }: ExportRequest,
  zone: string,
  token: CancellationToken,
  onProgress: (messages: number) => void,
): Promise<ExportResult> {
  const abort = new AbortController();
  const cancelling = token.onCancellationRequested(() => abort.abort());
  const local = target.scheme === 'file';
  const file = local ? target.fsPath : join(tmpdir(), `usage-${randomBytes(6).toString('hex')}.${format}`);
  try {
    const source = await openMessageSource(client, {});
    const result = await exportMessages({
      source,
      file,
      format,
      timeZone: zone,
      signal: abort.signal,
      onProgress,
    });
    if (!local) await workspace.fs.copy(Uri.file(file), target, { overwrite: true });
    return result;
  } finally {
    cancelling.dispose();
    if (!local) await workspace.fs.delete(Uri.file(file)).then(undefined, () => undefined);
  }
}

async function report({ messages, costNanoDollars }: ExportResult, target: Uri): Promise<void> {
  const open = l10n.t('Open File');
  const reveal = l10n.t('Show in Folder');
  const choice = await window.showInformationMessage(
    l10n.t(
      'Exported {0} messages, {1}',
      formatCount(messages, env.language),
      formatCost(costNanoDollars, env.language),
    ),
    open,
    ...(target.scheme === 'file' && env.remoteName === undefined ? [reveal] : []),
  );
  if (choice === open) await commands.executeCommand('vscode.open', target);
  if (choice === reveal) await commands.executeCommand('revealFileInOS', target);
}

function isRequest(given: unknown): given is ExportRequest {
  return (
    typeof given === 'object' &&
    given !== null &&
    'format' in given &&
    (given.format === 'csv' || given.format === 'json') &&
    'target' in given &&
    given.target instanceof Uri
  );
}
