import { ConfigurationTarget, ProgressLocation, Uri, env, l10n, window, workspace } from 'vscode';
import { usd } from '../model/cost';
import { LedgerError } from '../model/errors';
import { formatCost, formatCount, formatCounted } from '../model/format';
import type { ImportProgress, ImportReport, ProposedLimit } from '../model/importReport';
import type { CommandContext } from './commands';
import { importFolders } from './importFolders';
import { importContents, importDocument, importSummary, type ImportTextOptions } from './importText';
import { limitId, type LimitSetting, limitsOf, withLimit } from './limitSettings';
import { settingsSection } from './settings';

/** What a caller may give so that nobody is asked for it, for the offer, keyboard shortcuts and tests. */
interface ImportRequest {
  readonly folder: Uri;
  /** true: imports without asking once more. */
  readonly confirmed?: boolean;
}

/** Looks at a folder of old usage files, tells what would come in, and imports it once that is confirmed. */
export async function runImport(context: CommandContext, given: unknown): Promise<ImportReport | null> {
  const request = isRequest(given) ? given : await ask();
  if (request === null) return null;
  context.client.retry();
  const folder = request.folder.fsPath;
  if (request.confirmed !== true) {
    const would = await importWithProgress(context, folder, true);
    if (would.files.length === 0) {
      void window.showInformationMessage(l10n.t('No old usage files in {0}', folder));
      return would;
    }
    if (!(await confirm(context, would))) return null;
  }
  const report = await importWithProgress(context, folder, false);
  // Not awaited: the notification may stay for minutes, the command is done.
  if (request.confirmed !== true) void tell(context, report);
  return report;
}

async function ask(): Promise<ImportRequest | null> {
  const configured = importFolders()[0];
  const picked = await window.showOpenDialog({
    title: l10n.t('Import Old Usage Files'),
    openLabel: l10n.t('Look'),
    canSelectFiles: false,
    canSelectFolders: true,
    ...(configured === undefined ? {} : { defaultUri: Uri.file(configured) }),
  });
  const folder = picked?.[0];
  return folder === undefined ? null : { folder };
}

async function importWithProgress(
  { client }: CommandContext,
  folder: string,
  dryRun: boolean,
): Promise<ImportReport> {
  const title = dryRun ? l10n.t('Looking at old usage files') : l10n.t('Importing old usage files');
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const shown = { percent: 0, anythingIn: false };
      const stop = client.on('importProgress', (now: ImportProgress) => {
        const percent = now.bytesTotal === 0 ? 0 : Math.min(100, (100 * now.bytesDone) / now.bytesTotal);
        const message = formatCounted(l10n.t('{0} {0|entry|entries}'), env.language, now.entries);
        progress.report({ message, increment: percent - shown.percent });
        Object.assign(shown, { percent, anythingIn: now.anythingIn });
      });
      const cancelling = token.onCancellationRequested(() => {
        // The import then ends with an error of its own, and an engine that is gone has ended it too.
        client.call('cancelImport', null).catch(() => undefined);
      });
      try {
        return await client.call('importLegacy', { folder, dryRun });
      } catch (error) {
        if (!dryRun && LedgerError.is(error, 'cancelled'))
          void window.showInformationMessage(
            shown.anythingIn
              ? l10n.t('The import was cancelled. What came in stays; importing again goes on from there.')
              : l10n.t('The import was cancelled before anything came in.'),
          );
        throw error;
      } finally {
        stop();
        cancelling.dispose();
      }
    },
  );
}

async function confirm(context: CommandContext, would: ImportReport): Promise<boolean> {
  const words = options(context);
  const go = l10n.t('Import');
  const details = l10n.t('Show Details');
  const question = l10n.t('Import the old usage files of {0}?', would.folder);
  const detail = importSummary(would, words);
  const choice = await window.showInformationMessage(question, { modal: true, detail }, go, details);
  if (choice !== details) return choice === go;
  await context.imports.show(importDocument(would, words));
  // Beside the document, so that it can be read first.
  return (await window.showInformationMessage(question, go)) === go;
}

async function tell(context: CommandContext, report: ImportReport): Promise<void> {
  const words = options(context);
  if (report.limits.length > 0) void proposeLimits(context, report.limits);
  const details = l10n.t('Show Details');
  const added = report.ledgerAfter.costNanoDollars - report.ledgerBefore.costNanoDollars;
  const text = l10n.t(
    'Imported {0}: the ledger has {1} more',
    importContents(report, words),
    formatCost(Math.max(0, added), env.language, words.money),
  );
  const show =
    report.problems.length === 0
      ? window.showInformationMessage(text, details)
      : window.showWarningMessage(
          l10n.t('{0}. Files with problems: {1}', text, formatCount(report.problems.length, env.language)),
          details,
        );
  if ((await show) === details) await context.imports.show(importDocument(report, words));
}

/** Limits of the old files go into the setting when that is wanted; those that are set already stay as they are. */
async function proposeLimits({ log }: CommandContext, proposed: readonly ProposedLimit[]): Promise<void> {
  const config = (): unknown => workspace.getConfiguration(settingsSection).get('limits');
  const known = new Set(limitsOf(config(), log).map(({ id }) => id));
  const fresh = proposed.map(settingOf).filter((setting) => !known.has(limitId(setting)));
  if (fresh.length === 0) return;
  const add = l10n.t('Add');
  const question = formatCounted(
    l10n.t(
      'spending_limits.json states {0} spending {0|limit that is|limits that are} not set yet. Add {0|it|them} to the settings?',
    ),
    env.language,
    fresh.length,
  );
  if ((await window.showInformationMessage(question, add)) !== add) return;
  const all = fresh.reduce<unknown>((raw, setting) => withLimit(raw, setting), config());
  await workspace.getConfiguration(settingsSection).update('limits', all, ConfigurationTarget.Global);
}

function settingOf({ period, user, project, softNanoDollars, hardNanoDollars }: ProposedLimit): LimitSetting {
  return {
    period,
    ...(user === undefined ? {} : { user }),
    ...(project === undefined ? {} : { project }),
    ...(softNanoDollars === null ? {} : { soft: usd(softNanoDollars) }),
    hard: usd(hardNanoDollars),
  };
}

function options({ store }: CommandContext): ImportTextOptions {
  return { l10n, locale: env.language, money: store.view(Date.now()).money };
}

function isRequest(given: unknown): given is ImportRequest {
  return typeof given === 'object' && given !== null && 'folder' in given && given.folder instanceof Uri;
}
