import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LedgerError, toErrorMessage } from '../model/errors';
import { type Month, monthOf } from '../model/time';
import type { UsageRecord } from '../model/usageRecord';

/** About 10 MB of them. */
const mostInMemory = 20_000;
const recordsALine = 1_000;

/**
 * Records of one file by month, until all of the file has been read. Then each month is folded and saved once, in
 * whatever order the file tells of them, so that an import costs what the file holds and not that times what the ledger
 * holds. Many records wait on the disk, so that memory does not grow with their number.
 */
export class ImportSpool {
  readonly #folder: string | null;
  readonly #inMemory = new Map<Month, UsageRecord[]>();
  readonly #onDisk = new Set<Month>();
  #countInMemory = 0;
  #count = 0;

  /** `folder` is its own, and vanishes; null keeps everything in memory, as the ledger itself does then. */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /** Records put in since it was last emptied. */
  get count(): number {
    return this.#count;
  }

  /** Oldest first. */
  months(): readonly Month[] {
    return [...new Set([...this.#inMemory.keys(), ...this.#onDisk])].sort();
  }

  async put(records: readonly UsageRecord[]): Promise<void> {
    for (const record of records) {
      const month = monthOf(record.epochMs);
      const its = this.#inMemory.get(month);
      if (its === undefined) this.#inMemory.set(month, [record]);
      else its.push(record);
    }
    this.#count += records.length;
    this.#countInMemory += records.length;
    const folder = this.#folder;
    if (folder !== null && this.#countInMemory >= mostInMemory) await onDisk(() => this.#moveToDisk(folder));
  }

  /** In the order in which they came, some at a time. */
  async *read(month: Month): AsyncGenerator<readonly UsageRecord[]> {
    if (this.#onDisk.has(month)) {
      const input = createReadStream(this.#fileOf(month), { encoding: 'utf8' });
      try {
        for await (const line of createInterface({ input, crlfDelay: Infinity }))
          yield JSON.parse(line) as UsageRecord[];
      } finally {
        input.destroy();
      }
    }
    const rest = this.#inMemory.get(month) ?? [];
    for (let at = 0; at < rest.length; at += recordsALine) yield rest.slice(at, at + recordsALine);
  }

  /** Lets go of everything, also of what a process that was killed has left behind. */
  async empty(): Promise<void> {
    this.#inMemory.clear();
    this.#onDisk.clear();
    this.#countInMemory = 0;
    this.#count = 0;
    const folder = this.#folder;
    if (folder !== null) await onDisk(() => rm(folder, { recursive: true, force: true }));
  }

  async #moveToDisk(folder: string): Promise<void> {
    if (this.#onDisk.size === 0) await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [month, records] of this.#inMemory) {
      let lines = '';
      for (let at = 0; at < records.length; at += recordsALine)
        lines += `${JSON.stringify(records.slice(at, at + recordsALine))}\n`;
      await appendFile(this.#fileOf(month), lines, { mode: 0o600 });
      this.#onDisk.add(month);
    }
    this.#inMemory.clear();
    this.#countInMemory = 0;
  }

  #fileOf(month: Month): string {
    return join(this.#folder ?? '', `${month}.jsonl`);
  }
}

async function onDisk(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { reason, message } = toErrorMessage(error);
    throw new LedgerError(reason, `records to be imported cannot be set down: ${message}`, { cause: error });
  }
}
