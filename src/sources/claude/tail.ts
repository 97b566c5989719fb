import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { errorCode, LedgerError, reasonOfSystemError } from '../../model/errors';
import type { EpochMs } from '../../model/time';
import type { CostState, UsageRecord } from '../../model/usageRecord';
import type { BadLine } from './badLine';
import type { TranscriptFile } from './locate';
import { parseTranscript } from './parse';
import { initialParseState } from './parseState';
import type { ParseState } from './parseState';

/** Bytes of the file by which it is known again, as a hash: a transcript's text is not kept. */
export interface Fingerprint {
  readonly bytes: number;
  readonly sha1: string;
}

/** Where the reading of a file was left: plain JSON, kept in the ledger's catalogue. */
export interface FileCursor {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  /** Size and time of the file when it was read. */
  readonly size: number;
  readonly mtimeMs: EpochMs;
  readonly state: ParseState;
  /** Bad lines in all that was read of the file; a torn last line comes on top. */
  readonly badLines: number;
  readonly torn: boolean;
  /** The file's first bytes, and the last ones before `state.offset`. */
  readonly head: Fingerprint;
  readonly tail: Fingerprint;
}

export interface ReadOptions {
  readonly user: string;
  readonly host: string;
  /** How much is read at a time; grows only for a line that is longer. Default 1 MB. */
  readonly chunkBytes?: number;
  /** A longer line is skipped, and counted as bad. Default 64 MB. */
  readonly maxLineBytes?: number;
  /** Memory to read into, for whoever reads many files one after the other. */
  readonly buffer?: Buffer;
}

export interface ReadStats {
  /**
   * `continued` from the cursor; `first` time; read again from the start because the file had become shorter
   * (`truncated`) or another one (`replaced`); or `vanished` before it could be opened.
   */
  readonly outcome: 'first' | 'continued' | 'truncated' | 'replaced' | 'vanished';
  readonly bytes: number;
  readonly lines: number;
  readonly records: number;
  /** Bad lines of this reading, and the first few of them. */
  readonly badLines: number;
  readonly bad: readonly BadLine[];
}

export interface ReadResult {
  /** null: the file is gone. */
  readonly cursor: FileCursor | null;
  readonly stats: ReadStats;
}

/** Takes over what was read; the next piece is read when its promise resolves. */
export type OnBatch = (
  records: readonly UsageRecord[],
  costStates: readonly CostState[],
) => void | Promise<void>;

const defaultChunkBytes = 1 << 20;
const defaultMaxLineBytes = 64 << 20;
const headBytes = 1024;
const tailBytes = 256;
const listedBadLines = 20;
const newline = 0x0a;

/** The file need not be opened: nothing was written to it since it was read. */
export function isUnchanged(
  file: Pick<TranscriptFile, 'size' | 'mtimeMs' | 'ino'>,
  cursor: FileCursor,
): boolean {
  return file.size === cursor.size && file.mtimeMs === cursor.mtimeMs && file.ino === cursor.ino;
}

/**
 * Reads what was added to a transcript since `cursor` (all of it if null), up to the size that it has on opening.
 * A file that is another one than the cursor describes is read from its start; the keys of its records make that
 * harmless. The cursor that is returned must not be kept before the records are. Throws `LedgerError`.
 */
export async function readTranscript(
  file: Pick<TranscriptFile, 'path' | 'root'>,
  cursor: FileCursor | null,
  onBatch: OnBatch,
  options: ReadOptions,
): Promise<ReadResult> {
  let handle: FileHandle;
  try {
    handle = await open(file.path, 'r');
  } catch (error) {
    return notOpened(file.path, error);
  }
  try {
    const stats = await handle.stat().catch((error: unknown) => cannotRead(file.path, error));
    const reading = new TranscriptReader(file, stats, options).read(cursor);
    let step = reading.next();
    while (step.done !== true) {
      let bytesRead = 0;
      if ('records' in step.value) await onBatch(step.value.records, step.value.costStates);
      else {
        const { buffer, offset, length, position } = step.value;
        const read = handle.read(buffer, offset, length, position);
        ({ bytesRead } = await read.catch((error: unknown) => cannotRead(file.path, error)));
      }
      step = reading.next(bytesRead);
    }
    return step.value;
  } finally {
    await handle.close();
  }
}

