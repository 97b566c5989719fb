// npm test [-- --only unit|vscode|e2e]: everything that this project proves, with one total in the last line.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, runQuietly, runShown } from './project/childProcess.mjs';
import { messageOf } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';
import { packageVsix } from './project/vsix.mjs';
import { isolatedEnv } from './testing/isolatedEnv.mjs';
import { suiteResult, total, totalLine } from './testing/results.mjs';
import { chooseVsCode } from './vscode/choose.mjs';
import { provideChromium } from './vscode/chromium.mjs';
import { provisionServer } from './vscode/provision.mjs';

const suites = ['unit', 'vscode', 'e2e'];
/** A file spends most of its time on waiting for a VS Code of its own. */
const e2eLanes = ['--parallel', '--jobs', '2'];
const compiledTests = join(projectRoot, 'out', 'test');

endOnSignals();
const temporary = mkdtempSync(join(tmpdir(), 'ul-test-'));
// Some tests run a process as another user, which must get through to its own folder.
chmodSync(temporary, 0o711);
process.once('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));

try {
  process.exitCode = await main(chosenSuites());
} catch (error) {
  console.error(messageOf(error));
  console.log(`\n${totalLine({ passed: 0, failed: 1, skipped: 0 })}`);
  process.exitCode = 1;
}

function chosenSuites() {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const chosen = values.only ?? suites;
  const unknown = chosen.find((name) => !suites.includes(name));
  if (unknown !== undefined) throw new Error(`--only takes ${suites.join(', ')}, not ${unknown}.`);
  return chosen;
}

async function main(chosen) {
  const steps = stepsOnStdout();
  const inVsCode = chosen.some((name) => name !== 'unit');
  // Getting a VS Code is mostly waiting for a network, so it goes on beside the rest. Its failure is told in its place.
  const servedVsCode = inVsCode ? prepareServedVsCode(steps) : undefined;
  servedVsCode?.catch(() => undefined);
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  const vsix = await packageVsix(steps);

  const results = [];
  if (chosen.includes('unit')) results.push(await runMocha('unit', unitFiles(), 30_000, {}));
  if (servedVsCode !== undefined) {
    try {
      const { chromiumPath } = await servedVsCode;
      const env = { CHROMIUM_PATH: chromiumPath, USAGE_LEDGER_VSIX: vsix };
      if (chosen.includes('vscode')) results.push(await runInHost(await chooseVsCode(steps), env));
      if (chosen.includes('e2e')) results.push(await runMocha('e2e', filesIn('e2e'), 120_000, env, e2eLanes));
    } catch (error) {
      console.error(messageOf(error));
      results.push({ passed: 0, failed: 1, skipped: 0, crashed: true });
    }
  }
  const sum = total(results);
  if (sum.passed + sum.failed === 0) console.log('No test ran.');
  console.log(`\n${totalLine(sum)}`);
  return sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

/**
 * The end-to-end suite always drives the served VS Code: a browser can be driven the way a person does it.
 * The in-host suite needs it where there is no desktop one.
 */
async function prepareServedVsCode(steps) {
  const [chromiumPath] = await Promise.all([provideChromium(steps), provisionServer(steps)]);
  return { chromiumPath };
}

function filesIn(folder) {
  const path = join(compiledTests, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(path, name));
}

function unitFiles() {
  return filesIn('').filter((path) => !/[\\/]out[\\/]test[\\/](vscode|e2e)[\\/]/.test(path));
}

function suiteEnv(name, extra) {
  const folder = join(temporary, name);
  mkdirSync(folder, { recursive: true });
  const resultsPath = join(folder, 'results.json');
  return {
    folder,
    resultsPath,
    env: { ...isolatedEnv(folder), ...extra, USAGE_LEDGER_TEST_RESULTS: resultsPath },
  };
}

function conclude(name, result) {
  console.log(`${name}: ${totalLine(result)}${result.crashed ? ' (the run itself broke off)' : ''}\n`);
  return result;
}

async function runMocha(name, files, timeoutMs, extra, options = []) {
  console.log(`\n${name}`);
  if (files.length === 0) return conclude(name, { passed: 0, failed: 0, skipped: 0, crashed: false });
  const { env, resultsPath } = suiteEnv(name, extra);
  const exitCode = await runShown(
    process.execPath,
    [
      join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      '--reporter',
      join(projectRoot, 'scripts', 'testing', 'reporter.cjs'),
      ...(process.stdout.isTTY ? [] : ['--no-color']),
      '--timeout',
      String(timeoutMs),
      ...options,
      // A test that failed may leave timers and processes behind; the total must come all the same.
      '--exit',
      ...files,
    ],
    { cwd: projectRoot, env },
  );
  return conclude(name, suiteResult(resultsPath, exitCode));
}

/** The suite's report arrives through a file: VS Code's own output is full of its own messages, and shown on failure. */
async function runInHost(vscode, extra) {
  console.log(`\nvscode (${vscode.description})`);
  if (filesIn('vscode').length === 0) {
    return conclude('vscode', { passed: 0, failed: 0, skipped: 0, crashed: false });
  }
  const { env, folder, resultsPath } = suiteEnv('vscode', extra);
  const outputPath = join(folder, 'output.txt');
  writeFileSync(outputPath, '');
  let shown = 0;
  const show = () => {
    const text = readFileSync(outputPath);
    process.stdout.write(text.subarray(shown));
    shown = text.length;
  };
  const watch = setInterval(show, 250);
  let exitCode = 0;
  let complaint = '';
  try {
    await runQuietly(
      process.execPath,
      [
        join(projectRoot, 'scripts', 'testing', 'runInHost.mjs'),
        vscode.executablePath,
        join(folder, 'profile'),
      ],
      { cwd: projectRoot, env: { ...env, USAGE_LEDGER_TEST_OUTPUT: outputPath } },
    );
  } catch (error) {
    exitCode = 1;
    complaint = error.message;
  } finally {
    clearInterval(watch);
    show();
  }
  const result = suiteResult(resultsPath, exitCode);
  if (result.crashed) console.error(complaint);
  return conclude('vscode', result);
}
