// npm run package: the production bundles in a checked usage-ledger-<version>.vsix, in the project's root.
import { relative } from 'node:path';
import { endOnSignals } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { HeldSteps } from './project/steps.mjs';
import { packageVsix, sizeInKilobytes } from './project/vsix.mjs';

endOnSignals();
const steps = new HeldSteps();
try {
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true });
  const path = await packageVsix(steps);
  console.log(`${relative(projectRoot, path)} ${sizeInKilobytes(path)} KB`);
} catch (error) {
  steps.letOut((line) => console.error(line));
  failWith(error);
}
