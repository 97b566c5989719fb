import type { MessagePort } from 'node:worker_threads';
import type { Port } from '../protocol/endpoint';

/** A worker's own end of its channel to the thread that started it. */
export function workerPort(port: MessagePort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', () => listener()),
    close: () => port.close(),
  };
}
