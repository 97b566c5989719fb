import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgressLocation, Uri, commands, env, l10n, window, workspace } from 'vscode';
import { LedgerError } from '../model/errors';
import { formatCost, formatCounted } from '../model/format';
import type { UsageFilter } from '../model/query';
import { type CommandContext, timeZoneOf } from './commands';
import type { EngineClient } from './engineClient';
import { WordedError } from './errorWords';
import { askExport } from './exportDialog';
import {
  type ExportOptions,
  type ExportResult,
  exportToFile,
  exportToText,
  type RowSource,
} from './exportFile';
import { type ExportRequest, exportRequest } from './exportRequest';
import { type ExportTable, messageTable, sessionTable, sumTables } from './exportTables';
import { openMessageSource } from './messageSource';

/** A table that large is none to paste. */
const clipboardRows = 2_000;

/** Asks what is not given, then streams the rows to where they belong, with progress and cancellation. */
export async function runExport(context: CommandContext, given: unknown): Promise<void> {
  const request = given === undefined ? await askExport(timeZoneOf(context)) : exportRequest(given);
  if (request === null) {
    if (given !== undefined)
      throw new LedgerError('invalid', 'the command was given no export that is known');
    return;
  }
  const { client } = context;
  client.retry();
  const result = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Exporting usage'), cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      const cancelling = token.onCancellationRequested(() => abort.abort());
      try {
        const total = request.grain === 'message' ? await messagesIn(client, filterOf(request)) : null;
        let shown = 0;
        return await write(context, request, abort.signal, (rows) => {
          const percent = total === null ? 0 : Math.min(100, (100 * rows) / Math.max(1, total));
          const message = formatCounted(l10n.t('{0} {0|row|rows}'), env.language, rows);
          progress.report({ message, increment: percent - shown });
          shown = percent;
        });
      } finally {
        cancelling.dispose();
      }
    },
  );
  // Not awaited: the notification may stay for minutes, the command is done.
  if (given === undefined) void report(context, result, request.target);
}

function filterOf({ from, to }: ExportRequest): UsageFilter {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

async function messagesIn(client: EngineClient, filter: UsageFilter): Promise<number> {
  const [row] = await client.call('breakdown', { filter, grain: 'total', by: [] });
  return row?.total.messages ?? 0;
}

async function write(
  context: CommandContext,
  request: ExportRequest,
  signal: AbortSignal,
  onProgress: (rows: number) => void,
): Promise<ExportResult> {
  const { client } = context;
  const filter = filterOf(request);
  const to = <Row>(table: ExportTable<Row>, source: RowSource<Row>): Promise<ExportResult> =>
    deliver(
      { table, source, format: request.format, timeZone: timeZoneOf(context), signal, onProgress },
      request.target,
    );
  switch (request.grain) {
    case 'message':
      return to(messageTable, await openMessageSource(client, filter));
    case 'session':
      return to(sessionTable, listSource(await unlessAborted(signal, client.call('sessions', filter))));
    case 'day':
    case 'month':
    case 'project': {
      const table = sumTables[request.grain];
      const query = { filter, grain: table.grain, by: table.by };
      return to(table, listSource(await unlessAborted(signal, client.call('breakdown', query))));
    }
  }
}

async function deliver<Row>(options: ExportOptions<Row>, target: Uri | null): Promise<ExportResult> {
  if (target === null) {
    const { text, ...result } = await toClipboard(options);
    await env.clipboard.writeText(text);
    return result;
  }
  if (target.scheme === 'file') return exportToFile(options, target.fsPath);
  const file = Uri.file(join(tmpdir(), `usage-${randomBytes(6).toString('hex')}`));
  try {
    const result = await exportToFile(options, file.fsPath);
    await workspace.fs.copy(file, target, { overwrite: true });
    return result;
  } finally {
    await workspace.fs.delete(file).then(undefined, () => {
      // Never made: the failure that led here is the one to tell.
    });
  }
}

async function toClipboard<Row>(
  options: ExportOptions<Row>,
): Promise<ExportResult & { readonly text: string }> {
  try {
    return await exportToText(options, clipboardRows);
  } catch (error) {
    if (!LedgerError.is(error, 'invalid')) throw error;
    const words = formatCounted(
      l10n.t('more than {0} {0|row is|rows are} too much to copy; a file has room for it'),
      env.language,
      clipboardRows,
    );
    throw new WordedError('invalid', words, { cause: error });
  }
}

function listSource<Row>(rows: readonly Row[]): RowSource<Row> {
  let left = rows;
  return {
    next: () => {
      const all = left;
      left = [];
      return Promise.resolve(all);
    },
    close: () => Promise.resolve(),
  };
}

/** An answer that comes too late is of no use: who cancels need not wait for it. */
function unlessAborted<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelled = (): void => reject(new LedgerError('cancelled', 'the export was cancelled'));
    if (signal.aborted) cancelled();
    signal.addEventListener('abort', cancelled, { once: true });
    answer.then(resolve, reject);
  });
}

async function report(
  { store }: CommandContext,
  { rows, costNanoDollars }: ExportResult,
  target: Uri | null,
): Promise<void> {
  const cost = formatCost(costNanoDollars, env.language, store.view(Date.now()).money);
  if (target === null) {
    const copied = l10n.t('Usage Ledger: copied {0} {0|row|rows}, {1}');
    window.setStatusBarMessage(formatCounted(copied, env.language, rows, cost), 5_000);
    return;
  }
  const open = l10n.t('Open File');
  const reveal = l10n.t('Show in Folder');
  const choice = await window.showInformationMessage(
    formatCounted(l10n.t('Exported {0} {0|row|rows}, {1}'), env.language, rows, cost),
    open,
    ...(target.scheme === 'file' && env.remoteName === undefined ? [reveal] : []),
  );
  if (choice === open) await commands.executeCommand('vscode.open', target);
  if (choice === reveal) await commands.executeCommand('revealFileInOS', target);
}
