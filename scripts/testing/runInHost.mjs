// Runs the in-host suite in a VS Code: node runInHost.mjs EXECUTABLE PROFILE-FOLDER. Its exit code is the suite's.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { projectRoot } from '../project/prepare.mjs';
import { writeSettingsOnce } from '../vscode/server.mjs';
import { installStranger } from './installStranger.mjs';

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
