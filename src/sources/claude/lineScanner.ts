import * as entry from './lineScan/entry';
import { program } from './lineScan/main.wasm';
import type { EpochMs } from '../../model/time';
import type { Billed } from './usageLine';

/** What a line is, going by its first members: lineScan/kind.ts. */
export const lineKinds = { unsure: 0, other: 1, costState: 2, answer: 3 } as const;
export type LineKind = (typeof lineKinds)[keyof typeof lineKinds];

/** What there is to know of a line. */
export type ScannedLine =
  | {
      readonly what: 'handed-over';
      readonly kind: LineKind;
      /** The name of a count of usage is in it; looked for only in lines of kind `other`. */
      readonly marked: boolean;
    }
  /** Read, and without a billed response. */
  | { readonly what: 'timed'; readonly epochMs: EpochMs | null; readonly cwd: string | null }
  | { readonly what: 'billed'; readonly billed: Billed };

interface LineScan {
  readonly memory: WebAssembly.Memory;
  /** Makes room for so many bytes and returns where it is; 0 if memory is out. */
  readonly reserve: (bytes: number) => number;
  readonly entries: () => number;
  readonly nextLine: () => number;
  readonly quiet: () => number;
  readonly scanLines: (from: number, to: number, most: number, asksAll: boolean) => number;
  readonly scanLine: (from: number, to: number) => number;
  readonly time: () => number;
  readonly folder: () => number;
  readonly folderBytes: () => number;
}

/** More than that is given back when it is not needed any more. */
const keptBytes = 4 << 20;

let module: WebAssembly.Module | null = null;

/**
 * Scans a transcript's lines with a program in WebAssembly (lineScan/), many times as fast as JavaScript could from its
 * first line on. One scanner serves one thread; it keeps the names that it has met last, and no other text.
 */
