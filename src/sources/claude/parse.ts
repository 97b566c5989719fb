import { createHash } from 'node:crypto';
import type { EpochMs } from '../../model/time';
import type { CostState, Origin, UsageRecord } from '../../model/usageRecord';
import { BadLineError } from './badLine';
import type { BadLine, BadLineReason } from './badLine';
import { readCostState } from './costStateLine';
import { isObject, labelField } from './fields';
import type { JsonObject } from './fields';
import { type LineKind, LineScanner, lineKinds } from './lineScanner';
import { MessageCarry } from './parseState';
import type { ParseState } from './parseState';
import { parseTimestamp } from './timestamp';
import { readTranscriptPath } from './transcriptPath';
import type { TranscriptPath } from './transcriptPath';
import { makeRecord, readUsageLine } from './usageLine';
import type { LineSurroundings } from './usageLine';

export interface ParseContext {
  /** The transcript's absolute path, and the Claude config folder it was found under. */
  readonly path: string;
  readonly root: string;
  readonly user: string;
  readonly host: string;
  /** Nothing follows `bytes` at the moment: a last line without a line end counts if it is whole. */
  readonly endOfFile: boolean;
}

export interface ParseResult {
  readonly records: readonly UsageRecord[];
  readonly costStates: readonly CostState[];
  /** The first few bad lines of these bytes, for the log; `badLines` counts them all. */
  readonly bad: readonly BadLine[];
  readonly badLines: number;
  /** Without blank ones. */
  readonly lines: number;
  /** Bytes read for good: whole lines only. The rest is to be handed in again with what follows it. */
  readonly consumed: number;
  readonly state: ParseState;
  /** The file ends in a line that is not whole. It is not among `badLines`, since it may yet grow. */
  readonly torn: boolean;
}

const listedBadLines = 20;
const newline = 0x0a;
const usageMarker = Buffer.from('"usage"');
const costStateMarker = Buffer.from('"cost-state"');
const timestampMarker = Buffer.from('"timestamp"');
const cwdMarker = Buffer.from('"cwd"');
/** Lines that are looked at one after the other as long as the file's first time and folder are not known. */
const oneAtATime = 1;
const manyAtATime = 1 << 20;
const scanner = new LineScanner();

/** Memory to read into: bytes that are handed to `parseTranscript` in it are not copied. One reader at a time. */
export function transcriptMemory(bytes: number): Buffer {
  return scanner.memory(bytes);
}

/**
 * Reads the lines in `bytes`, which begin at `from.offset` of the file. Pure: the same bytes give the same result, in
 * whatever pieces they come, and nothing of a line's text is kept.
 *
 * Four fifths of a transcript's bytes hold no usage. A line's first members mostly tell whether it can hold some
 * (`LineScanner`); if they do not, it is searched for a marker, which cannot stand inside of a JSON string, where its
 * quotes would be escaped. Of the other lines only the first and last byte are looked at: that finds the lines which
 * are no JSON objects at all (torn, or of another format), at no cost. A line that a killed writer left unfinished and
 * another one went on with begins like one kind and holds another, so lines of a kind without usage are searched all
 * the same, for a name inside of every usage that can be counted.
 */
export function parseTranscript(bytes: Uint8Array, from: ParseState, context: ParseContext): ParseResult {
  const parser = new Parser(scanner.take(bytes), from, context);
  parser.run();
  return parser.result();
}

