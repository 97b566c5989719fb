// Shows the panel's page outside VS Code, in any theme, width and state, and writes pictures of it:
//   node test/webview/preview.mjs [FOLDER] [--theme dark,light] [--width 900,400] [--scenario full,empty] [--range today] [--tab sessions] [--layout sideBar]
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { themes } from './themes.mjs';

const origin = 'https://panel.test';

/** Bundles page and scenarios; both come from the sources, so that nothing has to be built before. */
async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'panel-preview-'));
  try {
    await build({
      entryPoints: { webview: 'src/webview/main.tsx' },
      bundle: true,
      format: 'iife',
      target: 'chrome128',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      outdir: folder,
      logLevel: 'warning',
    });
    await build({
      entryPoints: { scenarios: 'test/webview/previewParts.ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      logLevel: 'warning',
    });
    return {
      script: readFileSync(join(folder, 'webview.js'), 'utf8'),
      style: readFileSync(join(folder, 'webview.css'), 'utf8'),
      ...(await import(pathToFileURL(join(folder, 'scenarios.mjs')).href)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Opens pages that believe they are in VS Code. */
export async function openPreview() {
  const parts = await load();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  return {
    scenarios: Object.keys(parts.scenarios),
    close: () => browser.close(),
    async open({
      theme = 'dark',
      width = 900,
      height = 900,
      scale = 1,
      scenario = 'full',
      layout = 'editor',
      state = {},
    }) {
      const page = await browser.newPage({
        viewport: { width, height },
        deviceScaleFactor: scale,
        reducedMotion: 'reduce',
      });
      const problems = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      const commands = [];
      const asked = [];
      let { view, engine } = parts.scenarios[scenario];
      const own = {
        ready: () => ({ layout, locale: 'en', strings: parts.strings, view }),
        runCommand: ({ command }) => void commands.push(command) ?? null,
        openTranscript: ({ path }) => void commands.push(`openTranscript ${path}`) ?? null,
      };
      await page.exposeFunction('hostCall', (name, params) => {
        if (Object.hasOwn(own, name)) return { result: own[name](params) };
        asked.push(name);
        try {
          return { result: engine(name, params) };
        } catch (error) {
          return { error: { reason: 'unavailable', message: error.message } };
        }
      });
      await page.addInitScript(installFakeHost, {
        variables: themes[theme],
        kind: themeClass(theme),
        state,
      });
      await page.route(`${origin}/**`, (route) => {
        const path = new URL(route.request().url()).pathname;
        if (path === '/webview.js')
          return route.fulfill({ body: parts.script, contentType: 'text/javascript' });
        if (path === '/webview.css') return route.fulfill({ body: parts.style, contentType: 'text/css' });
        const body = parts.panelPage({
          cspSource: origin,
          scriptUri: `${origin}/webview.js`,
          styleUri: `${origin}/webview.css`,
          locale: 'en',
          title: 'Usage Ledger',
        });
        return route.fulfill({ body, contentType: 'text/html' });
      });
      await page.goto(`${origin}/`);
      await page.waitForSelector('main');
      /** Another state and theme in the same page, which is much quicker than another page. */
      const show = async (nextScenario, nextTheme) => {
        ({ view, engine } = parts.scenarios[nextScenario]);
        await page.evaluate(
          ([next, variables, kind]) => {
            const { style } = document.documentElement;
            for (const name of [...style]) style.removeProperty(name);
            for (const [name, value] of Object.entries(variables))
              style.setProperty(`--vscode-${name}`, value);
            document.body.className = kind;
            window.tellPage('view', next);
          },
          [view, themes[nextTheme], themeClass(nextTheme)],
        );
        // A view is drawn with the answers that go with it, after a tenth of a second at the latest.
        await page.waitForTimeout(150);
      };
      return { page, problems, commands, asked, parts, show };
    },
  };
}

/** What VS Code calls the theme's kind, as a class of the body. */
function themeClass(theme) {
  const kinds = {
    dark: 'dark',
    light: 'light',
    'hc-dark': 'high-contrast',
    'hc-light': 'high-contrast-light',
  };
  return `vscode-${kinds[theme]}`;
}

/** Runs in the page before anything else. */
function installFakeHost({ variables, kind, state }) {
  let kept = state;
  const deliver = (page, message) =>
    window.postMessage({ page, message: JSON.parse(JSON.stringify(message)) }, '*');
  window.acquireVsCodeApi = () => ({
    getState: () => kept,
    setState: (next) => {
      kept = next;
      window.keptState = next;
    },
    postMessage: ({ page, message: { id, name, params } }) => {
      window.tellPage = (event, data) => deliver(page, { kind: 'event', name: event, data });
      window
        .hostCall(name, params)
        .then(({ result, error }) =>
          deliver(page, error === undefined ? { kind: 'reply', id, result } : { kind: 'failure', id, error }),
        );
    },
  });
  document.addEventListener('readystatechange', () => {
    for (const [name, value] of Object.entries(variables))
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    document.body?.classList.add(kind);
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      theme: { type: 'string', default: Object.keys(themes).join(',') },
      width: { type: 'string', default: '900,400' },
      scenario: { type: 'string', default: 'full' },
      range: { type: 'string' },
      tab: { type: 'string' },
      layout: { type: 'string', default: 'editor' },
      state: { type: 'string', default: '{}' },
    },
  });
  const folder = positionals[0] ?? join(tmpdir(), 'panel-pictures');
  mkdirSync(folder, { recursive: true });
  const preview = await openPreview();
  const wanted = values.scenario === 'all' ? preview.scenarios : values.scenario.split(',');
  for (const scenario of wanted)
    for (const theme of values.theme.split(','))
      for (const width of values.width.split(',').map(Number)) {
        const { range, tab, layout } = values;
        const state = { ...JSON.parse(values.state), ...(range && { range }), ...(tab && { tab }) };
        const { page, problems } = await preview.open({ theme, width, scenario, state, layout });
        await page.waitForTimeout(400);
        const file = join(
          folder,
          `${[layout === 'sideBar' && layout, scenario, tab, range, theme, width].filter(Boolean).join('-')}.png`,
        );
        await page.screenshot({ path: file, fullPage: true });
        console.log(file, ...problems);
        await page.close();
      }
  await preview.close();
}
