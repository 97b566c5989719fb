import { ConfigurationTarget, env, l10n, window, workspace } from 'vscode';
import { nanoDollars } from '../model/cost';
import { LedgerError } from '../model/errors';
import { folderLabels, formatCost } from '../model/format';
import type { Limit, LimitPeriod } from '../model/limit';
import { type CommandContext } from './commands';
import { dialogStep } from './dialogStep';
import { limitLabel } from './limitLabel';
import {
  limitId,
  type LimitSetting,
  limitSetting,
  limitsOf,
  maximumLimitDollars,
  withLimit,
  withoutLimit,
} from './limitSettings';
import { readSettings, settingsSection } from './settings';

type Scope = Pick<LimitSetting, 'project' | 'user'>;

const title = (): string => l10n.t('Set Limit');

/** Asks for a limit, unless one is given, and writes it into the setting; or takes one away. */
export async function setLimit(context: CommandContext, given: unknown): Promise<void> {
  const config = workspace.getConfiguration(settingsSection);
  const raw = config.get('limits');
  const limits = limitsOf(raw, context.log);
  const write = (value: unknown[]): Thenable<void> =>
    config.update('limits', value, ConfigurationTarget.Global);
  if (typeof given === 'object' && given !== null && 'hard' in given) {
    const setting = limitSetting(given);
    if (setting === null) throw new LedgerError('invalid', 'the command was given no limit');
    await write(withLimit(raw, setting));
    return;
  }
  const wanted = typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined;
  const chosen = limits.find(({ id }) => id === wanted) ?? (await askWhich(limits));
  if (chosen === null) return;
  if (chosen !== 'new' && wanted === undefined) {
    const removal = await askRemoval(chosen);
    if (removal === null) return;
    if (removal) {
      await write(withoutLimit(raw, chosen.id));
      return;
    }
  }
  const place = chosen === 'new' ? await askPlace(context) : chosen;
  if (place === null) return;
  const amounts = await askAmounts(place, limits);
  if (amounts === null) return;
  const { period, project, user } = place;
  await write(
    withLimit(raw, {
      period,
      ...(project === undefined ? {} : { project }),
      ...(user === undefined ? {} : { user }),
      ...amounts,
    }),
  );
  window.setStatusBarMessage(l10n.t('Usage Ledger: limit set'), 5_000);
}

const dollars = (amount: number): string => formatCost(amount, env.language);

/** Straight to a new one while there is none. */
async function askWhich(limits: readonly Limit[]): Promise<Limit | 'new' | null> {
  if (limits.length === 0) return 'new';
  const picked = await window.showQuickPick<{ label: string; description?: string; limit: Limit | 'new' }>(
    [
      { label: `$(add) ${l10n.t('New limit…')}`, limit: 'new' },
      ...limits.map((limit) => ({
        label: limitLabel(limit, l10n),
        description:
          limit.softNanoDollars === null
            ? dollars(limit.hardNanoDollars)
            : l10n.t('{0}, warns at {1}', dollars(limit.hardNanoDollars), dollars(limit.softNanoDollars)),
        limit,
      })),
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('Limit') },
  );
  return picked?.limit ?? null;
}

async function askRemoval(limit: Limit): Promise<boolean | null> {
  const picked = await window.showQuickPick<{ label: string; remove: boolean }>(
    [
      { label: l10n.t('Change the amounts…'), remove: false },
      { label: l10n.t('Remove this limit'), remove: true },
    ],
    { ...dialogStep(title()), placeHolder: limitLabel(limit, l10n) },
  );
  return picked?.remove ?? null;
}

async function askPlace({ log, store }: CommandContext): Promise<(Scope & { period: LimitPeriod }) | null> {
  const here = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  const known = (store.snapshot?.periods.allTime.byProject ?? [])
    .map(({ name }) => name)
    .filter((name) => name !== '' && name !== here);
  const projects = [...(here === undefined ? [] : [here]), ...known];
  const labels = folderLabels(projects);
  const { user } = readSettings(log);
  const scope = await window.showQuickPick<{ label: string; description: string; scope: Scope }>(
    [
      { label: l10n.t('Everything'), description: '', scope: {} },
      ...(user === ''
        ? []
        : [{ label: l10n.t('User {0}', user), description: l10n.t('what you spend'), scope: { user } }]),
      ...projects.map((project) => ({
        label: labels.get(project) ?? project,
        description: project,
        scope: { project },
      })),
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('What is limited'), matchOnDescription: true },
  );
  if (scope === undefined) return null;
  const period = await window.showQuickPick<{ label: string; period: LimitPeriod }>(
    [
      { label: l10n.t('A day'), period: 'day' },
      { label: l10n.t('A week, from Monday'), period: 'week' },
      { label: l10n.t('A month'), period: 'month' },
    ],
    { ...dialogStep(title()), placeHolder: l10n.t('Period') },
  );
  return period === undefined ? null : { ...scope.scope, period: period.period };
}

async function askAmounts(
  place: Scope & { readonly period: LimitPeriod },
  limits: readonly Limit[],
): Promise<Pick<LimitSetting, 'hard' | 'soft'> | null> {
  const before = limits.find(({ id }) => id === limitId(place));
  const inDollars = (amount: number): string => String(amount / nanoDollars(1));
  const label = limitLabel(place, l10n);
  const hardText = await window.showInputBox({
    ...dialogStep(title()),
    prompt: l10n.t('{0}: US dollars that are not to be exceeded', label),
    value: before === undefined ? '' : inDollars(before.hardNanoDollars),
    validateInput: (text) =>
      amountOf(text) === null ? l10n.t('A number above 0, up to {0}', maximumLimitDollars) : undefined,
  });
  const hard = hardText === undefined ? null : amountOf(hardText);
  if (hard === null) return null;
  const softText = await window.showInputBox({
    ...dialogStep(title()),
    prompt: l10n.t('{0}: US dollars at which you are warned first; empty for no early warning', label),
    value: earlyWarning(before, hard),
    validateInput: (text) => {
      const soft = amountOf(text);
      if (text.trim() === '' || (soft !== null && soft < hard)) return undefined;
      return l10n.t('A number above 0 and below {0}, or nothing', hard);
    },
  });
  if (softText === undefined) return null;
  const soft = amountOf(softText);
  return { hard, ...(soft === null ? {} : { soft }) };
}

/** What it was, while that still comes first; for a new limit four fifths of it. */
function earlyWarning(before: Limit | undefined, hard: number): string {
  if (before === undefined) return String(Math.round(hard * 80) / 100);
  const soft = before.softNanoDollars;
  return soft !== null && soft < nanoDollars(hard) ? String(soft / nanoDollars(1)) : '';
}

function amountOf(text: string): number | null {
  const amount = text.trim() === '' ? NaN : Number(text);
  return amount > 0 && amount <= maximumLimitDollars ? amount : null;
}
