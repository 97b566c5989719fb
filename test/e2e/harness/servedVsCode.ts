import { scriptModule } from '../../scripts/scriptModule';

// The types of what the tests use of scripts/vscode.

export interface VsCode {
  readonly nodePath: string;
  readonly serverMain: string;
  readonly version: string;
}

export interface ProfileFolders {
  readonly serverDataDir: string;
  readonly userDataDir: string;
  readonly extensionsDir: string;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly exited: Promise<number | string>;
  readonly stop: () => Promise<void>;
  readonly output: () => string;
  readonly url: (folder?: string) => string;
}

interface StepsModule {
  readonly stepsOnStderr: () => object;
}
interface ProcessModule {
  readonly runQuietly: (command: string, args: readonly string[]) => Promise<{ stdout: string }>;
}
interface ProvisionModule {
  readonly provisionServer: (steps: object) => Promise<VsCode>;
}
interface ChromiumModule {
  readonly provideChromium: (steps: object) => Promise<string>;
  readonly chromiumArgs: readonly string[];
}
interface ServerModule {
  readonly quietSettings: Readonly<Record<string, unknown>>;
  readonly startServer: (
    vscode: VsCode,
    options: { folders: ProfileFolders; env: Readonly<Record<string, string | undefined>> },
  ) => Promise<Server>;
  readonly installExtension: (
    vscode: VsCode,
    vsix: string,
    folders: ProfileFolders,
    run: ProcessModule['runQuietly'],
  ) => Promise<void>;
}

/** Everything that serves a VS Code and shows it; made once, on first use. */
export interface Machine {
  readonly vscode: VsCode;
  readonly chromiumPath: string;
  readonly chromiumArgs: readonly string[];
  readonly quietSettings: Readonly<Record<string, unknown>>;
  readonly startServer: ServerModule['startServer'];
  readonly install: (vsix: string, folders: ProfileFolders) => Promise<void>;
  /** Packages the extension that uses our API in an empty folder, and gives the package's path. */
  readonly packageStranger: (folder: string) => Promise<string>;
}

interface StrangerModule {
  readonly packageStranger: Machine['packageStranger'];
}

let machine: Promise<Machine> | undefined;

export function provideMachine(): Promise<Machine> {
  machine ??= (async () => {
    const { stepsOnStderr } = await scriptModule<StepsModule>('project/steps.mjs');
    const { runQuietly } = await scriptModule<ProcessModule>('project/childProcess.mjs');
    const { provisionServer } = await scriptModule<ProvisionModule>('vscode/provision.mjs');
    const { provideChromium, chromiumArgs } = await scriptModule<ChromiumModule>('vscode/chromium.mjs');
    const { startServer, installExtension, quietSettings } =
      await scriptModule<ServerModule>('vscode/server.mjs');
    const { packageStranger } = await scriptModule<StrangerModule>('testing/installStranger.mjs');
    const steps = stepsOnStderr();
    const vscode = await provisionServer(steps);
    return {
      vscode,
      chromiumPath: await provideChromium(steps),
      chromiumArgs,
      quietSettings,
      startServer,
      install: (vsix, folders) => installExtension(vscode, vsix, folders, runQuietly),
      packageStranger,
    };
  })();
  return machine;
}
