import { Worker } from 'node:worker_threads';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import { Endpoint, type Port } from '../protocol/endpoint';
import type { EngineCalls, EngineEvents, EngineSettings, EngineStart } from '../protocol/engineApi';
import type { EngineStatus } from '../protocol/panelApi';
import { Emitter } from './emitter';

/**
 * Calls that may be made again after a crash: folding and reading twice change nothing. A stream is bound to the
 * engine that opened it, so its calls fail with the engine.
 */
const replayable: ReadonlySet<string> = new Set<keyof EngineCalls>([
  'snapshot',
  'refresh',
  'flush',
  'breakdown',
  'configure',
  'rebuild',
  'rateCards',
]);

/** What a scan makes dies young: more room for it makes the process larger, and nothing faster. */
const youngGenerationMb = 12;

type EngineEndpoint = Endpoint<EngineCalls, EngineEvents>;

interface Waiting {
  readonly name: keyof EngineCalls;
  readonly params: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
  /** The engine that has been asked; null until one is there. */
  asked: EngineEndpoint | null;
}

export interface EngineClientOptions {
  readonly workerPath: string;
  /** Asked when the engine is first started: it may take a while to find out. */
  readonly start: () => EngineStart;
  readonly log: Log;
  /** This many crashes within `crashWindowMs` and the engine stays down until `retry`. */
  readonly maxCrashes?: number;
  readonly crashWindowMs?: number;
  /** Pause before the first restart; doubles with every crash within the window. */
  readonly restartDelayMs?: number;
  /** An engine that does not end by itself within this time of `shutdown` is ended. */
  readonly shutdownTimeoutMs?: number;
}

const eventNames = [
  'snapshot',
  'progress',
  'importProgress',
  'rateCards',
  'repriced',
  'log',
  'unavailable',
] as const satisfies (keyof EngineEvents)[];

/** The host's side of the engine thread: starts it when first needed, and again when it has crashed. */
export class EngineClient {
  readonly #options: Required<EngineClientOptions>;
  readonly #waiting = new Set<Waiting>();
  readonly #events = new Map<string, Emitter<unknown>>();
  readonly #statusChanges = new Emitter<EngineStatus>();
  /** null: it was not needed yet. */
  #start: EngineStart | null = null;
  #endpoint: EngineEndpoint | null = null;
  #exited: Promise<void> = Promise.resolve();
  #status: EngineStatus = { kind: 'idle', reason: null };
  #crashes: number[] = [];
  #restart: NodeJS.Timeout | undefined;
  #shutdown: Promise<void> | null = null;

