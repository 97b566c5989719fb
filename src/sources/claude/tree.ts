import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import nodePath from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode, reasonOfSystemError } from '../../model/errors';
import type { EpochMs } from '../../model/time';
import {
  isTranscript,
  listTranscripts,
  type Listing,
  type LocateProblem,
  projectsFolder,
  type Root,
  type TranscriptFile,
} from './locate';

/** How long the thread may be kept from answering. */
const sliceMs = 6;
/**
 * A folder that changed so shortly before it was read may have changed again within the same tick of the file system's
 * clock: what was read of it is not relied on. Two seconds is the coarsest clock that there is (FAT).
 */
const coarsestTickMs = 2_000;
/** Some file systems forget to date their folders: no list of names is relied on for longer than this. */
const reliedOnMs = 600_000;

interface Folder {
  readonly path: string;
  readonly root: string;
  readonly real: string;
  mtimeMs: EpochMs;
  ino: number;
  readEpochMs: EpochMs;
  /** Names of transcripts, and of folders, in order. */
  files: readonly string[];
  folders: readonly string[];
}

/** A listing, and whether it has the very same paths as the one before. */
export interface TreeListing extends Listing {
  readonly samePaths: boolean;
}

/**
 * Lists transcripts as `listTranscripts` does, for somebody who does so again and again: a folder is read only when its
 * own time says that something in it came or went, and a file costs one call of the system. The calls are synchronous,
 * since a detour over other threads costs ten times what they do, in slices between which others have their turn.
 * The files come in no particular order.
 */
export class TranscriptTree {
  readonly #now: () => EpochMs;
  #folders = new Map<string, Folder>();
  #samePaths = false;

  constructor(now: () => EpochMs = Date.now) {
    this.#now = now;
  }

  async list(roots: readonly Pick<Root, 'path'>[]): Promise<TreeListing> {
    const walk = new Walk(this.#folders, this.#now);
    for (const root of roots) {
      await walk.root(root.path);
      if (walk.hasLinks) {
        // Which of several ways to a file counts is for the one who sees them all.
        this.#folders.clear();
        this.#samePaths = false;
        return { ...(await listTranscripts(roots)), samePaths: false };
      }
    }
    const samePaths = this.#samePaths && walk.samePaths && walk.folders.size === this.#folders.size;
    this.#folders = walk.folders;
    this.#samePaths = true;
    return { ...walk.listing(), samePaths };
  }
}

class Walk {
  readonly folders = new Map<string, Folder>();
  hasLinks = false;
  samePaths = true;
  readonly #known: ReadonlyMap<string, Folder>;
  readonly #now: () => EpochMs;
  readonly #files: TranscriptFile[] = [];
  /** Files that have other names as well. */
  readonly #linked = new Set<TranscriptFile>();
  readonly #problems: LocateProblem[] = [];
  #sliceBeganMs = performance.now();

  constructor(known: ReadonlyMap<string, Folder>, now: () => EpochMs) {
    this.#known = known;
    this.#now = now;
  }

  async root(root: string): Promise<void> {
    const path = projectsFolder(root);
    const real = this.#asked(path, () => realpathSync.native(path));
    if (real === undefined) return;
    const open = [{ path, real }];
    for (let place = open.pop(); place !== undefined && !this.hasLinks; place = open.pop()) {
      // Roots may lie inside of one another.
      if (this.folders.has(place.real)) continue;
      const folder = this.#folder(place.path, place.real, root);
      if (folder === undefined) continue;
      this.folders.set(place.real, folder);
      for (const name of folder.folders)
        open.push({ path: place.path + nodePath.sep + name, real: place.real + nodePath.sep + name });
      for (const name of folder.files) {
        this.#file(folder, name);
        if (performance.now() - this.#sliceBeganMs > sliceMs) await this.#pause();
      }
    }
  }

  listing(): Listing {
    return { files: this.#linked.size === 0 ? this.#files : this.#eachOnce(), problems: this.#problems };
  }

  /** Of several names of a file the first counts, in whatever order they were found. */
  #eachOnce(): TranscriptFile[] {
    const seen = new Set<string>();
    const others = new Set<TranscriptFile>();
    for (const file of [...this.#linked].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const id = `${file.dev}:${file.ino}`;
      if (seen.has(id)) others.add(file);
      seen.add(id);
    }
    return this.#files.filter((file) => !others.has(file));
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#sliceBeganMs = performance.now();
  }

  #folder(path: string, real: string, root: string): Folder | undefined {
    const stats = this.#stat(path);
    if (stats?.isDirectory() !== true) return undefined;
    const { mtimeMs, ino } = stats;
    const known = this.#known.get(real);
    const now = this.#now();
    const reliable =
      known?.path === path &&
      known.mtimeMs === mtimeMs &&
      known.ino === ino &&
      mtimeMs < known.readEpochMs - coarsestTickMs &&
      now < known.readEpochMs + reliedOnMs &&
      now >= known.readEpochMs;
    if (reliable) return known;
    const read = this.#read(path);
    if (read === undefined) return undefined;
    this.samePaths &&= known?.path === path && sameNames(known.files, read.files);
    return { path, root, real, mtimeMs, ino, readEpochMs: now, ...read };
  }

  #read(path: string): Pick<Folder, 'files' | 'folders'> | undefined {
    const entries = this.#asked(path, () => readdirSync(path, { withFileTypes: true }));
    if (entries === undefined) return undefined;
    const files: string[] = [];
    const folders: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isFile()) {
        if (isTranscript(path + nodePath.sep + entry.name)) files.push(entry.name);
      } else if (
        !entry.isFIFO() &&
        !entry.isSocket() &&
        !entry.isCharacterDevice() &&
        !entry.isBlockDevice()
      ) {
        // A link, or a file system that does not tell.
        this.hasLinks = true;
      }
    }
    return { files: files.sort(), folders };
  }

  #file(folder: Folder, name: string): void {
    const path = folder.path + nodePath.sep + name;
    const stats = this.#stat(path);
    if (stats === undefined) return;
    const { size, mtimeMs, dev, ino, nlink } = stats;
    const file: TranscriptFile = { path, root: folder.root, size, mtimeMs, dev, ino };
    this.#files.push(file);
    if (nlink > 1 && ino !== 0) this.#linked.add(file);
  }

  #stat(path: string): Stats | undefined {
    return this.#asked(path, () => statSync(path, { throwIfNoEntry: false }));
  }

  /** undefined: it is not there, or it has been reported. */
  #asked<Answer>(path: string, ask: () => Answer): Answer | undefined {
    try {
      return ask();
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error))) {
        const message = error instanceof Error ? error.message : String(error);
        this.#problems.push({ path, reason: reasonOfSystemError(error), message });
      }
      return undefined;
    }
  }
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
