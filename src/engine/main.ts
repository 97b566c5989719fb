import { parentPort, workerData } from 'node:worker_threads';
import { Endpoint } from '../protocol/endpoint';
import type { EngineCalls, EngineEvents, EngineStart } from '../protocol/engineApi';
import { Engine } from './engine';
import { lowerThreadPriority } from './threadPriority';
import { workerPort } from './workerPort';

if (parentPort === null) throw new Error('the engine is meant to run as a worker thread');

lowerThreadPriority();
const port = parentPort;
const engine = new Engine(workerData as EngineStart, (name, data) => endpoint.tell(name, data));
const endpoint = new Endpoint<object, object, EngineCalls, EngineEvents>(workerPort(port), {
  ...engine.calls,
  shutdown: async () => {
    await engine.stop();
    // Nothing keeps the thread alive any more; the reply still goes out.
    setImmediate(() => port.close());
    return null;
  },
});
