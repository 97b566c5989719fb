// VS Code's flags, as far as a run of tests uses them. Others are for the desktop (GPU, sandbox) and change nothing here.

const withValue = new Map([
  ['extensionDevelopmentPath', 'list'],
  ['extensionTestsPath', 'one'],
  ['user-data-dir', 'one'],
  ['extensions-dir', 'one'],
  ['install-extension', 'list'],
]);

const camelCase = (name) => name.replace(/-(\w)/g, (_all, letter) => letter.toUpperCase());

/**
 * `--name=value` and `--name value` are the same; the first argument without dashes is the folder to open.
 * @returns {{ extensionDevelopmentPath: string[], installExtension: string[], extensionTestsPath?: string,
 *   userDataDir?: string, extensionsDir?: string, folder?: string, version: boolean }}
 */
export function parseFlags(args) {
  const flags = { extensionDevelopmentPath: [], installExtension: [], version: args.includes('--version') };
  for (let at = 0; at < args.length; at += 1) {
    const [, name, inlineValue] = /^--([^=]+)(?:=(.*))?$/s.exec(args[at]) ?? [];
    if (name === undefined) {
      if (!args[at].startsWith('-')) flags.folder ??= args[at];
      continue;
    }
    const kind = withValue.get(name);
    if (kind === undefined) continue;
    const value = inlineValue ?? args[++at];
    if (value === undefined) throw new Error(`--${name} needs a value.`);
    if (kind === 'list') flags[camelCase(name)].push(value);
    else flags[camelCase(name)] = value;
  }
  return flags;
}
