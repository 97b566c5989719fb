/**
 * What the steps of a dialog have in common: each stays until it is answered or Escape is pressed. A page that gets the
 * focus a moment late, or a look at another window, loses nobody's answers.
 */
export function dialogStep(title: string): { readonly title: string; readonly ignoreFocusOut: true } {
  return { title, ignoreFocusOut: true };
}
