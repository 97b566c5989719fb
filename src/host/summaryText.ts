import {
  folderLabels,
  formatCompact,
  formatCount,
  formatDateTime,
  formatDay,
  formatMeasuredCost,
  type MoneyFormat,
} from '../model/format';
import { type Measures, totalTokens } from '../model/measures';
import type { NamedMeasures, Snapshot } from '../model/snapshot';
import type { L10n } from './l10n';
import { markdownCell } from './markdownSafe';

const topCount = 5;

/** The main figures as Markdown, to paste into a message or a note. */
export function summaryText(snapshot: Snapshot, money: MoneyFormat, locale: string, l10n: L10n): string {
  const { today, yesterday, last7Days, last30Days, month, allTime } = snapshot.periods;
  const row = (label: string, total: Measures): string =>
    `| ${label} | ${formatMeasuredCost(total, locale, false, money)} | ${formatCompact(totalTokens(total), locale)} | ${formatCount(total.messages, locale)} |`;
  const head = (label: string): string[] => [
    `| ${label} | ${l10n.t('Cost')} | ${l10n.t('Tokens')} | ${l10n.t('Messages')} |`,
    '| :-- | --: | --: | --: |',
  ];
  const names = (title: string, list: readonly NamedMeasures[], label: (name: string) => string): string[] =>
    list.length === 0
      ? []
      : ['', ...head(title), ...list.slice(0, topCount).map(({ name, total }) => row(label(name), total))];
  const labels = folderLabels(last30Days.byProject.map(({ name }) => name));
  const span = l10n.t('30 days');
  return [
    ...head(l10n.t('Usage on {0}', formatDay(today.to, locale))),
    row(l10n.t('Today'), today.total),
    row(l10n.t('Yesterday'), yesterday.total),
    row(l10n.t('7 days'), last7Days.total),
    row(l10n.t('30 days'), last30Days.total),
    row(l10n.t('This month'), month.total),
    row(l10n.t('All time'), allTime.total),
    ...names(l10n.t('Models, {0}', span), last30Days.byModel, (name) => markdownCell(name)),
    ...names(l10n.t('Projects, {0}', span), last30Days.byProject, (name) =>
      name === '' ? l10n.t('no project') : markdownCell(labels.get(name) ?? name),
    ),
    '',
    l10n.t(
      'Usage Ledger, {0} ({1})',
      formatDateTime(snapshot.takenEpochMs, snapshot.timeZone, locale),
      snapshot.timeZone,
    ),
    '',
  ].join('\n');
}
