// npm run bench [-- --only NAME --json FILE --full --corpus DIR --messages N --users M --size MB]: the figures that the README
// states, each against a baseline of the same run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled, projectRoot } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';
import { packageVsix } from './project/vsix.mjs';
import { provideChromium } from './vscode/chromium.mjs';
import { provisionServer } from './vscode/provision.mjs';

const benches = [
  'writer',
  'cold',
  'refresh',
  'stats',
  'host',
  'history',
  'scale',
  'import',
  'soak',
  'panel',
  'activate',
];

/** How much the cold scan is tried on. */
function coldOptions({ full, corpus }) {
  return [...(full ? ['--full'] : []), ...(corpus === undefined ? [] : ['--corpus', resolve(corpus)])];
}

/** How large a ledger is to be that years of use have made. */
function scaleOptions({ full, messages, users }) {
  return [
    ...(full ? ['--full'] : []),
    ...(messages === undefined ? [] : ['--messages', messages]),
    ...(users === undefined ? [] : ['--users', users]),
  ];
}

/** The panel is measured in a real VS Code, which has to be there. */
async function panelEnv(steps) {
  const vsix = await packageVsix(steps);
  const [chromiumPath] = await Promise.all([provideChromium(steps), provisionServer(steps)]);
  return { CHROMIUM_PATH: chromiumPath, USAGE_LEDGER_VSIX: vsix };
}

/** What a part of the bench needs beside its own code. */
async function envOf(name, steps) {
  if (name === 'panel') return panelEnv(steps);
  // The engine runs on VS Code's own Node.
  if (name === 'cold') return { VSCODE_NODE: (await provisionServer(steps)).nodePath };
  return {};
}

endOnSignals();
const temporary = mkdtempSync(join(tmpdir(), 'ul-bench-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      full: { type: 'boolean', default: false },
      corpus: { type: 'string' },
      messages: { type: 'string' },
      users: { type: 'string' },
      size: { type: 'string' },
    },
  });
  const chosen = values.only ?? benches;
  const unknown = chosen.find((name) => !benches.includes(name));
  if (unknown !== undefined) throw new Error(`--only takes ${benches.join(', ')}, not ${unknown}.`);
  const steps = stepsOnStdout();
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true, tests: true });
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  console.log(`\n${machine}`);
  const figures = { machine };
  for (const name of chosen) {
    console.log(`\n${name}`);
    const file = join(temporary, `${name}.json`);
    process.exitCode ||= await runShown(
      process.execPath,
      [
        join(projectRoot, 'out', 'bench', name === 'activate' ? 'vscode' : '', `${name}.js`),
        '--json',
        file,
        ...(name === 'cold' ? coldOptions(values) : []),
        ...(name === 'scale' ? scaleOptions(values) : []),
        ...(name === 'panel' && values.messages !== undefined ? ['--messages', values.messages] : []),
        ...(name === 'import' && values.size !== undefined ? ['--size', values.size] : []),
        ...(name === 'soak' ? ['--minutes', '3'] : []),
      ],
      { cwd: projectRoot, env: { ...process.env, ...(await envOf(name, steps)) } },
    );
    figures[name] = JSON.parse(readFileSync(file, 'utf8'));
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} catch (error) {
  failWith(error);
}
