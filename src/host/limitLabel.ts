import type { Limit } from '../model/limit';
import { folderLabels } from '../model/format';
import type { L10n } from './l10n';

/** A limit's name for people: what it is for, and whose. */
export function limitLabel(
  { period, project, user }: Pick<Limit, 'period' | 'project' | 'user'>,
  l10n: L10n,
): string {
  const whose = project === undefined ? user : (folderLabels([project]).get(project) ?? project);
  switch (period) {
    case 'day':
      return whose === undefined ? l10n.t('Today') : l10n.t('Today, {0}', whose);
    case 'week':
      return whose === undefined ? l10n.t('This week') : l10n.t('This week, {0}', whose);
    case 'month':
      return whose === undefined ? l10n.t('This month') : l10n.t('This month, {0}', whose);
  }
}
