import { existsSync, realpathSync, watch as watchFolder } from 'node:fs';
import type { FSWatcher as NodeWatcher } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { errorCode } from '../../model/errors';
import { fileSystemKind } from './fileSystemKind';
import { FolderWatcher } from './folderWatcher';
import { isTranscript, projectsFolder } from './locate';
import type { Root } from './locate';

/** `events`: told by the system. `polling`: it does not tell all of it, so somebody has to look. `off`: closed. */
export type WatchMode = 'events' | 'polling' | 'off';

export interface WatchOptions {
  /** How long changes are collected while they keep coming. Default 100 ms. */
  readonly batchMs?: number;
  /** Called when the mode becomes `polling`, with the reason. */
  readonly onPolling?: (reason: string) => void;
  /** Each change at once, before it is collected with others; null as for `onChange`. */
  readonly onEvent?: (path: string | null) => void;
  /** A folder that cannot be watched; the others still are. */
  readonly onError?: (error: Error) => void;
  /** One recursive watch, where the system is good at it, or one a folder. By default it depends on the platform. */
  readonly recursive?: boolean;
}

export interface TranscriptWatch {
  readonly mode: WatchMode;
  /** Folders that are watched; a root is one where the system watches whole trees. */
  readonly folders: number;
  /** Everything is on file systems that tell of every change, and the watches stand. */
  readonly tellsAll: boolean;
  /** Something came to light that should have been told: from now on it is `polling`. */
  distrust(reason: string): void;
  close(): Promise<void>;
}

/**
 * Calls `onChange` soon after a transcript below the roots was written, with the paths that changed, or with null when
 * that is not known (look at all of them): once when the watches stand, and when folders came or went. Roots may be
 * missing, and appear later. A folder reached by a symbolic link inside of a root is not watched: for that, and for
 * file systems without events, a sweep now and then has to be there anyway.
 */
export function watchTranscripts(
  roots: readonly Pick<Root, 'path'>[],
  onChange: (paths: readonly string[] | null) => void,
  options: WatchOptions = {},
): TranscriptWatch {
  return new Watch(roots, onChange, options);
}

/** How long the first change waits for others: one write makes several events. */
const aloneMs = 5;
/** Answers of a system that can give no more watches. */
const exhausted: readonly string[] = ['ENOSPC', 'EMFILE', 'ENFILE'];

class Watch implements TranscriptWatch {
  readonly #onChange: (paths: readonly string[] | null) => void;
  readonly #options: WatchOptions;
  readonly #roots: RootWatch[] = [];
  readonly #changed = new Set<string>();
  #mode: WatchMode = 'events';
  #anything = false;
  #lastFlushMs = -Infinity;
  #batch: NodeJS.Timeout | undefined;
  #tells = true;

  constructor(
    roots: readonly Pick<Root, 'path'>[],
    onChange: (paths: readonly string[] | null) => void,
    options: WatchOptions,
  ) {
    this.#onChange = onChange;
    this.#options = options;
    const recursive = options.recursive ?? (process.platform === 'darwin' || process.platform === 'win32');
    for (const root of roots) {
      if (this.mode !== 'events') break;
      const watch = new RootWatch(
        projectsFolder(root.path),
        recursive,
        (path) => this.#report(path),
        (error) => this.#fail(error),
      );
      this.#roots.push(watch);
      watch.start();
    }
    for (const root of roots) {
      const kind = fileSystemKind(projectsFolder(root.path));
      this.#tells &&= kind.tells || !existsSync(projectsFolder(root.path));
      // What this machine writes there is still told.
      if (kind.shared !== null)
        this.distrust(`${root.path} is on a file system that does not tell all changes (${kind.shared})`);
    }
  }

  get mode(): WatchMode {
    return this.#mode;
  }

  get folders(): number {
    return this.#roots.reduce((sum, root) => sum + root.folders, 0);
  }

  get tellsAll(): boolean {
    return (
      this.#mode === 'events' &&
      this.#tells &&
      this.#roots.length > 0 &&
      this.#roots.every(({ ready }) => ready)
    );
  }

