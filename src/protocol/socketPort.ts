import type { Socket } from 'node:net';
import { LedgerError } from '../model/errors';
import type { Port } from './endpoint';

export interface SocketPortOptions {
  /** Largest message taken in or sent, in bytes of JSON; may be raised once the other side is trusted. */
  readonly maxFrameBytes: number;
  /** A message is not sent while more than this waits unread by the other side: the connection is dropped instead. */
  readonly maxUnsentBytes?: number;
}

const headerBytes = 4;
const lingerMs = 1_000;

/**
 * Whole messages over a socket: each is its length (4 bytes, big-endian) and that many bytes of JSON.
 * A frame that is too long or no JSON ends this connection, and so does a listener that throws; memory stays within
 * one frame in each direction plus `maxUnsentBytes`.
 */
export class SocketPort implements Port {
  readonly #socket: Socket;
  readonly #maxUnsentBytes: number;
  #maxFrameBytes: number;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  #expectedBytes = -1;
  #paused = false;
  #delivering = false;
  #closed = false;
  #failure: Error | undefined;
  #onMessage: (message: unknown) => void = () => undefined;
  readonly #closeListeners: ((error?: Error) => void)[] = [];

  constructor(socket: Socket, options: SocketPortOptions) {
    this.#socket = socket;
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#maxUnsentBytes = options.maxUnsentBytes ?? 8 * 1024 * 1024;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => (this.#failure ??= error));
    socket.on('close', () => this.#end());
  }

  /** Throws `invalid` for what is no JSON or too long. A reader that is too slow loses the connection. */
  post(message: unknown): void {
    if (this.#closed) return;
    const body = Buffer.from(JSON.stringify(message), 'utf8');
    if (body.length > this.#maxFrameBytes)
      throw new LedgerError('invalid', `a message of ${body.length} bytes is too long to send`);
    if (this.#socket.writableLength > this.#maxUnsentBytes) {
      this.fail(new LedgerError('unavailable', 'the other side does not read what it is sent'));
      return;
    }
    const header = Buffer.allocUnsafe(headerBytes);
    header.writeUInt32BE(body.length);
    this.#socket.cork();
    this.#socket.write(header);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  /** One listener: a later one takes the place of the earlier, from the next message on. */
  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onClose(listener: (error?: Error) => void): void {
    this.#closeListeners.push(listener);
  }

  raiseFrameLimit(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Delivers nothing until `resume`; what comes meanwhile waits, most of it on the other side. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deliver();
    this.#socket.resume();
  }

  /** Sends what is still to be sent, then ends; nothing more is delivered. */
  close(): void {
    if (this.#closed) return;
    this.#socket.end(() => this.#socket.destroy());
    // A side that never reads must not keep the socket open.
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs).unref();
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.resume();
    this.#end();
  }

  /** Ends the connection at once, for a reason that the close listeners get. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#end();
  }

  #take(chunk: Buffer): void {
    if (this.#closed) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    this.#deliver();
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (!this.#closed && !this.#paused) {
        const frame = this.#nextFrame();
        if (frame === null) break;
        this.#onMessage(JSON.parse(frame.toString('utf8')));
      }
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.fail(LedgerError.is(cause) ? cause : new LedgerError('invalid', cause.message, { cause }));
    } finally {
      this.#delivering = false;
    }
  }

  #nextFrame(): Buffer | null {
    if (this.#expectedBytes < 0) {
      const header = this.#read(headerBytes);
      if (header === null) return null;
      const length = header.readUInt32BE();
      if (length > this.#maxFrameBytes)
        throw new LedgerError('invalid', `a message of ${length} bytes is too long`);
      this.#expectedBytes = length;
    }
    const body = this.#read(this.#expectedBytes);
    if (body !== null) this.#expectedBytes = -1;
    return body;
  }

  /** Joins chunks only when all that is wanted is there, so that a long message is copied once. */
  #read(bytes: number): Buffer | null {
    if (this.#bufferedBytes < bytes) return null;
    const first = this.#chunks[0];
    const all = first !== undefined && first.length >= bytes ? first : Buffer.concat(this.#chunks);
    if (all !== first) this.#chunks = [all];
    const rest = all.subarray(bytes);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#bufferedBytes -= bytes;
    return all.subarray(0, bytes);
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks = [];
    this.#bufferedBytes = 0;
    for (const listener of this.#closeListeners) listener(this.#failure);
  }
}
