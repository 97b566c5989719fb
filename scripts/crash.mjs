// npm run test:crash [-- --rounds N]: windows that record are killed at random moments, 500 times by default.
// `npm test` runs the same for a few rounds.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';

endOnSignals();
try {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '500' } } });
  if (!/^[1-9]\d*$/.test(values.rounds))
    throw new Error(`--rounds takes a whole number, not ${values.rounds}.`);
  const steps = stepsOnStdout();
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  process.exitCode = await runShown(
    process.execPath,
    [
      join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      join(projectRoot, 'out', 'test', 'engine', 'crashStorm.test.js'),
      join(projectRoot, 'out', 'test', 'ledger', 'crash.test.js'),
    ],
    {
      cwd: projectRoot,
      env: { ...process.env, USAGE_LEDGER_CRASH_ROUNDS: values.rounds, LEDGER_CRASH_ROUNDS: values.rounds },
    },
  );
} catch (error) {
  failWith(error);
}
