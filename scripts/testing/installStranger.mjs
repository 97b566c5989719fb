import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from '../project/childProcess.mjs';
import { projectRoot } from '../project/prepare.mjs';

/** A second extension, laid beside the one under test, which uses its API as any other would. */
export function installStranger(extensionsDir) {
  const { publisher, name, version } = strangerManifest();
  layOutStranger(join(extensionsDir, `${publisher}.${name}-${version}`));
}

/** The same as a package, for a VS Code that has listed its extensions already: a folder that just appears is none. */
export async function packageStranger(folder) {
  layOutStranger(folder);
  const vsix = join(folder, 'stranger.vsix');
  const vsce = join(projectRoot, 'node_modules/@vscode/vsce/vsce');
  const options = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix];
  await runQuietly(process.execPath, [vsce, 'package', ...options], { cwd: folder });
  return vsix;
}

function layOutStranger(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(projectRoot, 'out', 'test', 'stranger', 'extension.js'), join(folder, 'extension.js'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(strangerManifest()));
}

function strangerManifest() {
  return JSON.parse(readFileSync(join(projectRoot, 'test', 'stranger', 'package.json'), 'utf8'));
}
