// What it takes to activate the extension in a real VS Code, and how long after that its first text stands in the
// status bar: beside an extension that does nothing but show one, in the same windows.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { oneDollarLine } from '../../test/e2e/oneDollar';
import { provideMachine, type Server } from '../../test/e2e/harness/servedVsCode';
import { projectRoot } from '../../test/scripts/scriptModule';
import { WorkbenchWindow } from '../../test/e2e/harness/workbenchWindow';
import { percentile, type Report, runBench } from '../report';
import type { Activation } from './clock';

const windows = 5;
const windowTimeoutMs = 60_000;
const ours = { id: 'usage-ledger.usage-ledger', name: 'Usage Ledger', item: 'usageLedger.ticker' };
const plain = {
  id: 'usage-ledger-bench.plain',
  name: 'usage-ledger-bench.plain',
  item: 'usage-ledger-bench.plain.ticker',
};

interface Measured {
  readonly activateMs: number;
  readonly firstTextMs: number;
  readonly firstText: string;
}

/** Ours as it ships, except that it waits to be activated. */
function layOutOurs(extensions: string): void {
  const folder = join(extensions, ours.id);
  for (const part of ['dist', 'media', 'l10n', 'package.nls.json'])
    cpSync(join(projectRoot, part), join(folder, part), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, activationEvents: [] }));
}

function layOut(extensions: string, name: string, activationEvents: readonly string[]): void {
  const folder = join(extensions, `usage-ledger-bench.${name}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(__dirname, `${name}.js`), join(folder, `${name}.js`));
  const manifest = {
    name,
    publisher: 'usage-ledger-bench',
    version: '0.0.1',
    engines: { vscode: '^1.101.0' },
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, main: `./${name}.js`, activationEvents }),
  );
}

/** Runs in the page: notes when each item first has a text. */
function noteFirstTexts(items: readonly string[]): string {
  return `
    window.firstTexts = {};
    new MutationObserver(() => {
      for (const name of ${JSON.stringify(items)}) {
        if (window.firstTexts[name] !== undefined) continue;
        const item = document.querySelector('.statusbar-item[id$="' + name + '"]');
        const text = item?.textContent.trim();
        if (text) window.firstTexts[name] = { text, epochMs: performance.timeOrigin + performance.now() };
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });`;
}

/** What VS Code's own list of running extensions says of ours. */
async function ownCount(window: WorkbenchWindow): Promise<number> {
  // The list draws no row that cannot be seen.
  await window.page.setViewportSize({ width: 1280, height: 4_000 });
  await window.runCommand('Developer: Show Running Extensions');
  const rows = window.page.locator('.runtime-extensions-editor .extension');
  const text = await rows.filter({ has: window.page.getByText(ours.name, { exact: true }) }).innerText();
  const match = /Activation: (\d+)ms/.exec(text);
  if (match === null) throw new Error(`VS Code counts no activation in: ${text}`);
  return Number(match[1]);
}

async function measureWindow(
  browser: Browser,
  server: Server,
  workspace: string,
  resultPath: string,
): Promise<{
  readonly ours: Measured;
  readonly plain: Measured;
  /** To load our code and to call `activate`, as VS Code itself counts and shows it. */
  readonly ownMs: number;
}> {
  rmSync(resultPath, { force: true });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(noteFirstTexts([ours.item, plain.item]));
    await page.goto(server.url(workspace), { timeout: windowTimeoutMs });
    for (const end = Date.now() + windowTimeoutMs; !existsSync(resultPath);) {
      if (Date.now() > end) throw new Error(`the window's clock gave no result:\n${server.output()}`);
      await wait(100);
    }
    await wait(200);
    const clock = JSON.parse(readFileSync(resultPath, 'utf8')) as Record<string, Activation>;
    const texts = await page.evaluate<Record<string, { text: string; epochMs: number }>>('window.firstTexts');
    const ownMs = await ownCount(new WorkbenchWindow(page, server.url(workspace), () => undefined));
    const measured = ({ id, item }: Pick<typeof ours, 'id' | 'item'>): Measured => {
      const { activateMs, endedEpochMs } = clock[id]!;
      const first = texts[item];
      if (first === undefined) throw new Error(`${item} never had a text`);
      return {
        activateMs,
        firstTextMs: first.epochMs - endedEpochMs,
        firstText: first.text,
      };
    };
    return { ours: measured(ours), plain: measured(plain), ownMs };
  } finally {
    await context.close();
  }
}

async function main(folder: string, report: Report): Promise<void> {
  const machine = await provideMachine();
  const folders = {
    serverDataDir: join(folder, 'server'),
    userDataDir: join(folder, 'user'),
    extensionsDir: join(folder, 'extensions'),
  };
  const [workspace, home, resultPath] = [
    join(folder, 'work'),
    join(folder, 'home'),
    join(folder, 'clock.json'),
  ];
  for (const each of [workspace, home, join(folders.userDataDir, 'User')])
    mkdirSync(each, { recursive: true });
  writeFileSync(
    join(folders.userDataDir, 'User', 'settings.json'),
    JSON.stringify({ ...machine.quietSettings, 'git.enabled': false }),
  );
  layOutOurs(folders.extensionsDir);
  layOut(folders.extensionsDir, 'plain', []);
  layOut(folders.extensionsDir, 'clock', ['onStartupFinished']);
  const transcripts = join(home, '.claude', 'projects', '-work');
  mkdirSync(transcripts, { recursive: true });
  writeFileSync(join(transcripts, 'session.jsonl'), oneDollarLine('first'));
  const server = await machine.startServer(machine.vscode, {
    folders,
    env: {
      ...process.env,
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      USAGE_LEDGER_BENCH_ACTIVATE: [plain.id, ours.id].join(),
      USAGE_LEDGER_BENCH_RESULT: resultPath,
    },
  });
  try {
    const browser = await chromium.launch({
      executablePath: machine.chromiumPath,
      args: [...machine.chromiumArgs],
    });
    try {
      const all: Awaited<ReturnType<typeof measureWindow>>[] = [];
      // The first window is the one that has no last figures to show, and finds nothing compiled.
      for (let count = 0; count < windows; count++)
        all.push(await measureWindow(browser, server, workspace, resultPath));
      for (const { ours: each } of all.slice(1))
        if (!each.firstText.includes('$')) throw new Error(`the first text was ${each.firstText}, no figure`);
      const median = (value: (each: (typeof all)[number]) => number): number =>
        percentile(all.map(value), 0.5);
      const [activateMs, plainActivateMs] = [
        median((each) => each.ours.activateMs),
        median((each) => each.plain.activateMs),
      ];
      const [textMs, plainTextMs] = [
        median((each) => each.ours.firstTextMs),
        median((each) => each.plain.firstTextMs),
      ];
      const ownMs = median((each) => each.ownMs);
      report.add('our code and `activate()`, as VS Code counts it', ownMs, 'ms', '<= 20');
      report.add('activation, loading included, first window', all[0]!.ours.activateMs, 'ms');
      report.add(`activation, median of ${windows} windows`, activateMs, 'ms');
      report.add('activation of an extension that shows a text', plainActivateMs, 'ms');
      report.add('activation, ours / that', activateMs / plainActivateMs, 'x');
      report.add('from then to the first text in the status bar', textMs, 'ms', '<= 50');
      report.add('the same of that extension', plainTextMs, 'ms');
      report.add('first text, ours / that', textMs / plainTextMs, 'x');
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

runBench(main);