  constructor(options: EngineClientOptions) {
    this.#options = {
      maxCrashes: 3,
      crashWindowMs: 300_000,
      restartDelayMs: 250,
      shutdownTimeoutMs: 4_000,
      ...options,
    };
  }

  get status(): EngineStatus {
    return this.#status;
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    return this.#statusChanges.on(listener);
  }

  /** Events of whichever engine runs; a restart loses no listener. */
  on<Name extends keyof EngineEvents>(name: Name, listener: (data: EngineEvents[Name]) => void): () => void {
    let emitter = this.#events.get(name);
    if (emitter === undefined) this.#events.set(name, (emitter = new Emitter()));
    return emitter.on(listener as (data: unknown) => void);
  }

  /** Starts the engine unless it runs, is about to, or has been given up. */
  start(): void {
    if (this.#shutdown === null && this.#status.kind === 'idle') this.#launch();
  }

  /** Forgets the crashes and starts again; without effect while the engine runs. */
  retry(): void {
    if (this.#shutdown !== null || this.#status.kind !== 'failing') return;
    this.#crashes = [];
    this.#launch();
  }

  /**
   * Asks the engine, starting it if need be. Rejects with what the engine threw, or with reason `timeout`, `closed`
   * (after `shutdown`) or `crashed` (given up, or a call that must not be repeated).
   */
  call<Name extends keyof EngineCalls>(
    name: Name,
    params: EngineCalls[Name]['params'],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<EngineCalls[Name]['result']> {
    if (this.#shutdown !== null) return Promise.reject(closed());
    if (this.#status.kind === 'failing') return Promise.reject(this.#givenUp());
    return new Promise<unknown>((resolve, reject) => {
      const { timeoutMs } = options;
      const waiting: Waiting = {
        name,
        params,
        resolve,
        reject,
        asked: null,
        timer:
          timeoutMs === undefined
            ? undefined
            : setTimeout(() => {
                this.#settle(waiting);
                reject(
                  new LedgerError('timeout', `the engine did not answer ${name} within ${timeoutMs} ms`),
                );
              }, timeoutMs),
      };
      this.#waiting.add(waiting);
      if (this.#endpoint === null) this.start();
      else this.#ask(waiting, this.#endpoint);
    }) as Promise<EngineCalls[Name]['result']>;
  }

  /** Kept for the next start, and told to the engine if one runs. */
  async configure(settings: EngineSettings): Promise<void> {
    this.#start = { ...(this.#start ?? this.#options.start()), settings };
    if (this.#endpoint !== null) await this.call('configure', settings);
  }

  /** Lets the engine checkpoint and end, or ends it when it takes too long. One shutdown, however often called. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop();
    return this.#shutdown;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart);
    const endpoint = this.#endpoint;
    if (endpoint !== null) {
      const deadline = Date.now() + this.#options.shutdownTimeoutMs;
      try {
        await endpoint.call('shutdown', null, { timeoutMs: this.#options.shutdownTimeoutMs });
        await Promise.race([this.#exited, unrefDelay(Math.max(50, Math.min(500, deadline - Date.now())))]);
      } catch (error) {
        this.#options.log('warn', 'The engine did not shut down in an orderly way', {
          error: String(error),
        });
      }
      endpoint.close();
      await this.#exited;
    }
    this.#endpoint = null;
    this.#rejectAll(closed());
    this.#setStatus({ kind: 'stopped', reason: null });
  }

  #launch(): void {
    this.#setStatus({ kind: 'starting', reason: null });
    let worker: Worker;
    try {
      this.#start ??= this.#options.start();
      worker = new Worker(this.#options.workerPath, {
        workerData: this.#start,
        execArgv: [],
        resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
      });
    } catch (error) {
      this.#crashed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    const endpoint: EngineEndpoint = new Endpoint(portOf(worker), {});
    this.#endpoint = endpoint;
    worker.once('message', () => {
      if (this.#endpoint === endpoint && this.#status.kind === 'starting')
        this.#setStatus({ kind: 'running', reason: null });
    });
    for (const name of eventNames) endpoint.on(name, (data) => this.#events.get(name)?.fire(data));
    endpoint.onClose((error) => {
      if (this.#endpoint !== endpoint) return;
      this.#endpoint = null;
      if (this.#shutdown === null) this.#crashed(error ?? new Error('the engine ended by itself'));
    });
    for (const waiting of this.#waiting) this.#ask(waiting, endpoint);
  }

  #ask(waiting: Waiting, endpoint: EngineEndpoint): void {
    waiting.asked = endpoint;
    // The types of name and params were tied together by `call`.
    const answer = endpoint.call(waiting.name, waiting.params as never);
    answer.then(
      (result) => {
        this.#settle(waiting);
        waiting.resolve(result);
      },
      (error: unknown) => {
        if (waiting.asked !== endpoint) return;
        const again =
          endpoint.closed &&
          replayable.has(waiting.name) &&
          this.#shutdown === null &&
          this.#status.kind !== 'failing';
        if (again) return;
        this.#settle(waiting);
        waiting.reject(endpoint.closed && this.#shutdown !== null ? closed() : error);
      },
    );
  }

  #settle(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    clearTimeout(waiting.timer);
  }

  #crashed(error: Error): void {
    const { crashWindowMs, maxCrashes, restartDelayMs, log } = this.#options;
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((epochMs) => epochMs > now - crashWindowMs), now];
    const count = this.#crashes.length;
    log('error', `The engine crashed: ${error.message}`, {
      crashes: count,
      stack: error.stack ?? null,
    });
    if (count >= maxCrashes) {
      this.#setStatus({ kind: 'failing', reason: error.message });
      this.#rejectAll(this.#givenUp());
      return;
    }
    this.#setStatus({ kind: 'restarting', reason: error.message });
    this.#restart = setTimeout(() => this.#launch(), restartDelayMs * 2 ** (count - 1));
  }

  #rejectAll(error: LedgerError): void {
    for (const waiting of [...this.#waiting]) {
      this.#settle(waiting);
      waiting.reject(error);
    }
  }

  #givenUp(): LedgerError {
    return new LedgerError(
      'crashed',
      `the engine keeps crashing: ${this.#status.reason ?? 'no reason given'}`,
    );
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.#statusChanges.fire(status);
  }
}

function closed(): LedgerError {
  return new LedgerError('closed', 'the engine has been shut down');
}

function portOf(worker: Worker): Port {
  let failure: Error | undefined;
  worker.on('error', (error) => (failure = error));
  worker.on('messageerror', (error) => (failure = error));
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onClose: (listener) =>
      void worker.once('exit', (code) => listener(failure ?? new Error(`exit code ${code}`))),
    close: () => void worker.terminate(),
  };
}

function unrefDelay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
