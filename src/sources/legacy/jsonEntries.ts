import { createReadStream } from 'node:fs';
import { getManyValues, none } from 'stream-chain/defs.js';
import { Assembler } from 'stream-json/core/assembler.js';
import { jsonParser, type Token } from 'stream-json/core/parser.js';
import { LedgerError, reasonOfSystemError } from '../../model/errors';

/** Keys and positions from the document's root. */
export type JsonPath = readonly (string | number)[];

export interface JsonEntry {
  readonly path: JsonPath;
  readonly value: unknown;
}

/** `entry`: put together and handed over as a whole. `inside`: what it holds is looked at one by one. */
export type Look = 'entry' | 'inside' | 'skip';

export interface JsonChunk {
  readonly entries: readonly JsonEntry[];
  /** Read of the file so far. */
  readonly bytes: number;
}

/**
 * Reads a JSON document of any size a piece at a time; memory holds one piece of the file and the entries in it.
 * `look` is asked of every object and list by its path; other values are entries by themselves.
 * Throws `corrupt` where the text is no JSON; nearly all that came before has been handed over then.
 */
export async function* readJsonEntries(
  file: string,
  look: (path: JsonPath) => Look,
): AsyncGenerator<JsonChunk> {
  const parse = jsonParser({ packValues: true, streamValues: false });
  const walker = new Walker(look);
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 65_536 });
  let first = true;
  const take = (text: string | typeof none): void => {
    let tokens;
    try {
      // Its types leave out that `none` ends the input.
      tokens = parse(text as string);
    } catch (error) {
      throw new LedgerError('corrupt', String(error), { cause: error });
    }
    if (tokens !== none) for (const token of getManyValues(tokens)) walker.take(token);
  };
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      take(first && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk);
      first = false;
      yield { entries: walker.entries(), bytes: stream.bytesRead };
    }
    take(none);
    yield { entries: walker.entries(), bytes: stream.bytesRead };
    if (!walker.complete) throw new LedgerError('corrupt', 'the document is cut off');
  } catch (error) {
    if (LedgerError.is(error)) throw error;
    throw new LedgerError(reasonOfSystemError(error), String(error), { cause: error });
  } finally {
    stream.destroy();
  }
}

/** Follows the tokens of one document. */
class Walker {
  readonly #look: (path: JsonPath) => Look;
  readonly #assembler = new Assembler();
  /** Of every object (its present key) and list (its present position) that is looked into. */
  readonly #path: (string | number)[] = [];
  readonly #inList: boolean[] = [];
  #entries: JsonEntry[] = [];
  /** Depth below the value that is put together or skipped. */
  #depth = 0;
  #mode: 'look' | 'assemble' | 'skip' = 'look';
  complete = false;

  constructor(look: (path: JsonPath) => Look) {
    this.#look = look;
  }

  /** Those that are complete since the last call. */
  entries(): readonly JsonEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  take(token: Token): void {
    if (this.#mode !== 'look') {
      this.#takeBelow(token);
      return;
    }
    const { name } = token;
    if (name === 'keyValue') this.#path[this.#path.length - 1] = token.value;
    else if (name === 'startObject' || name === 'startArray') this.#begin(token);
    else if (name === 'endObject' || name === 'endArray') {
      this.#path.pop();
      this.#inList.pop();
      this.#passed();
    } else if (name === 'numberValue') this.#tell(Number(token.value));
    else if ('value' in token) this.#tell(token.value);
  }

  #begin(token: Token): void {
    const look = this.#look(this.#path);
    if (look === 'inside') {
      const list = token.name === 'startArray';
      this.#path.push(list ? 0 : '');
      this.#inList.push(list);
      return;
    }
    this.#mode = look === 'entry' ? 'assemble' : 'skip';
    this.#takeBelow(token);
  }

  #takeBelow(token: Token): void {
    if (this.#mode === 'assemble') this.#assembler.consume(token);
    if (token.name === 'startObject' || token.name === 'startArray') this.#depth++;
    else if (token.name === 'endObject' || token.name === 'endArray') this.#depth--;
    if (this.#depth > 0) return;
    const assembled = this.#mode === 'assemble';
    this.#mode = 'look';
    if (assembled) this.#tell(this.#assembler.current);
    else this.#passed();
  }

  #tell(value: unknown): void {
    this.#entries.push({ path: [...this.#path], value });
    this.#passed();
  }

  /** A value has ended: in a list the next position follows. */
  #passed(): void {
    if (this.#path.length === 0) this.complete = true;
    else if (this.#inList.at(-1) === true) this.#path[this.#path.length - 1] = Number(this.#path.at(-1)) + 1;
  }
}