/** The same for a thread that has nothing else to do: without a promise for each read, which for a small file is most. */
export function readTranscriptSync(
  file: Pick<TranscriptFile, 'path' | 'root'>,
  cursor: FileCursor | null,
  onBatch: (records: readonly UsageRecord[], costStates: readonly CostState[]) => void,
  options: ReadOptions,
): ReadResult {
  let descriptor: number;
  try {
    descriptor = openSync(file.path, 'r');
  } catch (error) {
    return notOpened(file.path, error);
  }
  try {
    const reading = new TranscriptReader(
      file,
      attempt(file.path, () => fstatSync(descriptor)),
      options,
    ).read(cursor);
    let step = reading.next();
    while (step.done !== true) {
      let bytesRead = 0;
      if ('records' in step.value) onBatch(step.value.records, step.value.costStates);
      else {
        const { buffer, offset, length, position } = step.value;
        bytesRead = attempt(file.path, () => readSync(descriptor, buffer, offset, length, position));
      }
      step = reading.next(bytesRead);
    }
    return step.value;
  } finally {
    closeSync(descriptor);
  }
}

function notOpened(path: string, error: unknown): ReadResult {
  if (errorCode(error) === 'ENOENT') return { cursor: null, stats: nothingRead('vanished') };
  return cannotRead(path, error);
}

/** What a reader wants done before it goes on: bytes of the file, of which it is told the number, or a batch taken over. */
type ReaderStep =
  | { readonly buffer: Buffer; readonly offset: number; readonly length: number; readonly position: number }
  | { readonly records: readonly UsageRecord[]; readonly costStates: readonly CostState[] };

type ReaderSteps<Result> = Generator<ReaderStep, Result, number>;

class TranscriptReader {
  readonly #file: Pick<TranscriptFile, 'path' | 'root'>;
  readonly #stats: Stats;
  readonly #options: ReadOptions;
  #state: ParseState = initialParseState;
  #head: Fingerprint = fingerprint(Buffer.alloc(0));
  #tail: Fingerprint = this.#head;
  #torn = false;
  #bytes = 0;
  #lines = 0;
  #records = 0;
  #badLines = 0;
  readonly #bad: BadLine[] = [];

  constructor(file: Pick<TranscriptFile, 'path' | 'root'>, stats: Stats, options: ReadOptions) {
    this.#file = file;
    this.#stats = stats;
    this.#options = options;
  }

  *read(cursor: FileCursor | null): ReaderSteps<ReadResult> {
    const { size, mtimeMs, dev, ino } = this.#stats;
    const outcome = yield* this.#compare(cursor, size);
    const badBefore = outcome === 'continued' ? (cursor?.badLines ?? 0) : 0;
    if (outcome === 'continued' && cursor !== null) {
      this.#state = cursor.state;
      this.#head = cursor.head;
      this.#tail = cursor.tail;
    }
    const end = yield* this.#readLines(size);
    if (this.#head.bytes < headBytes && this.#head.bytes < this.#state.offset) {
      this.#head = fingerprint(yield* this.#bytesAt(0, Math.min(headBytes, this.#state.offset)));
    }
    return {
      cursor: {
        path: this.#file.path,
        dev,
        ino,
        // Where it became shorter while it was read, the next look finds it changed.
        size: end,
        mtimeMs,
        state: this.#state,
        badLines: badBefore + this.#badLines,
        torn: this.#torn,
        head: this.#head,
        tail: this.#tail,
      },
      stats: {
        outcome,
        bytes: this.#bytes,
        lines: this.#lines,
        records: this.#records,
        badLines: this.#badLines,
        bad: this.#bad,
      },
    };
  }

