// npm run soak [-- --minutes N]: appends and records for an hour, and fails when memory grows.
import { join } from 'node:path';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';

endOnSignals();
try {
  const steps = stepsOnStdout();
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  process.exitCode = await runShown(
    process.execPath,
    [join(projectRoot, 'out', 'bench', 'soak.js'), ...process.argv.slice(2)],
    { cwd: projectRoot, env: process.env },
  );
} catch (error) {
  failWith(error);
}
