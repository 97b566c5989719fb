// Runs some test files in their full length, which `npm test` cuts short.
import { join } from 'node:path';
import { endOnSignals, runShown } from '../project/childProcess.mjs';
import { failWith } from '../project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from '../project/prepare.mjs';
import { stepsOnStdout } from '../project/steps.mjs';

/**
 * Ends the process with the tests' own exit code.
 * @param {readonly string[]} files below out/test
 * @param {() => Readonly<Record<string, string>>} environment what makes them long; what it throws is told
 */
export async function runFull(files, environment) {
  endOnSignals();
  try {
    const env = { ...process.env, ...environment() };
    const steps = stepsOnStdout();
    await ensureInstalled(steps);
    await buildBundles(steps, { production: true, tests: true });
    const mocha = join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const paths = files.map((file) => join(projectRoot, 'out', 'test', file));
    process.exitCode = await runShown(process.execPath, [mocha, ...paths], { cwd: projectRoot, env });
  } catch (error) {
    failWith(error);
  }
}

/** @throws Error naming the option whose value is no whole number. */
export function wholeNumber(name, text) {
  if (!/^\d+$/.test(text)) throw new Error(`${name} takes a whole number, not ${text}.`);
  return text;
}