  /**
   * A file may be rewritten in place, or replaced by a copy with more lines: the bytes tell, the inode does not. Most
   * editors, and Claude Code when it rewrites a session, keep the head; so the bytes before the offset count as well.
   */
  *#compare(
    cursor: FileCursor | null,
    size: number,
  ): ReaderSteps<'first' | 'continued' | 'truncated' | 'replaced'> {
    if (cursor === null) return 'first';
    const { head, tail, state } = cursor;
    if (size < state.offset) return 'truncated';
    const isSame = (yield* this.#matches(head, 0)) && (yield* this.#matches(tail, state.offset - tail.bytes));
    return isSame ? 'continued' : 'replaced';
  }

  *#matches(known: Fingerprint, position: number): ReaderSteps<boolean> {
    if (known.bytes === 0) return true;
    return fingerprint(yield* this.#bytesAt(position, known.bytes)).sha1 === known.sha1;
  }

  *#bytesAt(position: number, length: number): ReaderSteps<Buffer> {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, yield { buffer, offset: 0, length, position });
  }

  /** Returns where the file ends: at `size`, or earlier if it has become shorter meanwhile. */
  *#readLines(size: number): ReaderSteps<number> {
    const chunkBytes = this.#options.chunkBytes ?? defaultChunkBytes;
    const maxLineBytes = this.#options.maxLineBytes ?? defaultMaxLineBytes;
    let buffer =
      this.#options.buffer ??
      Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, size - this.#state.offset)));
    // `buffer` holds `filled` bytes of the file, from the state's offset on.
    let filled = 0;
    let end = size;
    for (;;) {
      const position = this.#state.offset + filled;
      const wanted = Math.min(buffer.length - filled, end - position);
      const bytesRead = wanted > 0 ? yield { buffer, offset: filled, length: wanted, position } : 0;
      if (bytesRead === 0 && wanted > 0) end = position;
      filled += bytesRead;
      this.#bytes += bytesRead;
      const endOfFile = this.#state.offset + filled >= end;
      const consumed = yield* this.#parse(buffer.subarray(0, filled), endOfFile);
      if (endOfFile) return end;
      if (consumed === 0 && filled === buffer.length) {
        if (filled >= maxLineBytes) {
          const next = yield* this.#skipLine(buffer, end);
          if (next === null) return end;
          filled = 0;
        } else {
          const larger = Buffer.allocUnsafe(Math.min(filled * 2, maxLineBytes));
          buffer.copy(larger, 0, 0, filled);
          buffer = larger;
        }
      } else {
        buffer.copyWithin(0, consumed, filled);
        filled -= consumed;
      }
    }
  }

  *#parse(bytes: Buffer, endOfFile: boolean): ReaderSteps<number> {
    const { user, host } = this.#options;
    const { path, root } = this.#file;
    const result = parseTranscript(bytes, this.#state, { path, root, user, host, endOfFile });
    if (this.#state.offset === 0)
      this.#head = fingerprint(bytes.subarray(0, Math.min(headBytes, result.consumed)));
    if (result.consumed > 0) {
      this.#tail = fingerprint(bytes.subarray(Math.max(0, result.consumed - tailBytes), result.consumed));
    }
    this.#state = result.state;
    this.#torn = result.torn;
    this.#lines += result.lines;
    this.#records += result.records.length;
    this.#badLines += result.badLines;
    this.#bad.push(...result.bad.slice(0, listedBadLines - this.#bad.length));
    const { records, costStates } = result;
    if (records.length > 0 || costStates.length > 0) yield { records, costStates };
    return result.consumed;
  }

  /**
   * Moves the state past a line that is too long to hold. Null (and nothing moves) if the line has no end yet: then
   * it is torn.
   */
  *#skipLine(buffer: Buffer, end: number): ReaderSteps<number | null> {
    const start = this.#state.offset;
    let position = start + buffer.length;
    while (position < end) {
      const wanted = Math.min(buffer.length, end - position);
      const bytesRead = yield { buffer, offset: 0, length: wanted, position };
      if (bytesRead === 0) break;
      this.#bytes += bytesRead;
      const found = buffer.subarray(0, bytesRead).indexOf(newline);
      if (found < 0) {
        position += bytesRead;
        continue;
      }
      this.#state = { ...this.#state, offset: position + found + 1 };
      this.#tail = fingerprint(buffer.subarray(Math.max(0, found + 1 - tailBytes), found + 1));
      this.#lines++;
      this.#badLines++;
      if (this.#bad.length < listedBadLines) this.#bad.push({ offset: start, reason: 'line-too-long' });
      return this.#state.offset;
    }
    this.#torn = true;
    return null;
  }
}

function fingerprint(bytes: Uint8Array): Fingerprint {
  return { bytes: bytes.length, sha1: hash('sha1', bytes) };
}

function nothingRead(outcome: ReadStats['outcome']): ReadStats {
  return { outcome, bytes: 0, lines: 0, records: 0, badLines: 0, bad: [] };
}

/** Only the file's own failures are wrapped: what a taker of batches throws passes through. */
function attempt<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    return cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new LedgerError(reasonOfSystemError(error), `cannot read ${path}: ${message}`, { cause: error });
}
