import { ProgressLocation, env, l10n, window } from 'vscode';
import { LedgerError } from '../model/errors';
import { formatCounted } from '../model/format';
import { shareDone } from '../protocol/viewMood';
import type { CommandContext } from './commands';

/** Work that is done before this is worth no notification. */
const quietMs = 1_500;

/**
 * Shows how far the engine's reading is, once it takes a while, with a way to call it off. Rejects with `cancelled` when
 * that was used: what was read until then is kept.
 */
export async function withScanProgress<T>(
  { client, log }: Pick<CommandContext, 'client' | 'log'>,
  title: string,
  work: Promise<T>,
): Promise<T> {
  const quiet = new Promise<void>((resolve) => setTimeout(resolve, quietMs));
  const done = work.then(
    () => 'done' as const,
    () => 'done' as const,
  );
  const soon = await window.withProgress({ location: ProgressLocation.Window, title }, () =>
    Promise.race([done, quiet]),
  );
  if (soon === 'done') return work;
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const cancelling = token.onCancellationRequested(() => {
        client.call('cancelScan', null).catch((error: unknown) => {
          log('warn', 'Reading could not be called off', { error: String(error) });
        });
      });
      let shown = 0;
      const listening = client.on('progress', (scan) => {
        if (scan === null) return;
        const percent = Math.max(shown, 100 * shareDone(scan));
        const message = formatCounted(
          l10n.t('{0} of {1} {1|file|files}'),
          env.language,
          scan.filesDone,
          scan.filesTotal,
        );
        progress.report({ message, increment: percent - shown });
        shown = percent;
      });
      try {
        const result = await work;
        if (token.isCancellationRequested) throw new LedgerError('cancelled', 'reading was called off');
        return result;
      } finally {
        listening();
        cancelling.dispose();
      }
    },
  );
}
