/**
 * The environment without the marks of the programs that we run in: a VS Code whose terminal this is, or npm,
 * would otherwise have a say in the VS Code that we start.
 */
export function withoutOuterPrograms(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(VSCODE_(?!PATH$)|ELECTRON_|npm_|NODE_OPTIONS$)/.test(name)),
  );
}
