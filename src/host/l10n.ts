/** What text-making parts need of `vscode.l10n`, so that they can be tested without it. */
export interface L10n {
  t(message: string, ...args: (string | number | boolean)[]): string;
}
