#!/usr/bin/env node
// Stands where VS Code's executable is expected (`vscodeExecutablePath` of @vscode/test-electron): takes the same
// flags and runs the same tests, in the provisioned VS Code, shown in a Chromium. Its exit code is the tests'.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { endOnSignals, runShown } from '../project/childProcess.mjs';
import { failWith } from '../project/failWith.mjs';
import { stepsOnStderr } from '../project/steps.mjs';
import { chromiumArgs, provideChromium } from './chromium.mjs';
import { parseFlags } from './launcherFlags.mjs';
import { provisionServer } from './provision.mjs';
import { installExtension, startServer, writeSettingsOnce } from './server.mjs';

/** A run of tests longer than this is a hang. */
const longestRunMs = Number(process.env.USAGE_LEDGER_LAUNCH_TIMEOUT_MS ?? 15 * 60_000);
const workbenchTimeoutMs = 60_000;

endOnSignals();
const temporary = mkdtempSync(join(tmpdir(), 'usage-ledger-launch-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));

try {
  process.exitCode = await launch(parseFlags(process.argv.slice(2)));
} catch (error) {
  failWith(error);
}

async function launch(flags) {
  const steps = stepsOnStderr();
  const vscode = await provisionServer(steps);
  const folders = {
    serverDataDir: join(temporary, 'server'),
    userDataDir: resolve(flags.userDataDir ?? join(temporary, 'user')),
    extensionsDir: resolve(flags.extensionsDir ?? join(temporary, 'extensions')),
  };
  if (flags.version) {
    console.log(vscode.version);
    return 0;
  }
  if (flags.installExtension.length > 0) {
    for (const vsix of flags.installExtension) {
      await installExtension(vscode, resolve(vsix), folders, runShown);
    }
    return 0;
  }
  const chromiumPath = await provideChromium(steps);
  writeSettingsOnce(folders.userDataDir);
  // Only now: this file also serves --version and --install-extension, which want no browser.
  const { chromium } = await import('playwright-core');
  const [server, browser] = await Promise.all([
    startServer(vscode, { folders, smokeTestDriver: true }),
    chromium.launch({ executablePath: chromiumPath, args: chromiumArgs }),
  ]);
  let timer;
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const finished = new Promise((done, fail) => {
      void page.exposeFunction('codeAutomationExit', (code) => done(code)).catch(fail);
      void page.exposeFunction('codeAutomationLog', forwardLog).catch(fail);
      page.once('crash', () => fail(new Error('The browser page crashed.')));
      browser.once('disconnected', () => fail(new Error('The browser went away.')));
      void server.exited.then((how) =>
        fail(new Error(`VS Code's server ended (${how}):\n${server.output()}`)),
      );
      timer = setTimeout(
        () => fail(new Error(`No end after ${longestRunMs} ms; see USAGE_LEDGER_LAUNCH_TIMEOUT_MS.`)),
        longestRunMs,
      );
    });
    // It may fail while we still wait for the workbench below.
    finished.catch(() => undefined);
    const payload = [
      ...flags.extensionDevelopmentPath.map((path) => [
        'extensionDevelopmentPath',
        server.fileUri(resolve(path)),
      ]),
      ...(flags.extensionTestsPath === undefined
        ? []
        : [['extensionTestsPath', server.fileUri(resolve(flags.extensionTestsPath))]]),
    ];
    await page.goto(server.url(flags.folder === undefined ? undefined : resolve(flags.folder), payload));
    await Promise.race([
      page.waitForSelector('.monaco-workbench', { timeout: workbenchTimeoutMs }),
      finished,
    ]);
    return await finished;
  } finally {
    clearTimeout(timer);
    await browser.close();
    await server.stop();
  }
}

/** The workbench hands over its own messages and those of the extension host, so what tests print is among them. */
function forwardLog(type, args) {
  const stream = type === 'error' || type === 'warn' ? process.stderr : process.stdout;
  stream.write(`${format(...(Array.isArray(args) ? args : [args]))}\n`);
}
