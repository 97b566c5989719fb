import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorCode } from '../model/errors';
import type { EngineHealth } from '../model/health';
import type { Log } from '../model/logRecord';
import { writePrivateFile } from '../ledger/leaseFile';
import type { MetricsServer, MetricsServerOptions } from './metricsServer';
import { metricsTokenPath } from './storage';

/** Pause before a port that was taken is tried again. */
const retryMs = 30_000;

export interface MetricsOptions extends Omit<MetricsServerOptions, 'port' | 'token'> {
  readonly storageFolder: string;
  readonly log: Log;
  readonly retryMs?: number;
}

/** Serves figures over HTTP while a setting names a port for it. Nothing of that is loaded while it does not. */
export class Metrics {
  readonly #options: MetricsOptions;
  #port = 0;
  #server: MetricsServer | null = null;
  #error: string | null = null;
  #retry: NodeJS.Timeout | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  /** null: off. */
  get health(): EngineHealth['metrics'] {
    return this.#port === 0 ? null : { port: this.#port, error: this.#error };
  }

  /** Serves on this port of 127.0.0.1; 0 ends it. */
  setPort(port: number): Promise<void> {
    if (port !== this.#port) {
      this.#port = port;
      this.#error = null;
      this.#change();
    }
    return this.#changing;
  }

  async close(): Promise<void> {
    await this.setPort(0);
  }

  #change(): void {
    clearTimeout(this.#retry);
    this.#changing = this.#changing.then(() => this.#serve());
  }

  async #serve(): Promise<void> {
    const { log, storageFolder } = this.#options;
    await this.#server?.close();
    this.#server = null;
    const port = this.#port;
    if (port === 0) return;
    try {
      const { MetricsServer } = await import('./metricsServer');
      this.#server = await MetricsServer.start({ ...this.#options, port, token: tokenIn(storageFolder) });
      this.#error = null;
      log('info', 'metrics are served', { port });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== this.#error)
        log('error', 'metrics cannot be served; it is tried again', { port, error: message });
      this.#error = message;
      this.#retry = setTimeout(() => this.#change(), this.#options.retryMs ?? retryMs);
      this.#retry.unref();
    }
  }
}

/** The token that programs have to show: made once, and the same for every leader. */
function tokenIn(storageFolder: string): string {
  const path = metricsTokenPath(storageFolder);
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token.length >= 32) return token;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const token = randomBytes(32).toString('base64url');
  writePrivateFile(path, `${token}\n`);
  return token;
}
