// Which VS Code the in-host tests run in: a desktop one where there is one and it could show itself, else the provisioned one.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cacheFolder.mjs';
import { findCommand } from './chromium.mjs';

const launcherPath = join(dirname(fileURLToPath(import.meta.url)), 'launcher.mjs');
const releasesUrl = 'https://update.code.visualstudio.com/api/releases/stable';
const reachTimeoutMs = 3000;

/** Whether a desktop program can open a window here. */
export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}

/** The newest release that can be downloaded, or undefined where there is no way to it. Asks briefly. */
async function newestRelease() {
  try {
    const answer = await fetch(releasesUrl, { signal: AbortSignal.timeout(reachTimeoutMs) });
    return answer.ok ? (await answer.json())[0] : undefined;
  } catch {
    // Not reachable is an answer, not an error.
    return undefined;
  }
}

/**
 * @param {import('../project/steps.mjs').Steps} steps
 * @returns {Promise<{ executablePath: string, kind: 'desktop' | 'provisioned', description: string }>}
 */
export async function chooseVsCode(steps, env = process.env) {
  const xvfb = hasDisplay(env) ? undefined : findCommand('xvfb-run', env);
  const canShow = hasDisplay(env) || xvfb !== undefined;
  const named = env.VSCODE_PATH || undefined;
  if (named !== undefined && !existsSync(named))
    throw new Error(`VSCODE_PATH names ${named}, which is not there.`);
  if (named !== undefined && !canShow) {
    steps.say('VSCODE_PATH is not used: it needs a display or xvfb-run');
  }
  if (canShow) {
    const desktop = named ?? (await downloaded(steps));
    if (desktop !== undefined) {
      return {
        executablePath: xvfb === undefined ? desktop : wrapped(desktop, xvfb),
        kind: 'desktop',
        description: desktop,
      };
    }
  }
  return {
    executablePath: launcherPath,
    kind: 'provisioned',
    description: "VS Code's server from npm, shown in Chromium",
  };
}

async function downloaded(steps) {
  const version = await newestRelease();
  if (version === undefined) return undefined;
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  return steps.run(`getting VS Code ${version}`, () =>
    downloadAndUnzipVSCode({
      version,
      cachePath: join(cacheFolder(), 'desktop'),
      reporter: new SilentReporter(),
    }),
  );
}

/** runTests takes one executable, so the virtual display must come in one. */
function wrapped(desktop, xvfb) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const path = join(cacheFolder(), 'code-in-xvfb.sh');
  mkdirSync(cacheFolder(), { recursive: true });
  writeFileSync(path, `#!/bin/sh\nexec ${quote(xvfb)} -a ${quote(desktop)} "$@"\n`, { mode: 0o755 });
  return path;
}
