import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { projectRoot } from '../../scripts/scriptModule';
import { provideMachine } from './servedVsCode';
import type { Machine, ProfileFolders, Server } from './servedVsCode';
import { WorkbenchWindow } from './workbenchWindow';

export type Theme = 'light' | 'dark' | 'highContrastDark' | 'highContrastLight';

const themeNames: Readonly<Record<Theme, string>> = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  highContrastDark: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
};

export interface WorkbenchOptions {
  /** VS Code settings, the extension's own among them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** For the server and so for every extension host; overrides what the harness sets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly theme?: Theme;
  /** The folder that windows open; by default an empty one of the harness's own. */
  readonly folder?: string;
  /** Files to put into the folder: relative path to text. */
  readonly workspaceFiles?: Readonly<Record<string, string>>;
  /** Where the extension finds transcripts; by default an empty folder of the harness's own. */
  readonly claudeConfigDir?: string;
  /** Of the browser; the extension host has `timeZone` too. */
  readonly locale?: string;
  /** An IANA name; UTC by default, so that days do not depend on the machine. */
  readonly timeZone?: string;
  /** What to install; by default the project's own package. */
  readonly vsix?: string;
  /** Installs the extension that uses our API too. */
  readonly stranger?: boolean;
}

function projectVsix(): string {
  const given = process.env['USAGE_LEDGER_VSIX'];
  if (given !== undefined && given !== '') return given;
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return join(projectRoot, `usage-ledger-${manifest.version}.vsix`);
}

/**
 * A real VS Code with the packaged extension installed, in a profile and a home of its own,
 * that a test drives window by window as a person does.
 */
export class Workbench {
  readonly #server: Server;
  readonly #browser: Browser;
  readonly #temporary: string;
  readonly #options: WorkbenchOptions;
  readonly #windows = new Set<WorkbenchWindow>();
  readonly #allWindows: WorkbenchWindow[] = [];
  #changedSettings: Readonly<Record<string, unknown>> = {};

  readonly home: string;
  readonly folder: string;
  readonly claudeConfigDir: string;
  readonly folders: ProfileFolders;

  private constructor(
    started: { server: Server; browser: Browser; temporary: string },
    paths: { home: string; folder: string; claudeConfigDir: string; folders: ProfileFolders },
    options: WorkbenchOptions,
  ) {
    this.#server = started.server;
    this.#browser = started.browser;
    this.#temporary = started.temporary;
    this.#options = options;
    this.home = paths.home;
    this.folder = paths.folder;
    this.claudeConfigDir = paths.claudeConfigDir;
    this.folders = paths.folders;
  }