/** JSON's white space within a line. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

class Parser {
  readonly #bytes: Buffer;
  readonly #from: ParseState;
  readonly #context: ParseContext;
  readonly #file: TranscriptPath;
  readonly #carry: MessageCarry;
  readonly #records: UsageRecord[] = [];
  readonly #costStates: CostState[] = [];
  readonly #bad: BadLine[] = [];
  #badLines = 0;
  #lines = 0;
  #consumed = 0;
  #torn = false;
  #beganEpochMs: EpochMs | null;
  #firstCwd: string | null;
  #lastEpochMs: EpochMs | null;
  /** Up to here, `#lastEpochMs` is right. */
  #timedTo = 0;
  #origin: Origin | null = null;
  #lineStart = 0;
  #lineEnd = 0;
  readonly #around: { -readonly [Name in keyof LineSurroundings]: LineSurroundings[Name] };

  constructor(bytes: Buffer, from: ParseState, context: ParseContext) {
    this.#bytes = bytes;
    this.#from = from;
    this.#context = context;
    this.#file = readTranscriptPath(context.path, context.root);
    this.#carry = new MessageCarry(from.carry);
    this.#beganEpochMs = from.beganEpochMs;
    this.#firstCwd = from.firstCwd;
    this.#lastEpochMs = from.lastEpochMs;
    this.#around = {
      file: this.#file,
      user: context.user,
      host: context.host,
      beganEpochMs: null,
      firstCwd: null,
      carry: this.#carry,
      lineKey: () => this.#lineKey(this.#lineStart, this.#lineEnd),
      origin: (session, beganEpochMs) => this.#originOf(session, beganEpochMs),
    };
  }

  run(): void {
    const { length } = this.#bytes;
    for (;;) {
      const isFirst = this.#beganEpochMs === null || this.#firstCwd === null;
      const found = scanner.scanLines(this.#consumed, length, isFirst ? oneAtATime : manyAtATime, isFirst);
      this.#lines += scanner.quietLines;
      const { next } = scanner;
      for (let index = 0; index < found; index++) this.#scanned(index);
      if (next === this.#consumed) break;
      this.#consumed = next;
    }
    if (this.#context.endOfFile && this.#consumed < length) this.#lastLine();
    this.#lastEpochMs = this.#timeBefore(this.#consumed);
  }

  result(): ParseResult {
    return {
      records: this.#records,
      costStates: this.#costStates,
      bad: this.#bad,
      badLines: this.#badLines,
      lines: this.#lines,
      consumed: this.#consumed,
      torn: this.#torn,
      state: {
        offset: this.#from.offset + this.#consumed,
        beganEpochMs: this.#beganEpochMs,
        lastEpochMs: this.#lastEpochMs,
        firstCwd: this.#firstCwd,
        carry: this.#carry.messages,
      },
    };
  }

  /** A writer is in the middle of it, was killed there, or leaves out the last line end. */
  #lastLine(): void {
    const start = this.#consumed;
    const end = this.#bytes.length;
    if (this.#isBlank(start, end)) return;
    // Decoded twice if it is whole, which is seldom and cheap.
    if (this.#object(start, end) === null) {
      this.#torn = true;
      return;
    }
    this.#line(start, end, lineKinds.unsure, false);
    this.#consumed = end;
  }

  #scanned(index: number): void {
    const start = scanner.start(index);
    const end = scanner.end(index);
    const line = scanner.line(index);
    if (line.what === 'handed-over') {
      this.#line(start, end, line.kind, line.marked);
      return;
    }
    this.#lines++;
    const { epochMs, cwd } = line.what === 'billed' ? line.billed : line;
    this.#beganEpochMs ??= epochMs;
    this.#firstCwd ??= cwd;
    if (line.what === 'billed') this.#records.push(makeRecord(line.billed, this.#surroundings(start, end)));
    this.#timed(epochMs, end);
  }

  /** A line that cannot be read the fast way, or need not. */
  #line(start: number, end: number, kind: LineKind, isMarked: boolean): void {
    if (this.#isBlank(start, end)) return;
    this.#lines++;
    const isCostState =
      kind === lineKinds.costState || (kind === lineKinds.unsure && this.#has(costStateMarker, start, end));
    const isUsage = (kind !== lineKinds.other || isMarked) && this.#has(usageMarker, start, end);
    const isFirst =
      (this.#beganEpochMs === null && this.#has(timestampMarker, start, end)) ||
      (this.#firstCwd === null && this.#has(cwdMarker, start, end));
    if (!isUsage && !isCostState && !isFirst) {
      if (!this.#looksWhole(start, end)) this.#reject(start, 'not-json');
      return;
    }
    const read = isUsage || isCostState ? null : scanner.scanLine(this.#skipMark(start), end);
    if (read !== null) {
      this.#beganEpochMs ??= read.epochMs;
      this.#firstCwd ??= read.cwd;
      this.#timed(read.epochMs, end);
      return;
    }
    const line = this.#object(start, end);
    if (line === null) this.#reject(start, 'not-json');
    else this.#decoded(line, start, end, isUsage, isCostState);
  }

  #decoded(line: JsonObject, start: number, end: number, isUsage: boolean, isCostState: boolean): void {
    const epochMs = parseTimestamp(line['timestamp']);
    this.#beganEpochMs ??= epochMs;
    this.#firstCwd ??= labelField(line, 'cwd');
    try {
      if (isCostState && line['type'] === 'cost-state') {
        this.#costStates.push(
          readCostState(
            line,
            { path: this.#context.path, session: this.#file.session },
            this.#timeBefore(start),
          ),
        );
      } else if (isUsage) this.#usageLine(line, start, end);
    } catch (error) {
      if (!(error instanceof BadLineError)) throw error;
      this.#reject(start, error.reason);
    }
    this.#timed(epochMs, end);
  }

  #timed(epochMs: EpochMs | null, end: number): void {
    if (epochMs === null) return;
    this.#lastEpochMs = epochMs;
    this.#timedTo = end;
  }

  #usageLine(line: JsonObject, start: number, end: number): void {
    const read = readUsageLine(line, this.#surroundings(start, end));
    if (read === null) return;
    this.#records.push(...read.records);
    for (let count = 0; count < read.badIterations; count++) this.#reject(start, 'bad-iteration');
  }

  /** One object for all lines: there are many. */
  #surroundings(start: number, end: number): LineSurroundings {
    this.#lineStart = start;
    this.#lineEnd = end;
    this.#around.beganEpochMs = this.#beganEpochMs;
    this.#around.firstCwd = this.#firstCwd;
    return this.#around;
  }

  /** One object for all records of a file that say the same. */
  #originOf(session: string, beganEpochMs: EpochMs): Origin {
    if (this.#origin?.session !== session || this.#origin.beganEpochMs !== beganEpochMs)
      this.#origin = { path: this.#context.path, session, beganEpochMs };
    return this.#origin;
  }

  /** The same bytes at the same place of the same file are the same message; a copy elsewhere is another. */
  #lineKey(start: number, end: number): string {
    const hash = createHash('sha1');
    hash.update(`${this.#file.relative}\0${this.#from.offset + start}\0`);
    hash.update(this.#bytes.subarray(start, this.#trimEnd(start, end)));
    return `line:${hash.digest('hex')}`;
  }

  /** Time of the last line before `position` that has one. Looks back only over lines that were not decoded. */
  #timeBefore(position: number): EpochMs | null {
    let end = position;
    while (end - timestampMarker.length >= this.#timedTo) {
      const at = this.#bytes.lastIndexOf(timestampMarker, end - timestampMarker.length);
      if (at < this.#timedTo) break;
      const start = at === 0 ? 0 : this.#bytes.lastIndexOf(newline, at) + 1;
      const nextLine = this.#bytes.indexOf(newline, at);
      const epochMs = this.#timeOf(start, nextLine < 0 ? position : Math.min(nextLine, position));
      if (epochMs !== null) {
        this.#lastEpochMs = epochMs;
        break;
      }
      end = start;
    }
    this.#timedTo = Math.max(this.#timedTo, position);
    return this.#lastEpochMs;
  }

  #timeOf(start: number, end: number): EpochMs | null {
    const read = scanner.scanLine(this.#skipMark(start), end);
    if (read !== null) return read.epochMs;
    const line = this.#object(start, end);
    return line === null ? null : parseTimestamp(line['timestamp']);
  }

  /** The line as an object; null if it is none. Bytes that are no UTF-8 become replacement characters. */
  #object(start: number, end: number): JsonObject | null {
    const from = this.#skipMark(start);
    try {
      const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, end));
      return isObject(value) ? value : null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  #looksWhole(start: number, end: number): boolean {
    let first = this.#skipMark(start);
    while (first < end && isSpace(this.#bytes[first])) first++;
    const last = this.#trimEnd(first, end);
    return this.#bytes[first] === 0x7b && this.#bytes[last - 1] === 0x7d;
  }

  #isBlank(start: number, end: number): boolean {
    return this.#trimEnd(this.#skipMark(start), end) <= this.#skipMark(start);
  }

  #trimEnd(start: number, end: number): number {
    let last = end;
    while (last > start && isSpace(this.#bytes[last - 1])) last--;
    return last;
  }

  /** Past the byte order mark that some editors leave at the start of a file. */
  #skipMark(start: number): number {
    const isMarked =
      this.#from.offset + start === 0 &&
      this.#bytes[0] === 0xef &&
      this.#bytes[1] === 0xbb &&
      this.#bytes[2] === 0xbf;
    return isMarked ? 3 : start;
  }

  #has(marker: Buffer, start: number, end: number): boolean {
    return this.#bytes.subarray(start, end).includes(marker);
  }

  #reject(start: number, reason: BadLineReason): void {
    this.#badLines++;
    if (this.#bad.length < listedBadLines) this.#bad.push({ offset: this.#from.offset + start, reason });
  }
}
