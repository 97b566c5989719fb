import { createHash } from 'node:crypto';
import type { EpochMs } from '../../model/time';
import type { CostState, Origin, UsageRecord } from '../../model/usageRecord';
import { BadLineError } from './badLine';
import type { BadLine, BadLineReason } from './badLine';
import { readCostState } from './costStateLine';
import { isObject, labelField } from './fields';
import type { JsonObject } from './fields';
import { isSpace } from './lineBytes';
import { lineKind } from './lineKind';
import { MessageCarry } from './parseState';
import type { ParseState } from './parseState';
import { parseTimestamp } from './timestamp';
import { readTranscriptPath } from './transcriptPath';
import type { TranscriptPath } from './transcriptPath';
import { makeRecord, readUsageLine } from './usageLine';
import type { LineSurroundings } from './usageLine';
import { UsageScan } from './usageScan';

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
/** A name inside of every usage that can be counted. It is longer, which makes it faster to search for. */
const usageNameMarker = Buffer.from('"output_tokens"');
const costStateMarker = Buffer.from('"cost-state"');
const timestampMarker = Buffer.from('"timestamp"');
const cwdMarker = Buffer.from('"cwd"');
/** It keeps the names that it has met last, and nothing else, from one file to the next. */
const scan = new UsageScan();

/**
 * Reads the lines in `bytes`, which begin at `from.offset` of the file. Pure: the same bytes give the same result, in
 * whatever pieces they come, and nothing of a line's text is kept.
 *
 * Four fifths of a transcript's bytes hold no usage. A line's first members mostly tell whether it can hold some; if
 * they do not, it is searched for a marker, which cannot stand inside of a JSON string, where its quotes would be
 * escaped. Of the other lines only the first and last byte are looked at: that finds the lines which are no JSON
 * objects at all (torn, or of another format), at no cost. A line that a killed writer left unfinished and another one
 * went on with begins like one kind and holds another, so lines of a kind without usage are searched all the same, by
 * the fastest of the markers.
 */
export function parseTranscript(bytes: Uint8Array, from: ParseState, context: ParseContext): ParseResult {
  const parser = new Parser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), from, context);
  parser.run();
  return parser.result();
}

class Parser {
  readonly #bytes: Buffer;
  readonly #from: ParseState;
  readonly #context: ParseContext;
  readonly #file: TranscriptPath;
  readonly #carry: MessageCarry;
  readonly #usageNames: Marker;
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
    this.#usageNames = new Marker(bytes, usageNameMarker);
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
    for (;;) {
      const end = this.#bytes.indexOf(newline, this.#consumed);
      if (end < 0) break;
      this.#line(this.#consumed, end);
      this.#consumed = end + 1;
    }
    if (this.#context.endOfFile && this.#consumed < this.#bytes.length) this.#lastLine();
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
    this.#line(start, end);
    this.#consumed = end;
  }

  #line(start: number, end: number): void {
    if (this.#isBlank(start, end)) return;
    this.#lines++;
    const kind = lineKind(this.#bytes, this.#skipMark(start), end);
    if ((kind === 'assistant' || kind === 'message') && this.#scanned(start, end)) return;
    const isCostState =
      kind === 'cost-state' || (kind === 'unsure' && this.#has(costStateMarker, start, end));
    const isUsage =
      ((kind !== 'other' && kind !== 'progress') || this.#usageNames.within(start, end)) &&
      this.#has(usageMarker, start, end);
    const isFirst =
      (this.#beganEpochMs === null && this.#has(timestampMarker, start, end)) ||
      (this.#firstCwd === null && this.#has(cwdMarker, start, end));
    if (!isUsage && !isCostState && !isFirst) {
      if (!this.#looksWhole(start, end)) this.#reject(start, 'not-json');
      return;
    }
    if (!isUsage && !isCostState && this.#scanned(start, end)) return;
    const line = this.#object(start, end);
    if (line === null) this.#reject(start, 'not-json');
    else this.#decoded(line, start, end, isUsage, isCostState);
  }

  /** Reads a line the fast way; false if that cannot be. */
  #scanned(start: number, end: number): boolean {
    if (!scan.scan(this.#bytes, this.#skipMark(start), end)) return false;
    this.#beganEpochMs ??= scan.epochMs;
    this.#firstCwd ??= scan.cwd;
    if (scan.found) this.#records.push(makeRecord(scan.billed, this.#surroundings(start, end)));
    this.#timed(scan.epochMs, end);
    return true;
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
    if (scan.scan(this.#bytes, this.#skipMark(start), end)) return scan.epochMs;
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

/** Finds a marker by one search over all the bytes, however many lines there are. */
class Marker {
  readonly #bytes: Buffer;
  readonly #marker: Buffer;
  #next: number;

  constructor(bytes: Buffer, marker: Buffer) {
    this.#bytes = bytes;
    this.#marker = marker;
    this.#next = bytes.indexOf(marker);
  }

  /** Ask in file order. */
  within(start: number, end: number): boolean {
    if (this.#next >= 0 && this.#next < start) this.#next = this.#bytes.indexOf(this.#marker, start);
    return this.#next >= 0 && this.#next < end;
  }
}
