import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel } from 'node:worker_threads';

const askedOn = 'usage-ledger-memory-asked';
const answeredOn = 'usage-ledger-memory-answered';

/** What a thread holds on to, in bytes, after its garbage has been collected. */
export interface MemoryInUse {
  readonly heap: number;
  /** Outside of the heap, without SQLite's memory. */
  readonly buffers: number;
  /** What SQLite has taken, for the databases that are open. */
  readonly sqlite: number;
}

/** Made once: a context each time would be what is measured. */
let collect: (() => void) | undefined;

export function memoryInUse(sqlite = 0): MemoryInUse {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, buffers: external - sqlite, sqlite };
}

/** Has this thread answer `memoryInUseOfThread`. Does not keep the thread alive. */
export function answerMeasurements(sqliteBytes: () => number): void {
  const asked = new BroadcastChannel(askedOn);
  const answered = new BroadcastChannel(answeredOn);
  asked.onmessage = () => answered.postMessage(memoryInUse(sqliteBytes()));
  asked.unref();
  answered.unref();
}

/** Of the one thread that called `answerMeasurements`. */
export function memoryInUseOfThread(): Promise<MemoryInUse> {
  const asked = new BroadcastChannel(askedOn);
  const answered = new BroadcastChannel(answeredOn);
  return new Promise<MemoryInUse>((resolve) => {
    answered.onmessage = ({ data }) => resolve(data as MemoryInUse);
    asked.postMessage(null);
  }).finally(() => {
    asked.close();
    answered.close();
  });
}
