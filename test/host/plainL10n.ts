import type { L10n } from '../../src/host/l10n';

/** English, as `vscode.l10n` gives it without a translation. */
export const plainL10n: L10n = {
  t: (message, ...args) =>
    message.replace(/\{(\d+)\}/g, (slot, index) => String(args[Number(index)] ?? slot)),
};
