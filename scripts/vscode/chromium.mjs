// Finds a Chromium to show the workbench in, or gets one where that is possible without asking.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runQuietly } from '../project/childProcess.mjs';

const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
];

const applications = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) =>
    process.env[name] === undefined
      ? []
      : [
          join(process.env[name], 'Google/Chrome/Application/chrome.exe'),
          join(process.env[name], 'Microsoft/Edge/Application/msedge.exe'),
        ],
  ),
};

/** The executable `name` in the PATH, or undefined. */
export function findCommand(name, env = process.env) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(folder, name + suffix);
      if (folder !== '' && isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installedChromium() {
  for (const command of commands) {
    const path = findCommand(command);
    if (path !== undefined) return path;
  }
  return (applications[process.platform] ?? []).find((path) => existsSync(path));
}

export function isRootWithApt() {
  return process.platform === 'linux' && process.getuid() === 0 && findCommand('apt-get') !== undefined;
}

/** The path of a Chromium. Installs Debian's where we may. @param {import('../project/steps.mjs').Steps} steps */
export async function provideChromium(steps) {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`CHROMIUM_PATH names ${chosen}, which cannot be run.`);
    return chosen;
  }
  const installed = installedChromium();
  if (installed !== undefined) return installed;
  if (!isRootWithApt()) {
    throw new Error(
      'No Chromium, Chrome or Edge was found. Install one (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM_PATH.',
    );
  }
  await steps.run('installing Chromium and a font', async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await runQuietly('apt-get', ['update', '-qq'], { env });
    await runQuietly(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      { env },
    );
  });
  const now = installedChromium();
  if (now === undefined) throw new Error('Chromium was installed but is not in the PATH. Set CHROMIUM_PATH.');
  return now;
}

/** Quiet, offline, and able to run as root. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];
