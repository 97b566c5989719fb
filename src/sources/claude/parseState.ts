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

/** A message that more lines may follow, while its file is read. */
interface OpenMessage {
  readonly id: string;
  characters: number;
  readonly firstOutput: number;
  readonly lines: number[];
}

/** The messages being streamed in one file. */
export class MessageCarry {
  readonly #messages: OpenMessage[];

  constructor(from: readonly CarriedMessage[]) {
    this.#messages = from.map((message) => ({ ...message, lines: [...message.lines] }));
  }

  get messages(): readonly CarriedMessage[] {
    return this.#messages.map((message) => ({ ...message, lines: [...message.lines] }));
  }

  /**
   * Adds a line (known by the hash of its `uuid`, null if it has none) to its message and returns the message as it
   * now stands; it is good until the next line is added.
   */
  add(id: string, line: number | null, characters: number, output: number): Readonly<CarriedMessage> {
    const message = this.#latest(id) ?? { id, characters: 0, firstOutput: output, lines: [] };
    this.#messages.push(message);
    if (this.#messages.length > carriedMessages) this.#messages.shift();
    if (line === null || !message.lines.includes(line)) {
      message.characters += characters;
      if (line !== null && message.lines.push(line) > carriedLines) message.lines.shift();
    }
    return message;
  }

  /** Takes a message out of the list. */
  #latest(id: string): OpenMessage | undefined {
    if (this.#messages.at(-1)?.id === id) return this.#messages.pop();
    const index = this.#messages.findIndex((each) => each.id === id);
    return index < 0 ? undefined : this.#messages.splice(index, 1)[0];
  }
}

const hashSeed = 0x811c9dc5;
const hashPrime = 0x01000193;

/** FNV-1a, 32 bits: a few bytes in the cursor instead of a whole uuid. */
export function hashText(text: string): number {
  let value = hashSeed;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), hashPrime);
  return value >>> 0;
}
