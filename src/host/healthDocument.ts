import { EventEmitter, type TextDocumentContentProvider, Uri, env, l10n, window, workspace } from 'vscode';
import type { EngineClient } from './engineClient';
import { errorWords } from './errorWords';

const scheme = 'usage-ledger';

/** The health as a read-only document, made anew each time that it is asked for. */
export class HealthDocument implements TextDocumentContentProvider {
  readonly #client: EngineClient;
  readonly #timeZone: () => string;
  readonly #changes = new EventEmitter<Uri>();
  // Before the registration, which looks whether it is there.
  readonly onDidChange = this.#changes.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(scheme, this);

  constructor(client: EngineClient, timeZone: () => string) {
    this.#client = client;
    this.#timeZone = timeZone;
  }

  async show(): Promise<void> {
    const uri = Uri.from({ scheme, path: l10n.t('Usage Ledger Health') });
    // A document that is still open would show what was true then.
    this.#changes.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  async provideTextDocumentContent(): Promise<string> {
    try {
      const health = await this.#client.call('health', null, { timeoutMs: 30_000 });
      const { healthText } = await import('./onDemand');
      return healthText(health, { l10n, locale: env.language, timeZone: this.#timeZone() });
    } catch (error) {
      return `${l10n.t('The engine does not answer: {0}', errorWords(error, l10n))}\n`;
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }
}
