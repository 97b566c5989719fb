import type { ExtensionContext } from 'vscode';
import type { UsageLedgerApi } from './api';
import { createApi } from './host/api';
import { Host } from './host/host';
import { checkEntry } from './sources/recorded/checkEntry';
import { completeEntry, withPrice } from './sources/recorded/completeEntry';

let host: Host | null = null;

export function activate(context: ExtensionContext): UsageLedgerApi {
  const started = new Host(context, { check: checkEntry, complete: completeEntry, withPrice });
  void started.start();
  host = started;
  const { client, recorder, store } = started;
  return createApi({ client, recorder, store, timeZone: () => started.timeZone });
}

export async function deactivate(): Promise<void> {
  await host?.stop();
  host = null;
}