  distrust(reason: string): void {
    if (this.#mode !== 'events') return;
    this.#mode = 'polling';
    this.#options.onPolling?.(reason);
  }

  async close(): Promise<void> {
    this.#mode = 'off';
    clearTimeout(this.#batch);
    await this.#closeRoots();
  }

  #report(path: string | null): void {
    if (this.#mode === 'off') return;
    this.#options.onEvent?.(path);
    if (path === null) this.#anything = true;
    else this.#changed.add(path);
    const { batchMs = 100 } = this.#options;
    // A change after a silence is told almost at once.
    const pauseMs = Math.max(aloneMs, this.#lastFlushMs + batchMs - performance.now());
    this.#batch ??= setTimeout(() => this.#flush(), pauseMs);
  }

  #flush(): void {
    this.#batch = undefined;
    this.#lastFlushMs = performance.now();
    const paths = this.#anything ? null : [...this.#changed];
    this.#anything = false;
    this.#changed.clear();
    this.#onChange(paths);
  }

  #fail(error: Error): void {
    if (this.#mode !== 'events') return;
    if (!exhausted.includes(errorCode(error))) {
      this.#options.onError?.(error);
      return;
    }
    this.distrust(error.message);
    // Half of the watches would cost as much and say less.
    void this.#closeRoots().catch((reason: unknown) => this.#options.onError?.(asError(reason)));
  }

  async #closeRoots(): Promise<void> {
    await Promise.all(this.#roots.splice(0).map((root) => root.close()));
  }
}

/** How long a folder that failed or is half there is left alone before the next try. */
const retryMs = 200;

class RootWatch {
  readonly #projects: string;
  readonly #recursive: boolean;
  readonly #report: (path: string | null) => void;
  readonly #fail: (error: Error) => void;
  #stop: () => Promise<void> | void = () => undefined;
  #folders: () => number = () => 0;
  #ready = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    projects: string,
    recursive: boolean,
    report: (path: string | null) => void,
    fail: (error: Error) => void,
  ) {
    this.#projects = projects;
    this.#recursive = recursive;
    this.#report = report;
    this.#fail = fail;
  }

  start(): void {
    if (this.#closed) return;
    try {
      if (!existsSync(this.#projects)) this.#awaitFolder();
      else if (this.#recursive) this.#watchTree(realpathSync(this.#projects));
      else this.#watchFolders(realpathSync(this.#projects));
    } catch (error) {
      // It may have come and gone between the calls.
      if (errorCode(error) === 'ENOENT') this.#startAgain();
      else this.#fail(asError(error));
    }
  }

  get folders(): number {
    return this.#folders();
  }

  /** Every change from now on is heard. A recursive watch is late, so nothing may rely on it. */
  get ready(): boolean {
    return this.#ready;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#folders = () => 0;
    clearTimeout(this.#retry);
    await this.#stop();
  }

  /** Listens for the next missing part of the path in the folder that is there. */
  #awaitFolder(): void {
    let missing = this.#projects;
    while (!existsSync(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing);
    const watcher = watchFolder(dirname(missing), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(missing)) this.#startAgain();
    });
    this.#use(watcher);
    if (existsSync(missing)) this.#startAgain();
  }

  #watchFolders(real: string): void {
    const watcher = new FolderWatcher();
    this.#stop = () => watcher.close();
    this.#folders = () => watcher.folders;
    let ready = false;
    watcher.on('raw', (_event, name, details) => {
      const { watchedPath } = details as { watchedPath: string };
      this.#changed(real, typeof name === 'string' ? join(watchedPath, name) : null);
    });
    watcher.on('addDir', () => {
      if (ready) this.#report(null);
    });
    watcher.on('unlinkDir', (path) => {
      if (path === real) this.#startAgain();
    });
    watcher.on('error', (error) => {
      this.#ready = false;
      this.#fail(asError(error));
    });
    watcher.on('ready', () => {
      ready = true;
      this.#ready = true;
      this.#report(null);
    });
    watcher.add(real);
  }

  #watchTree(real: string): void {
    const watcher = watchFolder(real, { recursive: true, persistent: false }, (event, name) => {
      if (name === null) this.#changed(real, null);
      else if (isTranscript(name)) this.#changed(real, join(real, name));
      // A folder that was moved here brings its files with it, without an event for each.
      else if (event === 'rename' && extname(name) === '') this.#report(null);
      if (event === 'rename' && !existsSync(real)) this.#startAgain();
    });
    this.#use(watcher);
    this.#report(null);
  }

  #use(watcher: NodeWatcher): void {
    this.#stop = () => watcher.close();
    this.#folders = () => 1;
    watcher.on('error', (error) => {
      if (exhausted.includes(errorCode(error))) this.#fail(error);
      else this.#startAgain();
    });
  }

  /** Reports a path as it is reached from the root, whatever links lead there. */
  #changed(real: string, path: string | null): void {
    if (path === null) this.#report(null);
    else if (isTranscript(path)) {
      const inside = relative(real, path);
      this.#report(inside.startsWith(`..${sep}`) ? null : join(this.#projects, inside));
    }
  }

  #startAgain(): void {
    if (this.#closed || this.#retry !== undefined) return;
    this.#ready = false;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      const stop = this.#stop;
      this.#stop = () => undefined;
      void Promise.resolve(stop()).then(
        () => this.start(),
        (error: unknown) => this.#fail(asError(error)),
      );
    }, retryMs);
    this.#retry.unref();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
