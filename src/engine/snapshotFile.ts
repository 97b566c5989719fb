import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../ledger/atomicFile';
import { nodeFileSystem } from '../ledger/fileSystem';
import type { Snapshot } from '../model/snapshot';

/** `latest.json`: what a window shows before its engine has said anything. */
export class SnapshotFile {
  readonly #path: string;
  readonly #beforeWrite: () => void;

  /** @param beforeWrite throws when this process may not write any more. */
  constructor(path: string, beforeWrite: () => void) {
    this.#path = path;
    this.#beforeWrite = beforeWrite;
  }

  /** Number of the snapshot that the file holds; 0 if there is none that can be read. */
  async generation(): Promise<number> {
    try {
      const { generation } = JSON.parse(await readFile(this.#path, 'utf8')) as Partial<Snapshot>;
      return typeof generation === 'number' && Number.isSafeInteger(generation) ? generation : 0;
    } catch {
      // Missing or damaged: it is written anew, and nothing depends on it.
      return 0;
    }
  }

  async write(snapshot: Snapshot): Promise<void> {
    await writeAtomically(this.#path, Buffer.from(JSON.stringify(snapshot)), {
      fs: nodeFileSystem,
      beforeRename: this.#beforeWrite,
    });
  }
}
