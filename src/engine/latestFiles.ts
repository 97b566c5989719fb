import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../ledger/atomicFile';
import { nodeFileSystem } from '../ledger/fileSystem';
import type { RateCard } from '../model/rates';
import type { Snapshot } from '../model/snapshot';
import { latestSnapshotPath, rateCardsPath } from './storage';

/** What a window shows, and prices by, before its engine has said anything: `latest.json` and `rates.json`. */
export class LatestFiles {
  readonly #storageFolder: string;
  readonly #beforeWrite: () => void;
  #writtenCards = '';

  /** @param beforeWrite throws when this process may not write any more. */
  constructor(storageFolder: string, beforeWrite: () => void) {
    this.#storageFolder = storageFolder;
    this.#beforeWrite = beforeWrite;
  }

  /** Number of the snapshot on the disk; 0 if there is none that can be read. */
  async generation(): Promise<number> {
    try {
      const text = await readFile(latestSnapshotPath(this.#storageFolder), 'utf8');
      const { generation } = JSON.parse(text) as Partial<Snapshot>;
      return typeof generation === 'number' && Number.isSafeInteger(generation) ? generation : 0;
    } catch {
      // Missing or damaged: it is written anew, and nothing depends on it.
      return 0;
    }
  }

  async write(snapshot: Snapshot, cards: readonly RateCard[]): Promise<void> {
    await this.#write(latestSnapshotPath(this.#storageFolder), JSON.stringify(snapshot));
    const text = JSON.stringify(cards);
    if (text === this.#writtenCards) return;
    await this.#write(rateCardsPath(this.#storageFolder), text);
    this.#writtenCards = text;
  }

  #write(path: string, text: string): Promise<void> {
    return writeAtomically(path, Buffer.from(text), { fs: nodeFileSystem, beforeRename: this.#beforeWrite });
  }
}
