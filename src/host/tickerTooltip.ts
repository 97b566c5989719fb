import {
  civilDayOf,
  folderLabels,
  formatAge,
  formatBytes,
  formatCompact,
  formatCost,
  formatCount,
  formatCounted,
  formatDateTime,
  formatDay,
  formatMeasuredCost,
  formatShare,
  formatTime,
} from '../model/format';
import type { NanoDollars } from '../model/cost';
import type { LimitState } from '../model/limit';
import { type Measures, totalTokens } from '../model/measures';
import type { NamedMeasures, Snapshot } from '../model/snapshot';
import type { PanelView } from '../protocol/panelApi';
import { ageMs, moodOf, shareDone } from '../protocol/viewMood';
import { commandIds } from './commandIds';
import { reasonWords, troubleWords } from './errorWords';
import type { L10n } from './l10n';
import { limitLabel } from './limitLabel';
import { markdownName } from './markdownSafe';
import { runningBlock } from './tickerText';

const topCount = 3;

/** The ticker's tooltip as Markdown (with theme icons and command links, without HTML). */
export function tickerTooltip(view: PanelView, locale: string, l10n: L10n): string {
  const { snapshot } = view;
  const parts = [state(view, locale, l10n)];
  if (snapshot !== null && snapshot.periods.allTime.total.messages > 0) {
    parts.push(figures(view, snapshot, locale, l10n));
    parts.push(notes(view, snapshot, locale, l10n));
  }
  parts.push(footer(view, locale, l10n));
  return parts.filter((part) => part !== '').join('\n\n');
}

function state(view: PanelView, locale: string, l10n: L10n): string {
  const { snapshot, progress } = view;
  switch (moodOf(view)) {
    case 'waiting':
      return l10n.t('Looking for usage…');
    case 'empty':
      return [
        l10n.t('No usage found yet. Looked in:'),
        ...(snapshot?.scan.roots ?? []).map(
          (root) => `- ${markdownName(root.path, 80)}${root.exists ? '' : ` *(${l10n.t('not there')})*`}`,
        ),
      ].join('\n');
    case 'firstScan':
      return progress === null
        ? `$(sync~spin) ${l10n.t('Reading transcripts for the first time…')}`
        : `$(sync~spin) ${formatCounted(
            l10n.t('Reading transcripts for the first time: {0} of {1} {1|file|files}, {2} of {3}'),
            locale,
            progress.filesDone,
            progress.filesTotal,
            formatBytes(progress.bytesDone, locale),
            formatBytes(progress.bytesTotal, locale),
          )} (${formatShare(shareDone(progress), locale)})`;
    case 'stale':
      return `$(history) ${l10n.t('These figures are {0} old and are being updated.', formatAge(ageMs(view), locale))}`;
    case 'failing': {
      const reason = markdownName(troubleWords(view, l10n) ?? reasonWords('unexpected', '', l10n), 160);
      const text =
        snapshot === null
          ? l10n.t('Reading usage fails: {0}', reason)
          : l10n.t(
              'Updating fails, figures are those of {0} ago: {1}',
              formatAge(ageMs(view), locale),
              reason,
            );
      return `$(warning) ${text}`;
    }
    case 'ready':
      return '';
  }
}

/** Space between columns, which VS Code's tables have hardly any of. */
const gap = '&nbsp;&nbsp;&nbsp;';

function row(label: string, figures: readonly string[], strong = false): string {
  const cells = strong
    ? [label, ...figures].map((cell) => (cell === '' ? '' : `**${cell}**`))
    : [label, ...figures];
  return `| ${cells.map((cell, index) => (index === 0 || cell === '' ? cell : gap + cell)).join(' | ')} |`;
}

/** One table for everything, so that all figures stand below each other. */
function figures(view: PanelView, snapshot: Snapshot, locale: string, l10n: L10n): string {
  const { today, last7Days, last30Days, month } = snapshot.periods;
  const of = ({ total }: { readonly total: Measures }): string[] => [
    formatMeasuredCost(total, locale, false, view.money),
    formatCompact(totalTokens(total), locale),
    formatCount(total.messages, locale),
  ];
  // The header says which day "today" is: a snapshot may be of another one.
  const lines = [
    row(formatDay(today.to, locale), [l10n.t('Cost'), l10n.t('Tokens'), l10n.t('Messages')]),
    '| :-- | --: | --: | --: |',
    row(l10n.t('Today'), of(today), true),
    row(l10n.t('7 days'), of(last7Days)),
    row(l10n.t('This month'), of(month)),
  ];
  const block = runningBlock(view);
  if (block !== null) lines.push(row(l10n.t('5-hour block'), of(block)));
  const top = [today, last7Days, last30Days].find(({ total }) => total.messages > 0);
  if (top !== undefined) {
    const span = top === today ? l10n.t('today') : top === last7Days ? l10n.t('7 days') : l10n.t('30 days');
    const section = (
      title: string,
      names: readonly NamedMeasures[],
      label: (name: string) => string,
    ): void => {
      if (names.length === 0) return;
      lines.push(row(title, ['', '', ''], true));
      for (const named of names.slice(0, topCount)) lines.push(row(label(named.name), of(named)));
    };
    const labels = folderLabels(top.byProject.map(({ name }) => name));
    section(l10n.t('Models, {0}', span), top.byModel, (name) => markdownName(name, 40));
    section(l10n.t('Projects, {0}', span), top.byProject, (name) =>
      name === '' ? `*${l10n.t('no project')}*` : markdownName(labels.get(name) ?? name, 40),
    );
  }
  lines.push(...limits(view, snapshot, locale, l10n));
  return lines.join('\n');
}

