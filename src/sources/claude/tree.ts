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
  readonly mtimeMs: EpochMs;
  readonly ino: number;
  readonly readEpochMs: EpochMs;
  /** Names of transcripts, and of folders, in order. */
  readonly names: readonly string[];
  readonly folders: readonly string[];
  /** The transcripts, as they were found the last time; those with other names as well once more. */
  files: readonly TranscriptFile[];
  linked: readonly TranscriptFile[];
}

/** A file that was written to so recently is looked at, whatever was told of it. */
const recentMs = 3_600_000;

export interface TreeListing extends Listing {
  /** It has the very same paths as the one before. */
  readonly samePaths: boolean;
  /** Changed since the listing before although nothing had been told of their folders. */
  readonly untold: readonly string[];
}

/**
 * Lists transcripts as `listTranscripts` does, for somebody who does so again and again: a folder is read only when its
 * own time says that something in it came or went, and a file costs one call of the system. The calls are synchronous,
 * since a detour over other threads costs ten times what they do, in slices between which others have their turn.
 * The files come in no particular order.
 *
 * Where every change is told (`touch`), only folders need to be looked at of which something was told since, and files
 * that were written to recently: for the others the last listing stands.
 */
export class TranscriptTree {
  readonly #now: () => EpochMs;
  #folders = new Map<string, Folder>();
  #touched: Set<string> | 'everything' = 'everything';
  #samePaths = false;

  constructor(now: () => EpochMs = Date.now) {
    this.#now = now;
  }

  /** Something was told of this path; null: of anything. */
  touch(path: string | null): void {
    if (path === null) this.#touched = 'everything';
    else if (this.#touched !== 'everything') {
      this.#touched.add(path);
      this.#touched.add(nodePath.dirname(path));
    }
  }

  /** @param allTold every change since the last listing was told by `touch`. */
  async list(roots: readonly Pick<Root, 'path'>[], allTold = false): Promise<TreeListing> {
    const touched = this.#touched;
    // What is told while this looks is for the next time.
    this.#touched = new Set();
    const walk = new Walk(this.#folders, this.#now, touched, allTold);
    for (const root of roots) {
      await walk.root(root.path);
      if (walk.hasLinks) {
        // Which of several ways to a file counts is for the one who sees them all.
        this.#folders.clear();
        this.#samePaths = false;
        return { ...(await listTranscripts(roots)), samePaths: false, untold: [] };
      }
    }
    const samePaths = this.#samePaths && walk.samePaths && walk.folders.size === this.#folders.size;
    this.#folders = walk.folders;
    this.#samePaths = true;
    return { ...walk.listing(), samePaths, untold: walk.untold };
  }
}

class Walk {
  readonly folders = new Map<string, Folder>();
  hasLinks = false;
  samePaths = true;
  readonly #known: ReadonlyMap<string, Folder>;
  readonly #now: EpochMs;
  readonly #touched: ReadonlySet<string> | 'everything';
  readonly #allTold: boolean;
  readonly untold: string[] = [];
  readonly #problems: LocateProblem[] = [];
  #sliceBeganMs = performance.now();

  constructor(
    known: ReadonlyMap<string, Folder>,
    now: () => EpochMs,
    touched: ReadonlySet<string> | 'everything',
    allTold: boolean,
  ) {
    this.#known = known;
    this.#now = now();
    this.#touched = touched;
    this.#allTold = allTold;
  }

