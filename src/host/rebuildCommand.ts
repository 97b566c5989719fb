import { env, l10n, window } from 'vscode';
import { formatCounted } from '../model/format';
import type { CommandContext } from './commands';
import { withScanProgress } from './scanProgress';

/** Confirmed in a dialog, unless `given` says that it is; then everything is counted anew. */
export async function rebuildLedger(context: CommandContext, given: unknown): Promise<void> {
  const confirmed =
    typeof given === 'object' && given !== null && 'confirmed' in given && given.confirmed === true;
  if (!confirmed) {
    const rebuild = l10n.t('Rebuild');
    const choice = await window.showWarningMessage(
      l10n.t('Rebuild the ledger?'),
      {
        modal: true,
        detail: l10n.t(
          'All transcripts and journals are read again and everything is summed up anew. What the transcripts no longer hold is kept. This can take some minutes; figures stay visible meanwhile.',
        ),
      },
      rebuild,
    );
    if (choice !== rebuild) return;
  }
  const { client, store } = context;
  client.retry();
  const rebuilt = await withScanProgress(
    context,
    l10n.t('Rebuilding the ledger'),
    client.call('rebuild', null),
  );
  store.accept(await client.call('snapshot', null));
  const text =
    rebuilt.differences === 0
      ? l10n.t(
          'Usage Ledger: rebuilt, {0} {0|message|messages} in {1} {1|month|months}. Every sum was right.',
        )
      : l10n.t(
          'Usage Ledger: rebuilt, {0} {0|message|messages} in {1} {1|month|months}. {2} {2|sum was|sums were} wrong and {2|is|are} right now; the log names {2|it|them}.',
        );
  const { messages, months, differences } = rebuilt;
  void window.showInformationMessage(formatCounted(text, env.language, messages, months, differences));
}