  static async start(options: WorkbenchOptions = {}): Promise<Workbench> {
    const machine = await provideMachine();
    const temporary = mkdtempSync(join(tmpdir(), 'ul-e2e-'));
    const paths = {
      home: join(temporary, 'home'),
      folder: options.folder ?? join(temporary, 'workspace'),
      claudeConfigDir: options.claudeConfigDir ?? join(temporary, 'claude'),
      folders: {
        serverDataDir: join(temporary, 'server'),
        userDataDir: join(temporary, 'user'),
        extensionsDir: join(temporary, 'extensions'),
      },
    };
    const settings = {
      ...machine.quietSettings,
      'files.simpleDialog.enable': true,
      'workbench.colorTheme': themeNames[options.theme ?? 'dark'],
      'window.autoDetectColorScheme': false,
      'window.autoDetectHighContrast': false,
      'workbench.reduceMotion': 'on',
      ...options.settings,
    };
    try {
      for (const path of [paths.home, paths.folder, join(paths.claudeConfigDir, 'projects')]) {
        if (path.startsWith(temporary)) mkdirSync(path, { recursive: true });
      }
      for (const [name, text] of Object.entries(options.workspaceFiles ?? {})) {
        mkdirSync(dirname(join(paths.folder, name)), { recursive: true });
        writeFileSync(join(paths.folder, name), text);
      }
      writeSettings(paths.folders, 'User', settings);
      writeSettings(paths.folders, 'Machine', {});
      await machine.install(options.vsix ?? projectVsix(), paths.folders);
      if (options.stranger === true)
        await machine.install(await machine.packageStranger(join(temporary, 'stranger')), paths.folders);
      const { server, browser } = await startBoth(machine, paths.folders, {
        ...process.env,
        HOME: paths.home,
        XDG_CONFIG_HOME: join(paths.home, '.config'),
        XDG_CACHE_HOME: join(paths.home, '.cache'),
        XDG_DATA_HOME: join(paths.home, '.local', 'share'),
        CLAUDE_CONFIG_DIR: paths.claudeConfigDir,
        TZ: options.timeZone ?? 'UTC',
        ...options.env,
      });
      return new Workbench({ server, browser, temporary }, paths, options);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
  }

  /** Opens a window with an extension host of its own, and waits until the workbench can be used. */
  async openWindow(folder: string = this.folder): Promise<WorkbenchWindow> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: this.#options.locale ?? 'en-US',
      timezoneId: this.#options.timeZone ?? 'UTC',
    });
    const window = new WorkbenchWindow(await context.newPage(), this.#server.url(folder), () =>
      this.#windows.delete(window),
    );
    this.#windows.add(window);
    this.#allWindows.push(window);
    await window.open();
    return window;
  }

  /**
   * Changes settings while windows are open; each takes them up at once. They go into the machine's settings, which
   * stand above the user's: the served VS Code watches that file, and the user's only while it is edited inside.
   */
  changeSettings(changes: Readonly<Record<string, unknown>>): void {
    this.#changedSettings = { ...this.#changedSettings, ...changes };
    writeSettings(this.folders, 'Machine', this.#changedSettings);
  }

  /** Changes the theme and waits until `window` wears it. */
  async setTheme(window: WorkbenchWindow, theme: Theme): Promise<void> {
    this.changeSettings({ 'workbench.colorTheme': themeNames[theme] });
    const themeClass = {
      light: 'vs',
      dark: 'vs-dark',
      highContrastDark: 'hc-black',
      highContrastLight: 'hc-light',
    };
    await window.page.waitForSelector(`.monaco-workbench.${themeClass[theme]}`);
  }

  /** Where the extension keeps its data. */
  get globalStorage(): string {
    return join(this.folders.userDataDir, 'User', 'globalStorage', 'usage-ledger.usage-ledger');
  }

  /** All that the extension has written to its log, in all windows. */
  log(): string {
    const roots = [join(this.folders.userDataDir, 'logs'), join(this.folders.serverDataDir, 'data', 'logs')];
    return roots
      .flatMap((root) => filesBelow(root))
      .filter((path) => /[\\/]usage-ledger[^\\/]*[\\/][^\\/]+\.log$/.test(path))
      .map((path) => readFileSync(path, 'utf8'))
      .join('');
  }

  /** The process ids of the windows' extension hosts, oldest first. Linux only. */
  extensionHostPids(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        const [stat, commandLine] = [procFile(pid, 'stat'), procFile(pid, 'cmdline')];
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return parent === this.#server.pid && commandLine.includes('--type=extensionHost');
      })
      .sort((a, b) => a - b);
  }

  /** Fails where any page of the extension, in any window, met an error or its policy's refusal. */
  async stop(): Promise<void> {
    for (const window of this.#windows) await window.close();
    await this.#browser.close();
    await this.#server.stop();
    rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    const troubles = this.#allWindows.flatMap(({ webviewTroubles }) => webviewTroubles);
    assert.deepEqual(troubles, [], 'in the pages of the panel and the side bar');
  }
}

async function startBoth(
  machine: Machine,
  folders: ProfileFolders,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ server: Server; browser: Browser }> {
  const server = await machine.startServer(machine.vscode, { folders, env });
  try {
    const browser = await chromium.launch({
      executablePath: machine.chromiumPath,
      args: [...machine.chromiumArgs],
    });
    return { server, browser };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function writeSettings(
  folders: ProfileFolders,
  level: 'User' | 'Machine',
  settings: Readonly<Record<string, unknown>>,
): void {
  const path = join(folders.userDataDir, level, 'settings.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(settings, null, 2));
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Empty for a process that has just ended. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
