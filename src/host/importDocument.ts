import { EventEmitter, type TextDocumentContentProvider, Uri, l10n, window, workspace } from 'vscode';

const scheme = 'usage-ledger-import';

/** The report of the last import as a read-only document. */
export class ImportDocument implements TextDocumentContentProvider {
  readonly #changes = new EventEmitter<Uri>();
  // Before the registration, which looks whether it is there.
  readonly onDidChange = this.#changes.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(scheme, this);
  #text = '';

  async show(text: string): Promise<void> {
    this.#text = text;
    const uri = Uri.from({ scheme, path: l10n.t('Usage Ledger Import') });
    // A document that is still open would show the report before this one.
    this.#changes.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }
}
