import type { BadEntry } from '../model/importReport';
import type { L10n } from './l10n';

/** Why a line of a transcript could not be counted. An engine of another version may know more reasons. */
export function badLineWords(reason: string, l10n: L10n): string {
  switch (reason) {
    case 'not-json':
      return l10n.t('no JSON');
    case 'wrong-type':
      return l10n.t('a field of the wrong type');
    case 'bad-number':
      return l10n.t('a number that cannot be');
    case 'bad-timestamp':
    case 'no-time':
      return l10n.t('no time');
    case 'bad-version':
      return l10n.t('a version that is none');
    case 'empty-name':
      return l10n.t('an empty name');
    case 'name-too-long':
      return l10n.t('a name that is too long');
    case 'no-model':
      return l10n.t('no model');
    case 'no-tokens':
      return l10n.t('no tokens');
    case 'bad-iteration':
      return l10n.t('a part that cannot be understood');
    case 'line-too-long':
      return l10n.t('a line that is too long');
    default:
      return reason;
  }
}

/** Why an entry of an old usage file could not be counted. */
export function badEntryWords({ reason, field }: Pick<BadEntry, 'reason' | 'field'>, l10n: L10n): string {
  switch (reason) {
    case 'not-json':
      return l10n.t('no JSON');
    case 'too-large':
      return l10n.t('too large');
    case 'bad-time':
      return l10n.t('a time that is none');
    case 'name-too-long':
      return l10n.t('a name that is too long');
    case 'bad-count':
      return l10n.t('{0} is no count', field);
    case 'bad-amount':
      return l10n.t('{0} is no amount of money', field);
    case 'no-session':
      return l10n.t('no session');
    case 'no-time':
      return l10n.t('no time');
    case 'no-period':
      return l10n.t('no day or month');
    case 'no-total':
      return l10n.t('no total');
    case 'no-name':
      return l10n.t('no name');
    case 'month-among-days':
      return l10n.t('a month among days');
    case 'beyond-counting':
      return l10n.t('a cost beyond counting');
  }
}
