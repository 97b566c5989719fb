// Gets a clone ready: packages, bundles, the .vsix. Only Node's own modules here: this runs before `npm ci` has.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm, runQuietly } from './childProcess.mjs';

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const oldestNode = [20, 19];

export function manifest() {
  return JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
}

export function vsixPath() {
  return join(projectRoot, `usage-ledger-${manifest().version}.vsix`);
}

/**
 * Whether what is installed is what the lock file asks for. By content, not by time: a checkout
 * touches the lock file without changing it.
 */
export function isInstalled(root = projectRoot) {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      installed[path]?.version === entry.version ||
      (installed[path] === undefined && entry.optional === true),
  );
}

/** @param {import('./steps.mjs').Steps} steps */
export async function ensureInstalled(steps) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new Error(`Node ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
  if (isInstalled()) return;
  await steps.run('installing packages', () => runNpm(['ci'], { cwd: projectRoot }));
}

/** @param {import('./steps.mjs').Steps} steps @param {{ production?: boolean, tests?: boolean }} what */
export async function buildBundles(steps, { production = false, tests = false }) {
  const title = tests ? 'building the extension and its tests' : 'building the extension';
  await steps.run(title, async () => {
    // A test file that was deleted must not live on as a bundle that still passes.
    if (tests) rmSync(join(projectRoot, 'out'), { recursive: true, force: true });
    const flags = [...(production ? ['--production'] : []), ...(tests ? ['--tests'] : [])];
    await runQuietly(process.execPath, ['esbuild.mjs', ...flags], { cwd: projectRoot });
  });
}