  async root(root: string): Promise<void> {
    const path = projectsFolder(root);
    const real = this.#asked(path, () => realpathSync.native(path));
    if (real === undefined) return;
    const open = [{ path, real }];
    for (let place = open.pop(); place !== undefined && !this.hasLinks; place = open.pop()) {
      // Roots may lie inside of one another.
      if (this.folders.has(place.real)) continue;
      const known = this.#known.get(place.real);
      let folder: Folder | undefined;
      if (known !== undefined && this.#stands(known, place.path)) {
        folder = known;
        if (known.files.some((file) => !this.#isSettled(file, known))) await this.#lookAtFiles(known, known);
      } else folder = await this.#look(place.path, place.real, root);
      if (folder === undefined) continue;
      this.folders.set(place.real, folder);
      for (const name of folder.folders)
        open.push({ path: place.path + nodePath.sep + name, real: place.real + nodePath.sep + name });
    }
  }

  listing(): Listing {
    const files: TranscriptFile[] = [];
    const linked: TranscriptFile[] = [];
    for (const folder of this.folders.values()) {
      for (const file of folder.files) files.push(file);
      for (const file of folder.linked) linked.push(file);
    }
    return { files: linked.length === 0 ? files : eachOnce(files, linked), problems: this.#problems };
  }

  /** Whatever happened in it would have been told. */
  #stands(folder: Folder, path: string): boolean {
    return (
      this.#allTold && folder.path === path && this.#touched !== 'everything' && !this.#touched.has(path)
    );
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#sliceBeganMs = performance.now();
  }

  /** Asks about a folder and each of its files. */
  async #look(path: string, real: string, root: string): Promise<Folder | undefined> {
    const stats = this.#stat(path);
    if (stats?.isDirectory() !== true) return undefined;
    const { mtimeMs, ino } = stats;
    const known = this.#known.get(real);
    const reliable =
      known?.path === path &&
      known.mtimeMs === mtimeMs &&
      known.ino === ino &&
      mtimeMs < known.readEpochMs - coarsestTickMs &&
      this.#now < known.readEpochMs + reliedOnMs &&
      this.#now >= known.readEpochMs;
    let folder: Folder;
    if (reliable) folder = { ...known, root };
    else {
      const read = this.#read(path);
      if (read === undefined) return undefined;
      this.samePaths &&= known?.path === path && sameNames(known.names, read.names);
      folder = { path, root, real, mtimeMs, ino, readEpochMs: this.#now, files: [], linked: [], ...read };
    }
    await this.#lookAtFiles(folder, known);
    return folder;
  }

  async #lookAtFiles(folder: Folder, known: Folder | undefined): Promise<void> {
    const files: TranscriptFile[] = [];
    const linked: TranscriptFile[] = [];
    for (const name of folder.names) {
      const path = folder.path + nodePath.sep + name;
      const before = known?.files[files.length];
      if (folder === known && before?.path === path && this.#isSettled(before, known)) {
        files.push(before);
        continue;
      }
      const stats = this.#stat(path);
      if (performance.now() - this.#sliceBeganMs > sliceMs) await this.#pause();
      if (stats === undefined) continue;
      const { size, mtimeMs, dev, ino, nlink } = stats;
      const file: TranscriptFile = { path, root: folder.root, size, mtimeMs, dev, ino };
      if (before?.path === path && (before.size !== size || before.mtimeMs !== mtimeMs)) this.#changed(file);
      files.push(file);
      if (nlink > 1 && ino !== 0) linked.push(file);
    }
    folder.files = files;
    folder.linked = linked;
  }

  /** What is told suffices for it: not so of what is being written, or may be written under another name. */
  #isSettled(file: TranscriptFile, folder: Folder): boolean {
    return file.mtimeMs < this.#now - recentMs && !folder.linked.includes(file);
  }

  /** What has just been written may be told in a moment. */
  #changed({ path, mtimeMs }: TranscriptFile): void {
    if (this.#touched === 'everything' || this.#touched.has(path)) return;
    if (mtimeMs < this.#now - coarsestTickMs) this.untold.push(path);
  }

  #read(path: string): Pick<Folder, 'names' | 'folders'> | undefined {
    const entries = this.#asked(path, () => readdirSync(path, { withFileTypes: true }));
    if (entries === undefined) return undefined;
    const names: string[] = [];
    const folders: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isFile()) {
        if (isTranscript(path + nodePath.sep + entry.name)) names.push(entry.name);
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
    return { names: names.sort(), folders };
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

/** Of several names of a file the first counts, in whatever order they were found. */
function eachOnce(files: readonly TranscriptFile[], linked: readonly TranscriptFile[]): TranscriptFile[] {
  const seen = new Set<string>();
  const others = new Set<TranscriptFile>();
  for (const file of [...linked].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const id = `${file.dev}:${file.ino}`;
    if (seen.has(id)) others.add(file);
    seen.add(id);
  }
  return files.filter((file) => !others.has(file));
}
