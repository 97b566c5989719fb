import { FSWatcher } from 'chokidar';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { errorCode } from '../../model/errors';

/**
 * chokidar, kept to folders: one watch for each folder and none for a file. What happens to the files in a folder is
 * heard through its watch (the `raw` event), which is all that is needed of them.
 *
 * chokidar reads a folder again whenever something in it changes, and asks for the state of each entry: with 300
 * transcripts in a folder, a fifth of a core for 20 lines a second. Here a folder is read for its folders only.
 */
export class FolderWatcher extends FSWatcher {
  constructor() {
    super({
      ignoreInitial: true,
      followSymlinks: false,
      // Without this, chokidar listens to no errors of its watches.
      persistent: true,
      ignored: (_path, stats) => stats?.isFile() === true,
    });
  }

  get folders(): number {
    return Object.keys(this.getWatched()).length;
  }

  override _readdirp(root: string): ReturnType<FSWatcher['_readdirp']> {
    if (this.closed) return undefined;
    const stream = Readable.from(this.#folders(root));
    // chokidar reads entries from it and waits for its end, no more.
    return stream as unknown as ReturnType<FSWatcher['_readdirp']>;
  }

  async *#folders(root: string): AsyncGenerator<object> {
    try {
      for (const entry of await readdir(root, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const fullPath = join(root, entry.name);
        yield { path: entry.name, fullPath, basename: entry.name, stats: await lstat(fullPath) };
      }
    } catch (error) {
      // A folder that went away is told by its parent; an ended stream lets chokidar notice.
      if (errorCode(error) !== 'ENOENT') this.emit('error', error);
    }
  }
}
