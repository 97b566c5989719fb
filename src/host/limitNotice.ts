import { commands, env, l10n, window } from 'vscode';
import { formatCost, type MoneyFormat } from '../model/format';
import type { LimitPeriod } from '../model/limit';
import type { Log } from '../model/logRecord';
import { commandIds } from './commandIds';
import type { EngineClient } from './engineClient';
import { limitLabel } from './limitLabel';
import type { ReachedLimit } from './limitNotices';

/** Tells of a limit that is reached, and offers what one may want to do about it. */
export async function showLimitNotice(
  state: ReachedLimit,
  { client, money, log }: { readonly client: EngineClient; readonly money: MoneyFormat; readonly log: Log },
): Promise<void> {
  const { limit, from, reached, spentNanoDollars } = state;
  const figures = [
    limitLabel(limit, l10n),
    formatCost(spentNanoDollars, env.language, money),
    formatCost(limit.hardNanoDollars, env.language, money),
  ] as const;
  const text =
    reached === 'hard'
      ? l10n.t('Usage Ledger: a spending limit is reached. {0}: {1} of {2}.', ...figures)
      : l10n.t('Usage Ledger: spending nears its limit. {0}: {1} of {2}.', ...figures);
  const show = l10n.t('Show Panel');
  const mute = muteLabel(limit.period);
  const change = l10n.t('Change Limit');
  const choice = await window.showWarningMessage(text, show, mute, change);
  try {
    if (choice === show) await commands.executeCommand(commandIds.showPanel);
    if (choice === change) await commands.executeCommand(commandIds.setLimit, { id: limit.id });
    if (choice === mute) await client.call('muteLimit', { limit: limit.id, from });
  } catch (error) {
    log('error', 'What was chosen in the notice of a limit failed', { error: String(error) });
  }
}

function muteLabel(period: LimitPeriod): string {
  switch (period) {
    case 'day':
      return l10n.t('Mute for Today');
    case 'week':
      return l10n.t('Mute for This Week');
    case 'month':
      return l10n.t('Mute for This Month');
  }
}