/** What is spent of each limit, the fullest first. */
function limits(view: PanelView, snapshot: Snapshot, locale: string, l10n: L10n): string[] {
  const { money, nowEpochMs } = view;
  const today = civilDayOf(nowEpochMs, snapshot.timeZone);
  const share = ({ spentNanoDollars, limit }: LimitState): number => spentNanoDollars / limit.hardNanoDollars;
  const running = (snapshot.limits ?? [])
    .filter(({ to }) => to >= today)
    .sort((one, other) => share(other) - share(one));
  if (running.length === 0) return [];
  return [
    row(l10n.t('Limits'), [l10n.t('Spent'), l10n.t('Limit'), l10n.t('Share')], true),
    ...running.slice(0, topCount).map((state) => {
      const { reached, limit } = state;
      const label = markdownName(limitLabel(limit, l10n), 40);
      return row(reached === null ? label : `$(bell) ${label}`, [
        formatCost(state.spentNanoDollars, locale, money),
        formatCost(limit.hardNanoDollars, locale, money),
        formatShare(share(state), locale),
      ]);
    }),
  ];
}

function notes(view: PanelView, snapshot: Snapshot, locale: string, l10n: L10n): string {
  const { money } = view;
  const { total } = snapshot.periods.last30Days;
  const cost = (nanoDollars: NanoDollars): string => formatCost(nanoDollars, locale, money);
  const lines: string[] = [];
  const block = runningBlock(view);
  if (block !== null) {
    const until = formatTime(block.endEpochMs, snapshot.timeZone, locale);
    lines.push(
      block.burnRate === null || block.projected === null
        ? `$(clock) ${l10n.t('The 5-hour block ends at {0}.', until)}`
        : `$(flame) ${l10n.t(
            '{0} an hour: the 5-hour block comes to {1} by {2}.',
            cost(block.burnRate.costNanoDollars * 60),
            cost(block.projected.costNanoDollars),
            until,
          )}`,
    );
  }
  const { cacheReadSavedNanoDollars: saved, cacheWriteExtraNanoDollars: extra } =
    snapshot.periods.month.total;
  if (saved > 0)
    lines.push(
      `$(archive) ${l10n.t('Cache this month: {0} saved, {1} extra for writes.', cost(saved), cost(extra))}`,
    );
  if (total.unpricedMessages > 0)
    lines.push(
      `$(question) ${formatCounted(
        l10n.t('No price for {0} {0|message|messages} of the last 30 days:'),
        locale,
        total.unpricedMessages,
      )} ${snapshot.unpricedModels
        .slice(0, topCount)
        .map((each) => markdownName(each.model, 40))
        .join(', ')} [${l10n.t('Set Price')}](command:${commandIds.setPrice})`,
    );
  if (total.assumedMessages > 0)
    lines.push(
      `$(info) ${l10n.t('{0} of the last 30 days rest on assumed prices.', cost(total.assumedCostNanoDollars))}`,
    );
  if (total.unfinishedMessages > 0)
    lines.push(
      `$(info) ${formatCounted(
        l10n.t('Output is under-recorded in {0} {0|message|messages} of the last 30 days, about +{1}.'),
        locale,
        total.unfinishedMessages,
        cost(total.missingCostNanoDollars),
      )}`,
    );
  return lines.join('\n\n');
}

function footer(view: PanelView, locale: string, l10n: L10n): string {
  const link = (icon: string, text: string, command: string): string =>
    `[$(${icon}) ${text}](command:${command})`;
  const links = [
    link('graph', l10n.t('Show Panel'), commandIds.showPanel),
    link('refresh', l10n.t('Refresh'), commandIds.refresh),
    link('export', l10n.t('Export'), commandIds.export),
    link('gear', l10n.t('Settings'), commandIds.openSettings),
    ...(moodOf(view) === 'failing' ? [link('output', l10n.t('Show Log'), commandIds.showLog)] : []),
  ].join(gap);
  const { snapshot, nowEpochMs } = view;
  const at = snapshot?.scan.lastFinishedEpochMs ?? null;
  if (snapshot === null || at === null) return `---\n\n${links}`;
  const { timeZone } = snapshot;
  const sameDay = civilDayOf(at, timeZone) === civilDayOf(nowEpochMs, timeZone);
  const when = sameDay ? formatTime(at, timeZone, locale) : formatDateTime(at, timeZone, locale);
  return `---\n\n${links}\n\n*${l10n.t('Updated {0}', when)}*`;
}
