// npm run report -- ...: the engine's figures without VS Code. Standard output carries the report and nothing else.
import { join } from 'node:path';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { HeldSteps } from './project/steps.mjs';

endOnSignals();
const steps = new HeldSteps();
try {
  await ensureInstalled(steps);
  await buildBundles(steps, {});
} catch (error) {
  steps.letOut((line) => console.error(line));
  failWith(error);
}
process.exitCode = await runShown(process.execPath, [
  join(projectRoot, 'dist', 'report.js'),
  ...process.argv.slice(2),
]);
