import { parentPort, workerData } from 'node:worker_threads';
import type { ScannerStart } from './scanBatch';
import { Scanner } from './scanner';
import { lowerThreadPriority } from './threadPriority';

if (parentPort === null) throw new Error('a scanner is meant to run as a worker thread');

lowerThreadPriority();
const port = parentPort;
new Scanner(workerData as ScannerStart, (batch, transfer) => port.postMessage(batch, transfer)).run();
