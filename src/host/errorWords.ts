import { LedgerError, type LedgerErrorReason, toErrorMessage } from '../model/errors';
import type { PanelView } from '../protocol/panelApi';
import type { L10n } from './l10n';

/** Says what is wrong in the user's language already. */
export class WordedError extends LedgerError {
  /** By this it is known: each bundle of the extension has a class of its own. */
  readonly worded = true;
}

/** Why something failed, in the user's language; what the system or the engine said about it follows in brackets. */
export function errorWords(error: unknown, l10n: L10n): string {
  if (LedgerError.is(error) && 'worded' in error) return error.message;
  const { reason, message } = toErrorMessage(error);
  return reasonWords(reason, message, l10n);
}

/** @param detail names the file, the number or the place; it is in English. */
export function reasonWords(reason: LedgerErrorReason, detail: string, l10n: L10n): string {
  const words = sentence(reason, l10n);
  return saysItAll.has(reason) || detail === '' ? words : l10n.t('{0} ({1})', words, detail);
}

/** Why the shown figures are not being updated; null while they are. */
export function troubleWords({ engine, snapshot }: PanelView, l10n: L10n): string | null {
  if (engine.kind === 'failing' || engine.kind === 'unavailable') return engine.reason;
  const { lastError = null, lastErrorReason = 'unexpected' } = snapshot?.scan ?? {};
  return lastError === null ? null : reasonWords(lastErrorReason, lastError, l10n);
}

const saysItAll: ReadonlySet<LedgerErrorReason> = new Set([
  'cancelled',
  'timeout',
  'closed',
  'busy',
  'newer-schema',
  'lease-lost',
  'no-leader',
]);

function sentence(reason: LedgerErrorReason, l10n: L10n): string {
  switch (reason) {
    case 'cancelled':
      return l10n.t('it was cancelled');
    case 'timeout':
      return l10n.t('no answer came in time');
    case 'closed':
      return l10n.t('the reader of this window has ended');
    case 'crashed':
      return l10n.t('the reader has stopped unexpectedly');
    case 'busy':
      return l10n.t('the same is under way already');
    case 'invalid':
      return l10n.t('what was given cannot be used');
    case 'not-found':
      return l10n.t('something that is needed is not there');
    case 'corrupt':
      return l10n.t('a file is damaged');
    case 'newer-schema':
      return l10n.t(
        'a newer version of Usage Ledger is at work: reload this window, or update the extension',
      );
    case 'lease-lost':
      return l10n.t('another window has taken over');
    case 'no-leader':
      return l10n.t('the window that reads for all does not answer');
    case 'unavailable':
      return l10n.t('the ledger cannot be used just now');
    case 'disk-full':
      return l10n.t('the disk is full');
    case 'permission':
      return l10n.t('access was denied');
    case 'io':
      return l10n.t('a file could not be read or written');
    case 'unexpected':
    default:
      // Also for a reason of another version's engine.
      return l10n.t('something unexpected happened');
  }
}
