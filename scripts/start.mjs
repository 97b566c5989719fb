// npm start [-- --port N --no-open --root DIR --served]: the packaged extension in a real VS Code,
// in a profile of its own, on your transcripts or on a made-up set.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, runQuietly, runShown } from './project/childProcess.mjs';
import { failWith } from './project/failWith.mjs';
import { buildBundles, ensureInstalled } from './project/prepare.mjs';
import { stepsOnStdout } from './project/steps.mjs';
import { packageVsix } from './project/vsix.mjs';
import { cacheFolder } from './vscode/cacheFolder.mjs';
import { findCommand } from './vscode/chromium.mjs';
import { hasDisplay } from './vscode/choose.mjs';
import { withoutOuterPrograms } from './vscode/outerPrograms.mjs';
import { provisionServer } from './vscode/provision.mjs';
import { installExtension, isPortFree, startServer, writeSettingsOnce } from './vscode/server.mjs';
import { chooseTranscripts } from './vscode/transcriptRoots.mjs';

const usualPort = 8137;
const usage = `npm start -- [options]
  --root DIR   a Claude config folder to read; may be repeated (default: your own, else a made-up set)
  --served     serve VS Code to the browser even where there is a desktop one
  --port N     serve on this port (default: ${usualPort}, or any free one)
  --no-open    do not open a browser`;

const releaseSignals = endOnSignals();
try {
  const options = readOptions();
  if (options.help === true) console.log(usage);
  else await start(options);
} catch (error) {
  failWith(error);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        root: { type: 'string', multiple: true },
        port: { type: 'string' },
        served: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`);
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new Error(`--port takes a number from 0 to 65535, not ${values.port}.`);
  }
  return { ...values, port };
}

async function start(options) {
  const steps = stepsOnStdout();
  const transcripts = chooseTranscripts(options.root ?? []);
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new Error(`Port ${options.port} is taken.`);
  }
  const desktop = options.served === true || options.port !== undefined ? undefined : desktopCommand();
  // Getting a VS Code is mostly waiting for a network, so it goes on beside the rest. Its failure is told in its place.
  const served = desktop === undefined ? provisionServer(steps) : undefined;
  served?.catch(() => undefined);
  await ensureInstalled(steps);
  await buildBundles(steps, { production: true });
  const vsix = await packageVsix(steps);
  steps.say(`transcripts: ${transcripts.description}`);

  const folder = join(cacheFolder(), 'welcome');
  mkdirSync(folder, { recursive: true });
  const context = {
    steps,
    vsix,
    folder,
    profile: join(cacheFolder(), `profile-${transcripts.profile}`),
    env: { ...withoutOuterPrograms(process.env), CLAUDE_CONFIG_DIR: transcripts.claudeConfigDir },
  };
  if (served !== undefined) await serve(context, await served, options);
  else await openDesktop(context, desktop);
}

/** The command-line part of a desktop VS Code that could open a window here. */
function desktopCommand() {
  // In a terminal of a remote VS Code `code` talks to that one; in WSL it is a Windows program that knows no Linux profile.
  if (process.env.VSCODE_IPC_HOOK_CLI || process.env.WSL_DISTRO_NAME || !hasDisplay()) return undefined;
  const inApplications = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';
  return findCommand('code') ?? (existsSync(inApplications) ? inApplications : undefined);
}

async function openDesktop({ steps, vsix, folder, profile, env }, code) {
  const userDataDir = join(profile, 'desktop-user');
  writeSettingsOnce(userDataDir);
  const flags = ['--user-data-dir', userDataDir, '--extensions-dir', join(profile, 'desktop-extensions')];
  // VS Code refuses to run as root without this.
  if (process.platform === 'linux' && process.getuid() === 0) flags.push('--no-sandbox');
  const shell = process.platform === 'win32';
  await steps.run('installing the extension', () =>
    runQuietly(code, [...flags, '--install-extension', vsix, '--force'], { env, shell }),
  );
  console.log(
    `\nUsage Ledger is open in a VS Code window with a profile of its own; this ends when you close it.`,
  );
  process.exitCode = await runShown(code, [...flags, '--new-window', '--wait', folder], { env, shell });
}

async function serve({ steps, vsix, folder, profile, env }, vscode, options) {
  const folders = {
    serverDataDir: join(profile, 'server'),
    userDataDir: join(profile, 'user'),
    extensionsDir: join(profile, 'extensions'),
  };
  writeSettingsOnce(folders.userDataDir);
  await steps.run('installing the extension', () =>
    installExtension(vscode, vsix, folders, (command, args) => runQuietly(command, args, { env })),
  );
  const port = options.port ?? ((await isPortFree(usualPort)) ? usualPort : 0);
  const server = await steps.run(`starting VS Code ${vscode.version}`, () =>
    startServer(vscode, { folders, env, port }),
  );
  releaseSignals();
  const stopped = untilTold();
  const url = server.url(folder);
  if (options['no-open'] !== true) openBrowser(url);
  console.log(`\nUsage Ledger runs in VS Code until Ctrl-C. Its address (only with this token):\n${url}`);
  const how = await Promise.race([stopped, server.exited.then((end) => ({ end }))]);
  await server.stop();
  if (typeof how === 'object') throw new Error(`VS Code's server ended (${how.end}):\n${server.output()}`);
}

/** Until Ctrl-C, a polite kill, or the end of the npm that started us. */
function untilTold() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event !== undefined) {
      setInterval(() => {
        if (process.ppid !== parent) resolve('orphaned');
      }, 1000).unref();
    }
  });
}

/** Best effort: the address is printed in any case. */
function openBrowser(url) {
  if (!hasDisplay() || process.env.CI) return;
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
