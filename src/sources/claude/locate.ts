import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import nodePath from 'node:path';
import type { PlatformPath } from 'node:path';
import { errorCode, reasonOfSystemError } from '../../model/errors';
import type { LedgerErrorReason } from '../../model/errors';
import type { EpochMs } from '../../model/time';

/** Where Claude Code may keep its transcripts, as the environment says. */
export interface ClaudeEnvironment {
  readonly home: string;
  readonly claudeConfigDir: string | undefined;
  readonly xdgConfigHome: string | undefined;
}

/** A Claude config folder. */
export interface Root {
  readonly path: string;
  /** It has a `projects` folder. */
  readonly exists: boolean;
}

export interface TranscriptFile {
  readonly path: string;
  /** The root it was found under. */
  readonly root: string;
  readonly size: number;
  readonly mtimeMs: EpochMs;
  readonly dev: number;
  readonly ino: number;
}

/** A folder or file that could not be looked at. */
export interface LocateProblem {
  readonly path: string;
  readonly reason: LedgerErrorReason;
  readonly message: string;
}

export interface Listing {
  /** By path, so that a listing of the same files is the same listing. */
  readonly files: readonly TranscriptFile[];
  readonly problems: readonly LocateProblem[];
}

export function projectsFolder(root: string): string {
  return nodePath.join(root, 'projects');
}

/**
 * The folders to look in, in the order of their importance, each once; also those that do not exist (yet).
 * `onlyRoots` replaces all others. `paths` is for tests of another platform's paths.
 */
export function findRoots(
  environment: ClaudeEnvironment,
  extraRoots: readonly string[] = [],
  onlyRoots: readonly string[] | null = null,
  paths: PlatformPath = nodePath,
): Root[] {
  const { home } = environment;
  const named = (environment.claudeConfigDir ?? '').split(',');
  const fromEnvironment = named.some((entry) => entry.trim() !== '')
    ? named
    : [
        paths.join(filled(environment.xdgConfigHome) ?? paths.join(home, '.config'), 'claude'),
        paths.join(home, '.claude'),
      ];
  const roots = new Set<string>();
  for (const entry of onlyRoots ?? [...fromEnvironment, ...extraRoots]) {
    const trimmed = entry.trim();
    if (trimmed !== '') roots.add(rootOf(trimmed, home, paths));
  }
  return [...roots].map((path) => ({ path, exists: existsSync(paths.join(path, 'projects')) }));
}

function rootOf(entry: string, home: string, paths: PlatformPath): string {
  const expanded = /^~(?=$|[\\/])/.test(entry) ? paths.join(home, entry.slice(1)) : entry;
  const absolute = paths.resolve(expanded);
  return paths.basename(absolute) === 'projects' ? paths.dirname(absolute) : absolute;
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** How many folders and files are asked about at the same time: enough for Node's four I/O threads, and no flood. */
const parallelCalls = 32;

/**
 * Every transcript below the roots, each once however many ways lead to it (roots inside of one another, symbolic and
 * hard links). What cannot be read is reported and does not stop the rest; a root that is missing is no problem.
 */
export async function listTranscripts(roots: readonly Pick<Root, 'path'>[]): Promise<Listing> {
  const walk = new Walk();
  for (const root of roots) await walk.root(root.path);
  return walk.listing();
}

interface Place {
  /** As reached from the root. */
  readonly path: string;
  /** Without symbolic links. */
  readonly real: string;
  readonly root: string;
}

class Walk {
  readonly #seen = new Set<string>();
  readonly #files: TranscriptFile[] = [];
  readonly #problems: LocateProblem[] = [];
  readonly #queue: (() => Promise<void>)[] = [];
  #links: Place[] = [];

  async root(root: string): Promise<void> {
    const path = projectsFolder(root);
    try {
      const real = await realpath(path);
      this.#folder({ path, real, root });
    } catch (error) {
      if (!isMissing(error)) this.#problem(path, error);
    }
    await this.#drain();
    while (this.#links.length > 0) await this.#followLinks();
  }

  listing(): Listing {
    const files = this.#files.sort(byPath);
    return { files: withoutHardLinks(files), problems: this.#problems };
  }

  /** Runs what is queued, and what that queues in turn. */
  #drain(): Promise<void> {
    return new Promise((resolve, reject) => {
      let running = 0;
      const pump = (): void => {
        while (running < parallelCalls) {
          const job = this.#queue.pop();
          if (job === undefined) break;
          running++;
          job().then(() => {
            running--;
            pump();
          }, reject);
        }
        if (running === 0) resolve();
      };
      pump();
    });
  }

  #folder(place: Place): void {
    if (this.#seen.has(place.real)) return;
    this.#seen.add(place.real);
    this.#queue.push(async () => {
      let entries: Dirent[];
      try {
        entries = await readdir(place.path, { withFileTypes: true });
      } catch (error) {
        if (!isMissing(error)) this.#problem(place.path, error);
        return;
      }
      for (const entry of entries) this.#entry(place, entry);
    });
  }

  #entry(folder: Place, entry: Dirent): void {
    const place: Place = {
      path: nodePath.join(folder.path, entry.name),
      real: nodePath.join(folder.real, entry.name),
      root: folder.root,
    };
    if (entry.isDirectory()) this.#folder(place);
    else if (entry.isFile()) this.#file(place);
    else if (!entry.isFIFO() && !entry.isSocket() && !entry.isCharacterDevice() && !entry.isBlockDevice())
      // A link, or a file system that does not tell.
      this.#links.push(place);
  }

  /**
   * After all that is no link, and in the order of their paths, not of the answers: what lies in the tree itself is
   * known by its own path, and of several links to one file it is always the same that counts.
   */
  async #followLinks(): Promise<void> {
    const links = this.#links.sort(byPath);
    this.#links = [];
    const targets = new Map<Place, { real: string; stats: Stats }>();
    for (const place of links)
      this.#queue.push(async () => {
        try {
          const [real, stats] = await Promise.all([realpath(place.path), stat(place.path)]);
          targets.set(place, { real, stats });
        } catch (error) {
          if (!isMissing(error)) this.#problem(place.path, error);
        }
      });
    await this.#drain();
    for (const place of links) {
      const target = targets.get(place);
      if (target?.stats.isDirectory() === true) this.#folder({ ...place, real: target.real });
      else if (target?.stats.isFile() === true) this.#file({ ...place, real: target.real }, target.stats);
    }
    await this.#drain();
  }

  #file(place: Place, known?: Stats): void {
    if (!isTranscript(place.path) || this.#seen.has(place.real)) return;
    this.#seen.add(place.real);
    this.#queue.push(async () => {
      try {
        const { size, mtimeMs, dev, ino } = known ?? (await stat(place.path));
        this.#files.push({ path: place.path, root: place.root, size, mtimeMs, dev, ino });
      } catch (error) {
        if (!isMissing(error)) this.#problem(place.path, error);
      }
    });
  }

  #problem(path: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#problems.push({ path, reason: reasonOfSystemError(error), message });
  }
}

/** A workflow's journal lies among its agents' transcripts, and repeats them. */
export function isTranscript(path: string): boolean {
  return (
    path.endsWith('.jsonl') && !/[\\/]subagents[\\/]workflows[\\/][^\\/]+[\\/]journal\.jsonl$/.test(path)
  );
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function withoutHardLinks(files: readonly TranscriptFile[]): TranscriptFile[] {
  const seen = new Set<string>();
  return files.filter(({ dev, ino }) => {
    if (ino === 0) return true;
    const id = `${dev}:${ino}`;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** It went away meanwhile, was never there, or is a link to nowhere or in a circle. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error));
}
