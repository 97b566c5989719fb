// A complete VS Code from the npm registry alone, for machines that cannot download the desktop one:
// the package code-server carries VS Code's server and workbench, the package node the Node that they want.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm, runQuietly } from '../project/childProcess.mjs';
import { cachedFolder } from './cacheFolder.mjs';

const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
/** Raised whenever the recipe below changes, so that no folder made by an older one is used. */
const recipe = 4;

/** What only VS Code's AI agents, Windows or enterprise proxies want: some 220 MB. The server starts without. */
const unneeded = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/sandbox-runtime',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'kerberos',
  'ssh2',
];

const standIns = join(dirname(fileURLToPath(import.meta.url)), 'standIns');
export const exitWithParentPath = join(standIns, 'exitWithParent.mjs');

/**
 * @param {import('../project/steps.mjs').Steps} steps
 * @returns {Promise<{ nodePath: string, serverMain: string, version: string }>} a Node and the script that it runs as VS Code
 */
export async function provisionServer(steps) {
  const platform = `${process.platform}-${process.arch}`;
  if (!['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'].includes(platform)) {
    throw new Error(
      `There is no ready-made VS Code server for ${platform}. Install VS Code and set VSCODE_PATH to its executable.`,
    );
  }
  const name = `vscode-${codeServerVersion}-node-${nodeVersion}-${platform}-${recipe}`;
  const folder = await cachedFolder(name, (unfinished) => make(unfinished, platform, steps));
  return {
    nodePath: join(folder, 'node'),
    serverMain: join(folder, 'vscode', 'out', 'server-main.js'),
    version: JSON.parse(readFileSync(join(folder, 'vscode', 'package.json'), 'utf8')).version,
  };
}

async function make(folder, platform, steps) {
  const nodePackage = `node-${platform}`;
  await steps.run(
    `fetching VS Code (code-server ${codeServerVersion}) and Node ${nodeVersion} from npm`,
    async () => {
      await runNpm(
        [
          'pack',
          `code-server@${codeServerVersion}`,
          `${nodePackage}@${nodeVersion}`,
          '--pack-destination',
          folder,
        ],
        { cwd: folder },
      );
      const unpack = (file, what) => runQuietly('tar', ['-xzf', file, what], { cwd: folder });
      await Promise.all([
        unpack(`code-server-${codeServerVersion}.tgz`, 'package/lib/vscode'),
        unpack(`${nodePackage}-${nodeVersion}.tgz`, 'package/bin/node'),
      ]);
      renameSync(join(folder, 'package', 'lib', 'vscode'), join(folder, 'vscode'));
      renameSync(join(folder, 'package', 'bin', 'node'), join(folder, 'node'));
      for (const rest of [
        'package',
        `code-server-${codeServerVersion}.tgz`,
        `${nodePackage}-${nodeVersion}.tgz`,
      ]) {
        rmSync(join(folder, rest), { recursive: true, force: true });
      }
    },
  );

  const vscode = join(folder, 'vscode');
  await steps.run("installing VS Code's own packages", async () => {
    const manifestPath = join(vscode, 'package.json');
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
    for (const name of unneeded) delete manifest.dependencies[name];
    writeFileSync(manifestPath, JSON.stringify(manifest, null, 2));
    await runNpm(['install', '--omit=dev', '--ignore-scripts', '--engine-strict=false'], { cwd: vscode });
    replacePackage(vscode, '@vscode/spdlog', 'spdlog.cjs');
    replacePackage(vscode, '@vscode/fs-copyfile', 'fsCopyfile.cjs');
    replacePackage(vscode, '@vscode/native-watchdog', 'nativeWatchdog.cjs');
    // These would look for a network with every window.
    rmSync(join(vscode, 'extensions', 'copilot'), { recursive: true, force: true });
    const productPath = join(vscode, 'product.json');
    const product = { ...JSON.parse(readFileSync(productPath, 'utf8')), extensionsGallery: {} };
    writeFileSync(productPath, JSON.stringify(product, null, 2));
  });
}

function replacePackage(vscode, name, standIn) {
  const folder = join(vscode, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`VS Code ${codeServerVersion} no longer uses ${name}.`);
  rmSync(folder, { recursive: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(standIns, standIn), join(folder, 'index.cjs'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main: 'index.cjs' }));
}
