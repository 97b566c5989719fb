import { Uri, env, l10n, window, workspace } from 'vscode';
import { civilDayOf, formatLongDay } from '../model/format';
import type { CivilDay } from '../model/time';
import { dialogStep } from './dialogStep';
import type { ExportFormat } from './exportFormats';
import { type ExportRequest, isCivilDay } from './exportRequest';
import type { ExportGrain } from './exportTables';
import { lastDays } from './summary';

type Range = Pick<ExportRequest, 'from' | 'to'>;

/** Asks what to export, of which days, how and where to; null as soon as somebody has had enough. */
export async function askExport(timeZone: string): Promise<ExportRequest | null> {
  const grain = await askGrain();
  if (grain === null) return null;
  const range = await askRange(timeZone);
  if (range === null) return null;
  const format = await askFormat(grain);
  if (format === null) return null;
  if (format === 'markdown') return { grain, ...range, format, target: null };
  const target = await askPlace(format, timeZone);
  return target === null ? null : { grain, ...range, format, target };
}

const title = (): string => l10n.t('Export Usage');

async function askGrain(): Promise<ExportGrain | null> {
  const picked = await window.showQuickPick<{ label: string; description: string; grain: ExportGrain }>(
    [
      { label: l10n.t('Messages'), description: l10n.t('one row a message'), grain: 'message' },
      { label: l10n.t('Sessions'), description: l10n.t('one row a session'), grain: 'session' },
      { label: l10n.t('Days'), description: l10n.t('one row a day and model'), grain: 'day' },
      { label: l10n.t('Months'), description: l10n.t('one row a month and model'), grain: 'month' },
      { label: l10n.t('Projects'), description: l10n.t('one row a project'), grain: 'project' },
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('What to export') },
  );
  return picked?.grain ?? null;
}

async function askRange(timeZone: string): Promise<Range | null> {
  const now = Date.now();
  const today = civilDayOf(now, timeZone);
  const picked = await window.showQuickPick<{ label: string; range: Range | 'custom' }>(
    [
      { label: l10n.t('All time'), range: {} },
      { label: l10n.t('Today'), range: { from: today, to: today } },
      { label: l10n.t('7 days'), range: lastDays(7, timeZone, now) },
      { label: l10n.t('30 days'), range: lastDays(30, timeZone, now) },
      { label: l10n.t('90 days'), range: lastDays(90, timeZone, now) },
      { label: l10n.t('This month'), range: { from: `${today.slice(0, 7)}-01`, to: today } },
      { label: l10n.t('From one day to another…'), range: 'custom' },
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('Period') },
  );
  if (picked === undefined) return null;
  if (picked.range !== 'custom') return picked.range;
  const from = await askDay(l10n.t('First day'), lastDays(7, timeZone, now).from, null);
  if (from === null) return null;
  const to = await askDay(l10n.t('Last day'), today, from);
  return to === null ? null : { from, to };
}

async function askDay(prompt: string, value: CivilDay, from: CivilDay | null): Promise<CivilDay | null> {
  const given = await window.showInputBox({
    ...dialogStep(title()),
    prompt,
    value,
    validateInput: (text) => {
      if (!isCivilDay(text.trim())) return l10n.t('A day, written as {0}', value);
      return from !== null && text.trim() < from
        ? l10n.t('Not before {0}', formatLongDay(from, env.language))
        : undefined;
    },
  });
  return given?.trim() ?? null;
}

async function askFormat(grain: ExportGrain): Promise<ExportFormat | null> {
  const picked = await window.showQuickPick<{ label: string; description: string; format: ExportFormat }>(
    [
      { label: 'CSV', description: l10n.t('for spreadsheets'), format: 'csv' },
      { label: 'JSON', description: l10n.t('one list, for programs'), format: 'json' },
      { label: 'JSON Lines', description: l10n.t('one object a line, for large exports'), format: 'jsonl' },
      // A table of single messages is nothing that anybody pastes.
      ...(grain === 'message'
        ? []
        : [
            {
              label: 'Markdown',
              description: l10n.t('a table, to the clipboard'),
              format: 'markdown' as const,
            },
          ]),
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('Format') },
  );
  return picked?.format ?? null;
}

async function askPlace(format: ExportFormat, timeZone: string): Promise<Uri | null> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const name = `usage-${civilDayOf(Date.now(), timeZone)}.${format}`;
  const target = await window.showSaveDialog({
    title: title(),
    saveLabel: l10n.t('Export'),
    filters: { [format.toUpperCase()]: [format] },
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, name) }),
  });
  return target ?? null;
}
