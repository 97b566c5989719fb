import type { Attention } from '../model/attention';
import type { Log } from '../model/logRecord';
import type { EngineClient } from './engineClient';

/** Tells the engine who looks, whenever that changes, and again to an engine that has been started anew. */
export class AttentionTeller {
  readonly #client: EngineClient;
  readonly #now: () => Attention;
  readonly #log: Log;
  #told = '';

  constructor(client: EngineClient, now: () => Attention, log: Log) {
    this.#client = client;
    this.#now = now;
    this.#log = log;
    client.onStatus(({ kind }) => {
      if (kind === 'running') this.#tell();
      else this.#told = '';
    });
  }

  changed(): void {
    if (this.#client.status.kind === 'running') this.#tell();
  }

  #tell(): void {
    const attention = this.#now();
    const text = JSON.stringify(attention);
    if (text === this.#told) return;
    this.#told = text;
    this.#client.call('attention', attention).catch((error: unknown) => {
      this.#told = '';
      this.#log('debug', 'The engine was not told who looks', { error: String(error) });
    });
  }
}