export class LineScanner {
  #scan!: LineScan;
  #numbers = new Float64Array();
  #words = new Int32Array();
  #bytes = Buffer.alloc(0);
  /** Where in memory the bytes are that are scanned. */
  #base = 0;
  /** Texts by the place where they are told. */
  #texts: (string | null)[] = [];
  /** One object for all answers: there are many. */
  readonly #billed: Billed = {
    id: null,
    requestId: null,
    model: '',
    fast: false,
    usOnly: false,
    epochMs: 0,
    session: null,
    cwd: null,
    branch: null,
    sidechain: false,
    reportedDollars: null,
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    webSearches: 0,
    line: null,
    characters: 0,
    hasContent: false,
    stopped: false,
  };

  constructor() {
    this.#begin();
  }

  /** Memory to read into: what is in it need not be copied to be scanned. It is good until more is asked for. */
  memory(bytes: number): Buffer {
    return this.#room(bytes).subarray(0, bytes);
  }

  /** Takes bytes to be scanned, and returns them where they are then. */
  take(bytes: Uint8Array): Buffer {
    const { memory } = this.#scan;
    if (bytes.buffer === memory.buffer) this.#base = bytes.byteOffset;
    else {
      if (memory.buffer.byteLength > keptBytes && bytes.length < keptBytes / 2) this.#begin();
      const room = this.#room(bytes.length);
      room.set(bytes);
      this.#base = room.byteOffset;
    }
    this.#look();
    return this.#bytes.subarray(this.#base, this.#base + bytes.length);
  }

  /**
   * Scans the lines of the bytes taken from `from` on, up to the last line end before `to`; returns how many of them
   * there is something to know of, at most `most`. With `asksAll`, all others are handed over as well.
   */
  scanLines(from: number, to: number, most: number, asksAll: boolean): number {
    return this.#scan.scanLines(this.#base + from, this.#base + to, most, asksAll);
  }

  /** Where it stopped: at the beginning of a line. */
  get next(): number {
    return this.#scan.nextLine() - this.#base;
  }

  /** Lines that it went over, besides those that it tells of. */
  get quietLines(): number {
    return this.#scan.quiet();
  }

  /** Time and folder of the line between `from` and `to`, whatever its kind; null if it is not as lines usually are. */
  scanLine(
    from: number,
    to: number,
  ): { readonly epochMs: EpochMs | null; readonly cwd: string | null } | null {
    const scan = this.#scan;
    if (scan.scanLine(this.#base + from, this.#base + to) === 0) return null;
    const length = scan.folderBytes();
    return { epochMs: asTime(scan.time()), cwd: length === 0 ? null : this.#decode(scan.folder(), length) };
  }

  /** Where the line of that entry begins, and where it ends. */
  start(index: number): number {
    return this.#word(index, entry.fromAt) - this.#base;
  }

  end(index: number): number {
    return this.#word(index, entry.toAt) - this.#base;
  }

  /** Must be asked for in order, and before more is scanned; good until the next is asked for. */
  line(index: number): ScannedLine {
    const what = this.#word(index, entry.whatAt);
    if (what === entry.handedOver) {
      const marked = this.#word(index, entry.markedAt) !== 0;
      return { what: 'handed-over', kind: this.#word(index, entry.kindAt) as LineKind, marked };
    }
    const epochMs = this.#number(index, entry.epochMsAt);
    const cwd = this.#text(index, entry.cwdAt);
    if (what === entry.timed) return { what: 'timed', epochMs: asTime(epochMs), cwd };
    const billed = this.#billed;
    const flags = this.#word(index, entry.flagsAt);
    billed.epochMs = epochMs;
    billed.cwd = cwd;
    billed.input = this.#number(index, entry.inputAt);
    billed.output = this.#number(index, entry.outputAt);
    billed.cacheRead = this.#number(index, entry.cacheReadAt);
    billed.cacheWrite = this.#number(index, entry.cacheWriteAt);
    billed.cacheWrite5m = this.#number(index, entry.cacheWrite5mAt);
    billed.cacheWrite1h = this.#number(index, entry.cacheWrite1hAt);
    billed.webSearches = this.#number(index, entry.webSearchesAt);
    billed.sidechain = (flags & entry.flagSidechain) !== 0;
    billed.fast = (flags & entry.flagFast) !== 0;
    billed.usOnly = (flags & entry.flagUsOnly) !== 0;
    billed.hasContent = (flags & entry.flagContent) !== 0;
    billed.stopped = (flags & entry.flagStopped) !== 0;
    billed.line = (flags & entry.flagLineHash) === 0 ? null : this.#word(index, entry.lineHashAt) >>> 0;
    billed.characters = this.#word(index, entry.charactersAt);
    billed.id = this.#text(index, entry.idAt);
    billed.requestId = this.#text(index, entry.requestAt);
    billed.model = this.#text(index, entry.modelAt) ?? '';
    billed.session = this.#text(index, entry.sessionAt);
    billed.branch = this.#text(index, entry.branchAt);
    billed.reportedDollars = this.#dollars(index);
    return { what: 'billed', billed };
  }

  #begin(): void {
    module ??= new WebAssembly.Module(program);
    const { exports } = new WebAssembly.Instance(module, { env: { abort: stopped } });
    this.#scan = exports as unknown as LineScan;
    this.#texts = [];
    this.#look();
  }

  /** Memory that has grown is another buffer. */
  #look(): void {
    const { buffer } = this.#scan.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = Buffer.from(buffer);
    this.#numbers = new Float64Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  #room(bytes: number): Buffer {
    const from = this.#scan.reserve(bytes);
    if (from === 0) throw new RangeError(`no memory for a line of ${bytes} bytes`);
    this.#look();
    return this.#bytes.subarray(from);
  }

  #number(index: number, place: number): number {
    return this.#numbers[(this.#scan.entries() + index * entry.entryBytes + place) / 8]!;
  }

  #word(index: number, place: number): number {
    return this.#words[(this.#scan.entries() + index * entry.entryBytes + place) / 4]!;
  }

  #text(index: number, place: number): string | null {
    const length = this.#word(index, place + 4);
    if (length === entry.absent) return null;
    if (length !== entry.same) this.#texts[place / 4] = this.#decode(this.#word(index, place), length);
    return this.#texts[place / 4]!;
  }

  #decode(from: number, length: number): string {
    return this.#bytes.toString('utf8', from, from + length);
  }

  #dollars(index: number): number | null {
    const length = this.#word(index, entry.dollarsAt + 4);
    return length === 0 ? null : Number(this.#decode(this.#word(index, entry.dollarsAt), length));
  }
}

function asTime(epochMs: number): EpochMs | null {
  return Number.isNaN(epochMs) ? null : epochMs;
}

function stopped(): never {
  throw new Error('the line scanner has stopped');
}
