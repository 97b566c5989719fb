import { toErrorMessage } from '../model/errors';
import type { CostState } from '../model/usageRecord';
import type { TranscriptFile } from '../sources/claude/locate';
import { transcriptMemory } from '../sources/claude/parse';
import { readTranscriptSync } from '../sources/claude/tail';
import { Copies } from './copies';
import { encodeRecords, transferable } from './recordColumns';
import { type ScannedBatch, type ScannedFile, type ScannerStart, sharedNumbers } from './scanBatch';

/** A batch goes out when it has so many records, or is so old: the newest figures are wanted soon. */
const recordsPerBatch = 2_000;
const batchMs = 100;
/** A thread that is ahead of the folding by so many batches waits: memory is bounded, whatever there is to read. */
const mostUnfolded = 12;
const chunkBytes = 1 << 20;

class Stopped extends Error {}

/** One thread of the scan pool: reads transcripts until none is left. */
export class Scanner {
  readonly #start: ScannerStart;
  readonly #send: (batch: ScannedBatch, transfer: ArrayBuffer[]) => void;
  readonly #copies = new Copies();
  #costStates: CostState[] = [];
  #files: ScannedFile[] = [];
  #sentAt = performance.now();

  constructor(start: ScannerStart, send: (batch: ScannedBatch, transfer: ArrayBuffer[]) => void) {
    this.#start = start;
    this.#send = send;
  }

  run(): void {
    const { files, shared } = this.#start;
    try {
      for (;;) {
        this.#mustGoOn();
        const index = Atomics.add(shared, sharedNumbers.nextFile, 1);
        const file = files[index];
        if (file === undefined) break;
        this.#read(file, index);
        if (performance.now() - this.#sentAt > batchMs) this.#post();
      }
      this.#post();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    }
  }

  #read(file: Pick<TranscriptFile, 'path' | 'root'>, index: number): void {
    const { cursors, user, host } = this.#start;
    try {
      const { cursor, stats } = readTranscriptSync(
        file,
        cursors[index] ?? null,
        (records, costStates) => {
          this.#mustGoOn();
          for (const record of records) this.#copies.add(record);
          this.#costStates.push(...costStates);
          if (this.#copies.length >= recordsPerBatch) this.#post();
        },
        { user, host, buffer: transcriptMemory(chunkBytes) },
      );
      this.#files.push({ index, cursor, stats, error: null });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      this.#files.push({ index, cursor: null, stats: null, error: toErrorMessage(error) });
    }
  }

  #post(): void {
    const { unfolded } = this.#start;
    for (;;) {
      const waiting = Atomics.load(unfolded, 0);
      if (waiting < mostUnfolded) break;
      Atomics.wait(unfolded, 0, waiting);
      this.#mustGoOn();
    }
    Atomics.add(unfolded, 0, 1);
    const columns = encodeRecords(this.#copies.take(), this.#costStates);
    this.#send({ columns, files: this.#files }, transferable(columns));
    this.#costStates = [];
    this.#files = [];
    this.#sentAt = performance.now();
  }

  #mustGoOn(): void {
    if (Atomics.load(this.#start.shared, sharedNumbers.stopped) !== 0) throw new Stopped();
  }
}
