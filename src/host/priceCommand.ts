import {
  ConfigurationTarget,
  type QuickPickItem,
  QuickPickItemKind,
  env,
  l10n,
  window,
  workspace,
} from 'vscode';
import { LedgerError } from '../model/errors';
import { formatCounted } from '../model/format';
import type { UserPrice } from '../model/rates';
import type { CommandContext } from './commands';
import { dialogStep } from './dialogStep';
import { maximumRate, userPrice } from './settingValues';
import { settingsSection } from './settings';

const title = (): string => l10n.t('Set Price');

/** Asks for a model and its prices, unless they are given, and writes them into the setting. */
export async function setPrice({ store }: CommandContext, given: unknown): Promise<void> {
  const config = workspace.getConfiguration(settingsSection);
  const before = config.get<Record<string, unknown>>('prices') ?? {};
  const model = givenModel(given) ?? (await askModel(store.snapshot));
  if (model === null) return;
  const price = givenPrice(model, given) ?? (await askPrice(model, userPrice(model, before[model])));
  if (price === null) return;
  const { model: name, ...rates } = price;
  // Past usage is priced anew by itself, and what that changed is told when it is done.
  await config.update('prices', { ...before, [name]: rates }, ConfigurationTarget.Global);
  window.setStatusBarMessage(l10n.t('Usage Ledger: price of {0} set', name), 5_000);
}

/** The panel and keyboard shortcuts may give the model, or model and price. */
function givenModel(given: unknown): string | null {
  if (typeof given !== 'object' || given === null || !('model' in given)) return null;
  return typeof given.model === 'string' && given.model.trim() !== '' ? given.model.trim() : null;
}

function givenPrice(model: string, given: unknown): UserPrice | null {
  if (typeof given !== 'object' || given === null || !('input' in given)) return null;
  const price = userPrice(model, given);
  if (price === null) throw new LedgerError('invalid', `the command was given no price of ${model}`);
  return price;
}

async function askModel(snapshot: CommandContext['store']['snapshot']): Promise<string | null> {
  const unpriced = snapshot?.unpricedModels ?? [];
  const known = (snapshot?.periods.allTime.byModel ?? [])
    .map(({ name }) => name)
    .filter((name) => unpriced.every(({ model }) => model !== name));
  const other = l10n.t('Another model…');
  const separator = (label: string): QuickPickItem => ({ label, kind: QuickPickItemKind.Separator });
  const items: QuickPickItem[] = [
    ...(unpriced.length === 0 ? [] : [separator(l10n.t('Without a price'))]),
    ...unpriced.map(({ model, messages }) => ({
      label: model,
      description: formatCounted(l10n.t('{0} {0|message|messages}'), env.language, messages),
    })),
    ...(known.length === 0 ? [] : [separator(l10n.t('With a price'))]),
    ...known.map((label) => ({ label })),
    separator(''),
    { label: other },
  ];
  const picked = await window.showQuickPick(items, { ...dialogStep(title()), placeHolder: l10n.t('Model') });
  if (picked === undefined) return null;
  if (picked.label !== other) return picked.label;
  const typed = await window.showInputBox({
    ...dialogStep(title()),
    prompt: l10n.t('Name of the model, as its usage names it'),
    validateInput: (text) => (text.trim() === '' ? l10n.t('A name is needed') : undefined),
  });
  return typed?.trim() ?? null;
}

async function askPrice(model: string, before: UserPrice | null): Promise<UserPrice | null> {
  const input = await askRate(model, l10n.t('US dollars per million input tokens'), before?.input);
  if (input === null) return null;
  const output = await askRate(model, l10n.t('US dollars per million output tokens'), before?.output);
  if (output === null) return null;
  const usual = l10n.t('Usual cache prices');
  const own = l10n.t('Own cache prices…');
  const cache = await window.showQuickPick(
    [
      {
        label: usual,
        description: l10n.t('reads at a tenth of input, writes at 1.25 times, for an hour twice'),
      },
      { label: own },
    ],
    { ...dialogStep(titleOf(model)), placeHolder: l10n.t('What the cache costs') },
  );
  if (cache === undefined) return null;
  if (cache.label === usual) return { model, input, output };
  const ask = (prompt: string, value: number | undefined): Promise<number | null> =>
    askRate(model, prompt, value);
  const cacheRead = await ask(l10n.t('US dollars per million tokens read from the cache'), before?.cacheRead);
  if (cacheRead === null) return null;
  const cacheWrite5m = await ask(
    l10n.t('US dollars per million tokens written to the cache for 5 minutes'),
    before?.cacheWrite5m,
  );
  if (cacheWrite5m === null) return null;
  const cacheWrite1h = await ask(
    l10n.t('US dollars per million tokens written to the cache for 1 hour'),
    before?.cacheWrite1h,
  );
  return cacheWrite1h === null ? null : { model, input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}

function titleOf(model: string): string {
  return l10n.t('Set Price of {0}', model);
}

async function askRate(model: string, prompt: string, value: number | undefined): Promise<number | null> {
  const text = await window.showInputBox({
    ...dialogStep(titleOf(model)),
    prompt,
    ...(value === undefined ? {} : { value: String(value) }),
    validateInput: (typed) =>
      rateOf(typed) === null ? l10n.t('A number from 0 to {0}', maximumRate) : undefined,
  });
  return text === undefined ? null : rateOf(text);
}

function rateOf(text: string): number | null {
  const rate = text.trim() === '' ? NaN : Number(text);
  return rate >= 0 && rate <= maximumRate ? rate : null;
}
