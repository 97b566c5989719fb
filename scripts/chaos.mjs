// npm run test:chaos [-- --seconds N --seed N --verbose]: ten windows that are killed, suspended, closed and opened at
// random. `npm test` runs the same for a few seconds.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';

endOnSignals();
try {
  const { seconds, seed, verbose } = chosen();
  const steps = stepsOnStdout();
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  process.exitCode = await runShown(
    process.execPath,
    [
      join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      join(projectRoot, 'out', 'test', 'chaos', 'chaos.test.js'),
    ],
    {
      cwd: projectRoot,
      env: {
        ...process.env,
        USAGE_LEDGER_CHAOS_SECONDS: String(seconds),
        ...(seed === undefined ? {} : { USAGE_LEDGER_CHAOS_SEED: String(seed) }),
        ...(verbose ? { USAGE_LEDGER_CHAOS_LOG: '1' } : {}),
      },
    },
  );
} catch (error) {
  failWith(error);
}

function chosen() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '300' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const seconds = wholeNumber('--seconds', values.seconds);
  const seed = values.seed === undefined ? undefined : wholeNumber('--seed', values.seed);
  return { seconds, seed, verbose: values.verbose };
}

function wholeNumber(name, text) {
  if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, not ${text}.`);
  return Number(text);
}
