import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Log } from '../model/logRecord';
import type { TranscriptFile } from '../sources/claude/locate';
import type { FileCursor } from '../sources/claude/tail';
import { type ScannedBatch, type ScannerStart, sharedNumbers } from './scanBatch';

export interface ScanPoolOptions {
  /** The threads' program: `scanner.js`. */
  readonly scannerPath: string;
  readonly user: string;
  readonly host: string;
  readonly log: Log;
  readonly isStopped: () => boolean;
  /** Takes a batch over; memory stays bounded because no thread runs far ahead of it. */
  readonly take: (batch: ScannedBatch) => Promise<void>;
}

/** More than that fold no faster: the engine is one thread. */
const mostThreads = 6;
/** Objects of a thread that parses die young and are few: little room for them keeps the process small. */
const youngGenerationMb = 4;

/** One core is left to whoever folds and shows, where there are more than two; two are shared out by the system. */
function threadCount(files: number): number {
  const cores = availableParallelism();
  return Math.max(1, Math.min(mostThreads, files, cores > 2 ? cores - 1 : cores));
}

interface Thread {
  readonly worker: Worker;
  readonly unfolded: Int32Array<SharedArrayBuffer>;
}

function sharedArray(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Reads many transcripts with several threads that end with the scan. Each takes the next file when it is done with
 * one, so files are begun in the order in which they are given. A file is not split between threads: what a line means
 * may depend on lines before it, and even the largest transcripts take less than a tenth of a second.
 */
export class ScanPool {
  readonly #options: ScanPoolOptions;
  readonly #arrived: { readonly batch: ScannedBatch; readonly from: Thread }[] = [];
  #running = 0;
  #wake: () => void = () => undefined;

  constructor(options: ScanPoolOptions) {
    this.#options = options;
  }

  /** Resolves when all files have been read, or the scan was stopped, or no thread is left that could read. */
  async read(
    files: readonly Pick<TranscriptFile, 'path' | 'root'>[],
    cursors: readonly (FileCursor | null)[],
  ): Promise<void> {
    const { user, host, isStopped, take } = this.#options;
    const shared = sharedArray(sharedNumbers.count);
    const threads: Thread[] = [];
    for (let count = threadCount(files.length); count > 0; count--)
      threads.push(this.#start({ files, cursors, shared, unfolded: sharedArray(1), user, host }));
    try {
      for (;;) {
        const next = this.#arrived.shift();
        if (isStopped()) break;
        if (next !== undefined) {
          await take(next.batch);
          Atomics.sub(next.from.unfolded, 0, 1);
          Atomics.notify(next.from.unfolded, 0);
        } else if (this.#running === 0) break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      Atomics.store(shared, sharedNumbers.stopped, 1);
      for (const { unfolded } of threads) Atomics.notify(unfolded, 0);
      while (this.#running > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #start(start: ScannerStart): Thread {
    const { scannerPath, log } = this.#options;
    const worker = new Worker(scannerPath, {
      workerData: start,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    const thread: Thread = { worker, unfolded: start.unfolded };
    this.#running++;
    worker.on('message', (batch: ScannedBatch) => {
      this.#arrived.push({ batch, from: thread });
      this.#wake();
    });
    // The files that it has taken along are read again by whoever asks for what is missing.
    worker.on('error', (error) =>
      log('warn', 'a thread that reads transcripts has failed', { error: String(error) }),
    );
    worker.once('exit', () => {
      this.#running--;
      this.#wake();
    });
    return thread;
  }
}
