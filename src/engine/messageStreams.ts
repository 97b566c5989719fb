import { LedgerError } from '../model/errors';
import type { MessageRow } from '../model/query';

/** Streams open at one time; a client that forgets to close its own costs the oldest one. */
const maxStreams = 16;

/** Messages that are being read in chunks across a thread or a socket: the reader asks for each next chunk. */
export class MessageStreams {
  readonly #open = new Map<number, AsyncIterator<readonly MessageRow[]>>();
  #nextId = 1;

  get count(): number {
    return this.#open.size;
  }

  async open(rows: AsyncIterable<readonly MessageRow[]>): Promise<number> {
    const oldest = this.#open.keys().next();
    if (this.#open.size >= maxStreams && oldest.done !== true) await this.close(oldest.value);
    const id = this.#nextId++;
    this.#open.set(id, rows[Symbol.asyncIterator]());
    return id;
  }

  /** The next chunk; an empty one when there are no more. @throws LedgerError `not-found` for a stream that is closed. */
  async next(id: number): Promise<readonly MessageRow[]> {
    const stream = this.#open.get(id);
    if (stream === undefined) throw new LedgerError('not-found', `there is no open stream ${id}`);
    const step = await stream.next();
    if (step.done !== true) return step.value;
    this.#open.delete(id);
    return [];
  }

  async close(id: number): Promise<void> {
    const stream = this.#open.get(id);
    this.#open.delete(id);
    await stream?.return?.();
  }

  async closeAll(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.close(id);
  }
}
