import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../vscode/cacheFolder.mjs';
import { withoutOuterPrograms } from '../vscode/outerPrograms.mjs';

/**
 * Our environment with another home: no test reads or touches what the person at this machine has.
 * The cache stays, for making a VS Code takes long.
 */
export function isolatedEnv(home, env = process.env) {
  const folder = (...parts) => {
    const path = join(home, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    ...withoutOuterPrograms(env),
    HOME: folder('home'),
    USERPROFILE: folder('home'),
    XDG_CONFIG_HOME: folder('home', '.config'),
    XDG_CACHE_HOME: folder('home', '.cache'),
    XDG_DATA_HOME: folder('home', '.local', 'share'),
    XDG_STATE_HOME: folder('home', '.local', 'state'),
    CLAUDE_CONFIG_DIR: folder('home', '.claude'),
    TMPDIR: folder('tmp'),
    USAGE_LEDGER_CACHE: cacheFolder(env),
  };
}
