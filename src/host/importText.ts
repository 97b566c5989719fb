import type { MoneyFormat } from '../model/format';
import {
  formatBytes,
  formatCost,
  formatCount,
  formatCounted,
  formatList,
  formatLongDay,
} from '../model/format';
import type { FirstOf, ImportReport, ImportSums } from '../model/importReport';
import type { LimitPeriod } from '../model/limit';
import type { CivilDay } from '../model/time';
import { badEntryWords } from './badDataWords';
import { reasonWords } from './errorWords';
import type { L10n } from './l10n';

export interface ImportTextOptions {
  readonly l10n: L10n;
  readonly locale: string;
  readonly money: MoneyFormat;
}

/** `1,200 sessions and 2 days`: what there is none of is not named. */
export function importContents(
  { sessions, days, months }: Pick<ImportReport, 'sessions' | 'days' | 'months'>,
  { l10n, locale }: Pick<ImportTextOptions, 'l10n' | 'locale'>,
): string {
  const parts = [
    [sessions, l10n.t('{0} {0|session|sessions}')],
    [days, l10n.t('{0} {0|day|days}')],
    [months, l10n.t('{0} {0|month|months}')],
  ] as const;
  const named = parts
    .filter(([count]) => count > 0)
    .map(([count, text]) => formatCounted(text, locale, count));
  return named.length === 0 ? l10n.t('no usage') : formatList(named, locale);
}

/** What an import does or did, in a few lines: what a person must know to say yes to it. */
export function importSummary(report: ImportReport, options: ImportTextOptions): string {
  const { l10n } = options;
  const say = new Words(options);
  const lines = [
    say.contents(report),
    l10n.t('Altogether {0}', say.sums(report.found)),
    report.firstDay === null || report.lastDay === null
      ? ''
      : l10n.t('From {0} to {1}', say.day(report.firstDay), say.day(report.lastDay)),
    report.unattributed.requests === 0
      ? ''
      : l10n.t('Of it without a model of their own: {0}', say.sums(report.unattributed)),
    report.disagreements.count === 0
      ? ''
      : l10n.t('Totals that disagree with their details: {0}', say.count(report.disagreements.count)),
    report.badEntries.count === 0
      ? ''
      : l10n.t('Entries that cannot be understood: {0}', say.count(report.badEntries.count)),
    report.problems.length === 0 ? '' : l10n.t('Files with problems: {0}', say.count(report.problems.length)),
    report.otherSources.requests === 0
      ? ''
      : l10n.t(
          'On the same days the ledger already holds {0} from other sources. If the files tell of the same usage, it would count twice.',
          say.sums(report.otherSources),
        ),
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** The whole report, for reading. */
export function importDocument(report: ImportReport, options: ImportTextOptions): string {
  const { l10n } = options;
  const say = new Words(options);
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
  const files = report.files.map(({ name, kind, bytes, entries, damage, keptAs }) =>
    [
      `${name} (${kind}, ${formatBytes(bytes, options.locale)})`,
      say.counted(l10n.t('{0} {0|entry|entries}'), entries),
      ...(damage === null
        ? []
        : [l10n.t('cannot be read to its end: {0}', reasonWords(damage.reason, damage.message, l10n))]),
      ...(keptAs === null ? [] : [l10n.t('kept as {0}', keptAs)]),
    ].join(', '),
  );
  const profiles =
    report.profiles === 0
      ? []
      : [
          say.counted(
            l10n.t(
              '{0} {0|profile|profiles}, {1} of users that the files tell no usage of. {0|Its|Their} totals repeat the files and are not added.',
            ),
            report.profiles,
            report.profilesWithoutUsage,
          ),
        ];
  return [
    section(report.dryRun ? l10n.t('What would be imported') : l10n.t('What was imported'), [
      report.folder,
      ...importSummary(report, options).split('\n'),
    ]),
    section(l10n.t('Files'), files),
    section(say.titled(l10n.t('Users'), report.users), [...report.users.first, ...profiles]),
    section(l10n.t('Imports in the ledger'), [
      l10n.t('Before: {0}', say.sums(report.ledgerBefore)),
      ...(report.dryRun ? [] : [l10n.t('After: {0}', say.sums(report.ledgerAfter))]),
    ]),
    section(
      say.titled(l10n.t('Totals that disagree with their details'), report.disagreements),
      report.disagreements.first.map(({ file, user, of, total, details }) =>
        [
          [file, user, of].filter((name) => name !== '').join(' › '),
          l10n.t('total {0}; details {1}', say.sums(total), say.sums(details)),
        ].join(': '),
      ),
    ),
    section(
      say.titled(l10n.t('Entries that cannot be understood'), report.badEntries),
      report.badEntries.first.map((entry) => `${entry.file} › ${entry.place}: ${badEntryWords(entry, l10n)}`),
    ),
    section(
      l10n.t('Problems'),
      report.problems.map(({ file, error }) => `${file}: ${reasonWords(error.reason, error.message, l10n)}`),
    ),
    section(
      l10n.t('Spending limits'),
      report.limits.map(({ period, user, project, softNanoDollars, hardNanoDollars }) =>
        [
          say.period(period),
          ...(user === undefined ? [] : [user]),
          ...(project === undefined ? [] : [project]),
          say.cost(hardNanoDollars),
          ...(softNanoDollars === null ? [] : [l10n.t('warns at {0}', say.cost(softNanoDollars))]),
        ].join(', '),
      ),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

class Words {
  readonly #options: ImportTextOptions;

  constructor(options: ImportTextOptions) {
    this.#options = options;
  }

  count(count: number): string {
    return formatCount(count, this.#options.locale);
  }

  counted(text: string, ...values: readonly (string | number)[]): string {
    return formatCounted(text, this.#options.locale, ...values);
  }

  cost(nanoDollars: number): string {
    return formatCost(nanoDollars, this.#options.locale, this.#options.money);
  }

  period(period: LimitPeriod): string {
    const { l10n } = this.#options;
    switch (period) {
      case 'day':
        return l10n.t('A day');
      case 'week':
        return l10n.t('A week, from Monday');
      case 'month':
        return l10n.t('A month');
    }
  }

  sums({ requests, tokens, costNanoDollars }: ImportSums): string {
    const { l10n } = this.#options;
    const cost = this.cost(costNanoDollars);
    return this.counted(
      l10n.t('{0}, {1} {1|token|tokens}, {2} {2|request|requests}'),
      cost,
      tokens,
      requests,
    );
  }

  contents(report: ImportReport): string {
    const { l10n } = this.#options;
    return this.counted(
      l10n.t('{0} of {1} {1|user|users}'),
      importContents(report, this.#options),
      report.users.count,
    );
  }

  day(day: CivilDay): string {
    return formatLongDay(day, this.#options.locale);
  }

  /** A list's title says how many there are where not all of them are listed. */
  titled(title: string, { count, first }: FirstOf<unknown>): string {
    if (count <= first.length) return title;
    return this.#options.l10n.t(
      '{0} (the first {1} of {2})',
      title,
      this.count(first.length),
      this.count(count),
    );
  }
}
