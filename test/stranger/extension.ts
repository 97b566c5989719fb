import * as vscode from 'vscode';
import type { RecordedUsage, UsageEntry, UsageLedgerApi } from '../../src/api';

/** What a test asks of the stranger. */
export interface Stranger {
  readonly ledger: UsageLedgerApi;
  /** The folder that VS Code gives the stranger; those of other extensions lie beside it. */
  readonly storageFolder: string;
  /** Records one entry under the stranger's name. */
  record(entry: Omit<UsageEntry, 'source'>): RecordedUsage;
  /**
   * Ticks every 16 ms as a chat that streams its answer does, for as long as `work` takes and a second at least.
   * @returns the longest gap between two ticks and the usual one, in milliseconds.
   */
  stream(work: () => Promise<void>): Promise<{ readonly worst: number; readonly usual: number }>;
}

/** Knows nothing of Usage Ledger but its published types and its extension's id. */
export async function activate(context: vscode.ExtensionContext): Promise<Stranger> {
  const extension = vscode.extensions.getExtension<UsageLedgerApi>('usage-ledger.usage-ledger');
  if (extension === undefined) throw new Error('Usage Ledger is not installed');
  const ledger = await extension.activate();
  context.subscriptions.push(
    vscode.commands.registerCommand('usageStranger.record', async () => {
      ledger.record({
        model: 'claude-opus-4-6',
        inputTokens: 1_000,
        outputTokens: 100,
        source: context.extension.id,
      });
      await ledger.flush();
    }),
  );
  return {
    ledger,
    storageFolder: context.globalStorageUri.fsPath,
    record: (entry) => ledger.record({ ...entry, source: context.extension.id }),
    stream: async (work) => {
      const gaps: number[] = [];
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        gaps.push(now - last);
        last = now;
      }, 16);
      await Promise.all([work(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
      clearInterval(timer);
      gaps.sort((one, other) => one - other);
      return { worst: gaps.at(-1) ?? 0, usual: gaps[Math.floor(gaps.length / 2)] ?? 0 };
    },
  };
}
