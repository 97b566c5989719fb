// Runs the provisioned VS Code as a server on this machine's own loopback address.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endTree, spawnTree } from '../project/childProcess.mjs';
import { exitWithParentPath } from './provision.mjs';

const host = '127.0.0.1';
const startTimeoutMs = 60_000;

/** Settings of every profile that we make: nothing that looks for a network, asks, or gets in the way. */
export const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
};

/** Writes a profile's settings, unless it has some: those are somebody's. */
export function writeSettingsOnce(userDataDir, settings = quietSettings) {
  const path = join(userDataDir, 'User', 'settings.json');
  if (existsSync(path)) return;
  mkdirSync(join(userDataDir, 'User'), { recursive: true });
  writeFileSync(path, `${JSON.stringify(settings, null, 2)}\n`);
}

/** Whether a port of the loopback address is free now. Port 0 always is. */
export function isPortFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** Installs a .vsix for real, the way a person does. */
export async function installExtension(vscode, vsix, folders, run) {
  await run(vscode.nodePath, [
    vscode.serverMain,
    '--accept-server-license-terms',
    ...folderFlags(folders),
    '--install-extension',
    vsix,
    '--force',
  ]);
}

function folderFlags({ serverDataDir, userDataDir, extensionsDir }) {
  return [
    '--server-data-dir',
    serverDataDir,
    '--user-data-dir',
    userDataDir,
    '--extensions-dir',
    extensionsDir,
    '--telemetry-level',
    'off',
  ];
}

export class ServerFailed extends Error {
  constructor(reason, message) {
    super(message);
    this.name = 'ServerFailed';
    this.reason = reason;
  }
}

/**
 * Starts the server and waits until its page answers. Only who knows the token gets in: what listens on a
 * loopback address can be reached by every user of the machine and by web pages, and it can run anything.
 * @param {{ nodePath: string, serverMain: string }} vscode
 * @param {{
 *   folders: { serverDataDir: string, userDataDir: string, extensionsDir: string },
 *   env?: Record<string, string | undefined>, port?: number, smokeTestDriver?: boolean,
 *   token?: string, onOutput?: (text: string) => void }} options
 */
export async function startServer(vscode, options) {
  const { folders, env = process.env, port = 0, smokeTestDriver = false } = options;
  const token = options.token ?? randomBytes(16).toString('hex');
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  // In a file, for the command line is everybody's to read.
  const tokenFile = join(folders.serverDataDir, `token-${process.pid}-${port}`);
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const child = spawnTree(
    vscode.nodePath,
    [
      '--import',
      exitWithParentPath,
      vscode.serverMain,
      '--accept-server-license-terms',
      '--connection-token-file',
      tokenFile,
      '--host',
      host,
      '--port',
      String(port),
      ...folderFlags(folders),
      '--disable-workspace-trust',
      '--force-disable-user-env',
      // A window that has gone takes its extension host with it, instead of leaving it for three hours.
      '--reconnection-grace-time',
      '10',
      ...(smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
    child.once('error', (error) => resolve(error.message));
  });
  let output = '';
  const listening = new Promise((resolve) => {
    const hear = (text) => {
      options.onOutput?.(text);
      output = (output + text).slice(-20_000);
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
  });
  const stop = async () => {
    await endTree(child);
    rmSync(tokenFile, { force: true });
  };
  let timer;
  try {
    const boundPort = await Promise.race([
      listening,
      exited.then((how) => {
        throw new ServerFailed('exited', `VS Code's server ended at once (${how}):\n${output}`);
      }),
      new Promise((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new ServerFailed('timeout', `VS Code's server did not come up:\n${output}`)),
          startTimeoutMs,
        );
      }),
    ]);
    const origin = `http://${host}:${boundPort}`;
    const page = await fetch(`${origin}/`, { headers: { cookie: `vscode-tkn=${token}` } });
    if (page.status !== 200) {
      throw new ServerFailed('no-page', `VS Code's page answered with status ${page.status}.`);
    }
    await page.body?.cancel();
    return {
      port: boundPort,
      pid: child.pid,
      exited,
      stop,
      /** The last that the server printed. */
      output: () => output,
      /** The address of a window on `folder` (none: an empty window). */
      url: (folder, payload) => {
        const query = new URLSearchParams({ tkn: token });
        if (folder === undefined) query.set('ew', 'true');
        else query.set('folder', folder);
        if (payload !== undefined) query.set('payload', JSON.stringify(payload));
        return `${origin}/?${query.toString().replaceAll('%2F', '/')}`;
      },
      /** How the workbench names a file of this machine. */
      fileUri: (path) => `vscode-remote://${host}:${boundPort}${encodeURI(path)}`,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
