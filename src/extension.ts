import type { ExtensionContext } from 'vscode';
import { createApi, type HostApi } from './host/api';
import { Host } from './host/host';

let host: Host | null = null;

export function activate(context: ExtensionContext): HostApi {
  host = new Host(context);
  host.start();
  return createApi(host.store);
}

export async function deactivate(): Promise<void> {
  await host?.stop();
  host = null;
}
