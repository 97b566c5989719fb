import type { EpochMs } from '../../model/time';

/** What a message's earlier lines in this file said, for as long as more of them may follow. */
export interface CarriedMessage {
  readonly id: string;
  /** Characters of content on the lines seen so far. */
  readonly characters: number;
  readonly firstOutput: number;
  /** Hashes of the `uuid`s of the last few lines, so that a line written twice is not counted twice. */
  readonly lines: readonly number[];
}

/**
 * Where the reading of a file stands between two runs: small, and plain JSON. Everything that a later line's meaning
 * depends on is in here, so that a file read in pieces gives what it gives in one go.
 */
export interface ParseState {
  /** Bytes of the file that have been read for good: always the start of a line. */
  readonly offset: number;
  /** First timestamp in the file, in file order. */
  readonly beganEpochMs: EpochMs | null;
  /** Timestamp of the last line that has one. */
  readonly lastEpochMs: EpochMs | null;
  readonly firstCwd: string | null;
  /** The messages last written to, the latest at the end. */
  readonly carry: readonly CarriedMessage[];
}

export const initialParseState: ParseState = {
  offset: 0,
  beganEpochMs: null,
  lastEpochMs: null,
  firstCwd: null,
  carry: [],
};

/** Streams interleave (a subagent's progress, parallel calls), but never more than a few at a time. */
const carriedMessages = 4;
const carriedLines = 8;

/** The messages being streamed in one file. */
export class MessageCarry {
  #messages: CarriedMessage[];

  constructor(from: readonly CarriedMessage[]) {
    this.#messages = [...from];
  }

  get messages(): readonly CarriedMessage[] {
    return this.#messages;
  }

  /** Adds a line to its message and returns the message as it now stands. */
  add(id: string, uuid: string | null, characters: number, output: number): CarriedMessage {
    const index = this.#messages.findIndex((each) => each.id === id);
    const before = this.#messages[index] ?? { id, characters: 0, firstOutput: output, lines: [] };
    const line = uuid === null ? null : hash(uuid);
    const seen = line !== null && before.lines.includes(line);
    const after: CarriedMessage = seen
      ? before
      : {
          ...before,
          characters: before.characters + characters,
          lines: line === null ? before.lines : [...before.lines, line].slice(-carriedLines),
        };
    if (index >= 0) this.#messages.splice(index, 1);
    this.#messages.push(after);
    if (this.#messages.length > carriedMessages) this.#messages.shift();
    return after;
  }
}

/** FNV-1a, 32 bits: a few bytes in the cursor instead of a whole uuid. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
