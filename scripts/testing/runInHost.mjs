// Runs the in-host suite in a VS Code: node runInHost.mjs EXECUTABLE PROFILE-FOLDER. Its exit code is the suite's.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { projectRoot } from '../project/prepare.mjs';
import { writeSettingsOnce } from '../vscode/server.mjs';

const [vscodeExecutablePath, profile] = process.argv.slice(2);
const userDataDir = join(profile, 'user');
const workspace = join(profile, 'workspace');
mkdirSync(workspace, { recursive: true });
writeSettingsOnce(userDataDir);
installStranger(join(profile, 'extensions'));
try {
  await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: projectRoot,
    extensionTestsPath: join(projectRoot, 'out', 'test', 'vscode', 'index.js'),
    launchArgs: [workspace, '--user-data-dir', userDataDir, '--extensions-dir', join(profile, 'extensions')],
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** A second extension, installed beside the one under test, which uses its API as any other would. */
function installStranger(extensionsDir) {
  const source = join(projectRoot, 'test', 'stranger', 'package.json');
  const manifest = JSON.parse(readFileSync(source, 'utf8'));
  const folder = join(extensionsDir, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(projectRoot, 'out', 'test', 'stranger', 'extension.js'), join(folder, 'extension.js'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
}
