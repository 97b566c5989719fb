import { type ErrorMessage, fromErrorMessage, LedgerError, toErrorMessage } from '../model/errors';

/** Calls by name, each with what it takes and gives. */
export type CallMap<Calls> = { [Name in keyof Calls]: { params: unknown; result: unknown } };

/** A duplex pipe of whole messages: a worker's port, a socket with framing, a webview. */
export interface Port {
  /** Throws when this message cannot be sent; does nothing once the port is closed. */
  post(message: unknown): void;
  /** What the listener throws is the port's to handle: a message that nobody understands, or a broken listener. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when nothing more can come; `error` tells why if it was not meant to end. */
  onClose(listener: (error?: Error) => void): void;
  close(): void;
}

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorMessage }
  | { readonly kind: 'event'; readonly name: string; readonly data: unknown };

export type Handlers<Calls extends CallMap<Calls>> = {
  [Name in keyof Calls]: (
    params: Calls[Name]['params'],
  ) => Promise<Calls[Name]['result']> | Calls[Name]['result'];
};

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

export interface CallOptions {
  /** Rejects with reason `timeout` after this long; without it a call waits until it is answered or the port closes. */
  readonly timeoutMs?: number;
}

/**
 * One end of a typed conversation. Both ends may call, answer and tell; every call ends: with its result, with the
 * error the other side threw, with a time-out, or with `closed`.
 */
export class Endpoint<
  Remote extends CallMap<Remote>,
  RemoteEvents extends object,
  Local extends CallMap<Local> = object,
  LocalEvents extends object = object,
> {
  readonly #port: Port;
  readonly #handlers: Handlers<Local>;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  readonly #closeListeners = new Set<(error?: Error) => void>();
  #nextId = 1;
  #closed: Error | null = null;
  #cause: Error | undefined;

  constructor(port: Port, handlers: Handlers<Local>) {
    this.#port = port;
    this.#handlers = handlers;
    port.onMessage((message) => this.#receive(message));
    port.onClose((error) => this.#end(error));
  }

  call<Name extends keyof Remote & string>(
    name: Name,
    params: Remote[Name]['params'],
    options: CallOptions = {},
  ): Promise<Remote[Name]['result']> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const { timeoutMs } = options;
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#pending.delete(id);
              reject(new LedgerError('timeout', `${name} was not answered within ${timeoutMs} ms`));
            }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#post({ kind: 'call', id, name, params });
    });
  }

  /** Throws when the data cannot be sent; does nothing once the conversation is closed. */
  tell<Name extends keyof LocalEvents & string>(name: Name, data: LocalEvents[Name]): void {
    if (this.#closed === null) this.#post({ kind: 'event', name, data });
  }

  /** Returns a function that stops the listening. */
  on<Name extends keyof RemoteEvents & string>(
    name: Name,
    listener: (data: RemoteEvents[Name]) => void,
  ): () => void {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The listener hears of the end once, also when it has come already. */
  onClose(listener: (error?: Error) => void): void {
    if (this.#closed === null) this.#closeListeners.add(listener);
    else queueMicrotask(() => listener(this.#cause));
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  close(): void {
    this.#port.close();
    this.#end();
  }

  #post(message: Message): void {
    try {
      this.#port.post(message);
    } catch (error) {
      if (message.kind === 'call') this.#settle(message.id)?.reject(fromErrorMessage(toErrorMessage(error)));
      else throw error;
    }
  }

  #receive(raw: unknown): void {
    if (this.#closed !== null) return;
    if (!isMessage(raw)) throw new LedgerError('invalid', 'what came is not a message');
    switch (raw.kind) {
      case 'call':
        void this.#answer(raw.id, raw.name, raw.params);
        break;
      case 'reply':
        this.#settle(raw.id)?.resolve(raw.result);
        break;
      case 'failure':
        this.#settle(raw.id)?.reject(fromErrorMessage(raw.error));
        break;
      case 'event':
        // A copy: a listener may end its own listening or begin another's.
        runAll([...(this.#listeners.get(raw.name) ?? [])], (listener) => listener(raw.data as never));
        break;
    }
  }

  async #answer(id: number, name: string, params: unknown): Promise<void> {
    let answer: Message;
    try {
      if (!Object.hasOwn(this.#handlers, name))
        throw new LedgerError('invalid', `there is no call named ${name}`);
      const handler = this.#handlers[name as keyof Local];
      answer = { kind: 'reply', id, result: await handler(params) };
    } catch (error) {
      answer = { kind: 'failure', id, error: toErrorMessage(error) };
    }
    if (this.#closed !== null) return;
    try {
      this.#post(answer);
    } catch (error) {
      // The result cannot be sent (not clonable, too large): the caller is told so instead of waiting for ever.
      try {
        this.#post({ kind: 'failure', id, error: toErrorMessage(error) });
      } catch (failure) {
        this.#port.close();
        this.#end(failure instanceof Error ? failure : new Error(String(failure)));
      }
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }

  #end(error?: Error): void {
    if (this.#closed !== null) return;
    this.#cause = error;
    this.#closed = LedgerError.is(error)
      ? error
      : new LedgerError(
          error === undefined ? 'closed' : 'crashed',
          error?.message ?? 'the connection is closed',
        );
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#closed);
    runAll([...this.#closeListeners], (listener) => listener(error));
  }
}

/** A listener that throws keeps no other from hearing; what it threw goes to the caller afterwards. */
function runAll<Listener>(listeners: readonly Listener[], run: (listener: Listener) => void): void {
  const errors: unknown[] = [];
  for (const listener of listeners) {
    try {
      run(listener);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several listeners failed');
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, name, error } = value as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'call':
      return typeof id === 'number' && typeof name === 'string';
    case 'reply':
      return typeof id === 'number';
    case 'failure':
      return typeof id === 'number' && typeof error === 'object' && error !== null;
    case 'event':
      return typeof name === 'string';
    default:
      return false;
  }
}
