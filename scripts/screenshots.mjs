// npm run screenshots: pictures of every surface in every theme, into screenshots/ (which is ignored).
import { join } from 'node:path';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';
import { packageVsix } from './project/vsix.mjs';
import { provideChromium } from './vscode/chromium.mjs';
import { provisionServer } from './vscode/provision.mjs';

endOnSignals();
try {
  const steps = stepsOnStdout();
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  const vsix = await packageVsix(steps);
  const [chromiumPath] = await Promise.all([provideChromium(steps), provisionServer(steps)]);
  process.exitCode = await runShown(
    process.execPath,
    [join(projectRoot, 'out', 'test', 'e2e', 'takeScreenshots.js')],
    { cwd: projectRoot, env: { ...process.env, CHROMIUM_PATH: chromiumPath, USAGE_LEDGER_VSIX: vsix } },
  );
} catch (error) {
  failWith(error);
}
