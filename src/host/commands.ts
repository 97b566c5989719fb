import { type LogOutputChannel, commands, env, l10n, window } from 'vscode';
import { toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import { commandIds } from './commandIds';
import { copyMetricsToken } from './copyMetricsToken';
import type { EngineClient } from './engineClient';
import { errorWords } from './errorWords';
import type { HealthDocument } from './healthDocument';
import type { ImportDocument } from './importDocument';
import type { Panel } from './panel';
import type { Recorder } from './recorder';
import { withScanProgress } from './scanProgress';
import { settingsSection } from './settings';
import type { SnapshotStore } from './snapshotStore';

export interface CommandContext {
  readonly client: EngineClient;
  readonly store: SnapshotStore;
  readonly panel: Panel;
  readonly channel: LogOutputChannel;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly health: HealthDocument;
  readonly storageFolder: string;
  readonly imports: ImportDocument;
}

/** Registers every command in `commandIds`; disposing takes them away. */
export function registerCommands(context: CommandContext): { dispose(): unknown }[] {
  const { channel, panel } = context;
  const handlers: Record<keyof typeof commandIds, (...args: unknown[]) => unknown> = {
    showPanel: () => panel.show(),
    refresh: () => guarded(context, l10n.t('Refresh'), () => refresh(context)),
    flush: () => guarded(context, l10n.t('Flush'), () => flush(context)),
    export: (request) =>
      guarded(context, l10n.t('Export'), async () => {
        const { runExport } = await import('./onDemand');
        await runExport(context, request);
      }),
    importLegacy: (given) =>
      guarded(context, l10n.t('Import'), async () => {
        const { runImport } = await import('./onDemand');
        return runImport(context, given);
      }),
    copySummary: () => guarded(context, l10n.t('Copy Summary'), () => copySummary(context)),
    setLimit: (given) =>
      guarded(context, l10n.t('Set Limit'), async () => {
        const { setLimit } = await import('./onDemand');
        await setLimit(context, given);
      }),
    setPrice: (given) =>
      guarded(context, l10n.t('Set Price'), async () => {
        const { setPrice } = await import('./onDemand');
        await setPrice(context, given);
      }),
    rebuild: (given) =>
      guarded(context, l10n.t('Rebuild Ledger'), async () => {
        const { rebuildLedger } = await import('./onDemand');
        await rebuildLedger(context, given);
      }),
    openSettings: () => commands.executeCommand('workbench.action.openSettings', settingsSection),
    exportProfiles: (target) =>
      guarded(context, l10n.t('Export User Profiles'), async () => {
        const { exportProfiles } = await import('./onDemand');
        await exportProfiles(context, target);
      }),
    mergeLedger: (folder) =>
      guarded(context, l10n.t('Merge Another Ledger'), async () => {
        const { mergeLedger } = await import('./onDemand');
        await mergeLedger(context, folder);
      }),
    archiveMonth: () =>
      guarded(context, l10n.t('Archive a Month'), async () => {
        const { archiveMonth } = await import('./onDemand');
        await archiveMonth(context);
      }),
    restoreMonth: () =>
      guarded(context, l10n.t('Restore an Archived Month'), async () => {
        const { restoreMonth } = await import('./onDemand');
        await restoreMonth(context);
      }),
    copyMetricsToken: () =>
      guarded(context, l10n.t('Copy Metrics Token'), () => copyMetricsToken(context.storageFolder)),
    showHealth: () => guarded(context, l10n.t('Show Health'), () => context.health.show()),
    showLog: () => channel.show(),
  };
  return (Object.keys(commandIds) as (keyof typeof commandIds)[]).map((name) =>
    commands.registerCommand(commandIds[name], handlers[name]),
  );
}

async function refresh(context: CommandContext): Promise<void> {
  const { client, store } = context;
  client.retry();
  store.accept(await withScanProgress(context, l10n.t('Reading usage'), client.call('refresh', null)));
}

async function flush({ client, recorder }: CommandContext): Promise<void> {
  client.retry();
  const result = await recorder.flush({ save: true });
  window.setStatusBarMessage(
    result.durable === 'ledger'
      ? l10n.t('Usage Ledger: everything is on disk')
      : l10n.t('Usage Ledger: everything is safe in the journal'),
    5_000,
  );
}

async function copySummary({ client, store }: CommandContext): Promise<void> {
  const snapshot = store.snapshot ?? (await client.call('snapshot', null, { timeoutMs: 30_000 }));
  const { summaryText } = await import('./onDemand');
  await env.clipboard.writeText(summaryText(snapshot, store.view(Date.now()).money, env.language, l10n));
  window.setStatusBarMessage(l10n.t('Usage Ledger: summary copied'), 5_000);
}

/** The zone in which the shown days are counted. */
export function timeZoneOf({ store }: CommandContext): string {
  return store.snapshot?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Tells a failure once, to the log and to the person who gave the command. */
async function guarded<Result>(
  { log, channel }: CommandContext,
  name: string,
  run: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await run();
  } catch (error) {
    const { reason, message, stack } = toErrorMessage(error);
    if (reason === 'cancelled') return undefined;
    log('error', `${name} failed: ${message}`, { reason, stack: stack ?? null });
    const showLog = l10n.t('Show Log');
    const text = l10n.t('Usage Ledger: {0} failed: {1}', name, errorWords(error, l10n));
    void window.showErrorMessage(text, showLog).then((choice) => {
      if (choice === showLog) channel.show();
    });
    return undefined;
  }
}
