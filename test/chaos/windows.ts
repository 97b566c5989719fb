import { type ChildProcess, fork } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { fromErrorMessage, LedgerError } from '../../src/model/errors';
import type { Commands, FromWindow, ToWindow, WindowOrder } from './window';

const windowPath = resolvePath('out', 'test', 'chaos', 'window.js');

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export type Shown = Extract<FromWindow, { kind: 'shows' }>;

/** The parent's side of one window process. */
export class WindowProcess {
  readonly name: string;
  readonly ended: Promise<void>;
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  /** Each snapshot that this window has been told of. */
  readonly shown: Shown[] = [];
  /** The moments at which it began to lead, epoch milliseconds. */
  readonly led: number[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #shownListeners = new Set<() => void>();
  #nextId = 1;
  over = false;

  /** @param onLease told when it has the lease (it is about to lead) and when it leads. */
  constructor(
    name: string,
    order: WindowOrder,
    onLease: (what: 'hasLease' | 'leads', epochMs: number) => void = () => undefined,
  ) {
    this.name = name;
    this.child = fork(windowPath, [JSON.stringify(order)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let isReady!: () => void;
    this.ready = new Promise((resolve) => (isReady = resolve));
    this.ended = new Promise((resolve) => {
      this.child.once('exit', () => {
        this.over = true;
        const error = new LedgerError('crashed', `window ${name} has ended`);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      });
    });
    this.child.on('message', (message: FromWindow) => {
      switch (message.kind) {
        case 'ready':
          isReady();
          break;
        case 'hasLease':
          onLease('hasLease', message.epochMs);
          break;
        case 'leads':
          this.led.push(message.epochMs);
          onLease('leads', message.epochMs);
          break;
        case 'shows':
          this.shown.push(message);
          for (const listener of [...this.#shownListeners]) listener();
          break;
        case 'reply':
          this.#settle(message.id)?.resolve(message.result);
          break;
        case 'failure':
          this.#settle(message.id)?.reject(fromErrorMessage(message.error));
          break;
      }
    });
  }

  /** Rejects with `crashed` when the process ends first. */
  ask<Name extends keyof Commands>(
    command: Name,
    params: Commands[Name]['params'],
  ): Promise<Commands[Name]['result']> {
    if (this.over) return Promise.reject(new LedgerError('crashed', `window ${this.name} has ended`));
    const id = this.#nextId++;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.child.send({ id, command, params } satisfies ToWindow, (error) => {
        if (error !== null) this.#settle(id)?.reject(new LedgerError('crashed', error.message));
      });
    }) as Promise<Commands[Name]['result']>;
  }

  /** The first snapshot, told already or yet to come, that passes the test; the last told one must pass it too. */
  async until(what: string, test: (shown: Shown) => boolean, timeoutMs = 30_000): Promise<Shown> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const last = this.shown.at(-1);
      if (last !== undefined && test(last)) return this.shown.find(test)!;
      const left = end - Date.now();
      if (left <= 0)
        throw new Error(`window ${this.name} never showed ${what}; last: ${JSON.stringify(last)}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.#shownListeners.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.#shownListeners.add(done);
      });
    }
  }

  kill(): Promise<void> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  suspend(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.ask('close', null);
    await this.ended;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** Opens a window and starts its engine. */
export async function openWindow(name: string, order: WindowOrder): Promise<WindowProcess> {
  const opened = new WindowProcess(name, order);
  await Promise.race([opened.ready, opened.ended]);
  await opened.ask('start', null);
  return opened;
}
