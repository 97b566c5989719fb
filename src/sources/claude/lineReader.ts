import type { EpochMs } from '../../model/time';
import { type Tally, tallyString, tallyValue } from './contentTally';
import { longestName, mostDollars, mostTokens } from './fields';
import { closeBrace, closeBracket, colon, comma, type NameTable, openBrace } from './lineBytes';
import { openBracket, plainStringEnd, quote, skipSpace } from './lineBytes';
import type { NameCache } from './nameCache';
import { hashAscii } from './parseState';
import { skipNumber, skipValue, unusual } from './skipValue';
import { TimestampCache } from './timestamp';

/** What `member` returns at the end of an object; names that are not looked for are −1. */
export const ended = -2;

/**
 * Reads a line's JSON member by member, straight from its bytes. Every method leaves the reader behind what it has
 * read, and throws `unusual` where it does not find the plain thing that it is asked for.
 */
export class LineReader {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;
  readonly #timestamps = new TimestampCache();

  /** Where it stands. */
  get at(): number {
    return this.#at;
  }

  set at(place: number) {
    this.#at = place;
  }

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** First byte of what comes next, which is no space. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  open(): void {
    this.#at = skipSpace(this.#bytes, this.#at, this.#end);
    if (this.#bytes[this.#at] !== openBrace) throw unusual;
    this.#at++;
  }

  /** Nothing may follow but space. */
  end(): void {
    if (skipSpace(this.#bytes, this.#at, this.#end) !== this.#end) throw unusual;
  }

  /** Goes into a list; false if it is empty, and then behind it. */
  openList(): boolean {
    if (this.#bytes[this.#at] !== openBracket) throw unusual;
    this.#at = skipSpace(this.#bytes, this.#at + 1, this.#end);
    if (this.#bytes[this.#at] !== closeBracket) return true;
    this.#at++;
    return false;
  }

  /** Goes on to the value of the object's next member and tells which one it is. */
  member(table: NameTable, first: boolean): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = skipSpace(bytes, this.#at, end);
    if (bytes[at] === closeBrace) {
      this.#at = at + 1;
      return ended;
    }
    if (!first) {
      if (bytes[at] !== comma) throw unusual;
      at = skipSpace(bytes, at + 1, end);
    }
    if (bytes[at] !== quote) throw unusual;
    const nameEnd = plainStringEnd(bytes, at + 1, end);
    if (nameEnd < 0) throw unusual;
    const name = table.find(bytes, at + 1, nameEnd);
    at = skipSpace(bytes, nameEnd + 1, end);
    if (bytes[at] !== colon) throw unusual;
    this.#at = skipSpace(bytes, at + 1, end);
    return name;
  }

  /** After an element of a list: true if another follows. */
  goesOn(): boolean {
    const at = skipSpace(this.#bytes, this.#at, this.#end);
    const byte = this.#bytes[at];
    if (byte !== comma && byte !== closeBracket) throw unusual;
    this.#at = byte === comma ? skipSpace(this.#bytes, at + 1, this.#end) : at + 1;
    return byte === comma;
  }

  skip(): void {
    this.#at = skipValue(this.#bytes, this.#at, this.#end);
  }

  /** True for a text or a list that is not empty. */
  skipContent(): boolean {
    const from = this.#at;
    const first = this.#bytes[from];
    this.skip();
    if (first === quote) return this.#at - from > 2;
    return first === openBracket && skipSpace(this.#bytes, from + 1, this.#end) < this.#at - 1;
  }

  isNull(): boolean {
    if (this.#bytes[this.#at] !== 0x6e) return false;
    this.skip();
    return true;
  }

  /** A plain name, or null. */
  text(cache: NameCache): string | null {
    if (this.isNull()) return null;
    return this.label(cache) ?? gaveUp();
  }

  /** The same, where an empty name is as good as none. */
  label(cache: NameCache): string | null {
    if (this.isNull()) return null;
    const { from, to } = this.#plain();
    return to === from ? null : (cache.name(this.#bytes, from, to) ?? gaveUp());
  }

  #plain(): { readonly from: number; readonly to: number } {
    if (this.#bytes[this.#at] !== quote) throw unusual;
    const from = this.#at + 1;
    const to = plainStringEnd(this.#bytes, from, this.#end);
    if (to < 0 || to - from > longestName) throw unusual;
    this.#at = to + 1;
    return { from, to };
  }

  /** Of a name that only tells one line from another. */
  hash(): number | null {
    if (this.isNull()) return null;
    const { from, to } = this.#plain();
    return to === from ? null : (hashAscii(this.#bytes, from, to) ?? gaveUp());
  }

  time(): EpochMs | null {
    if (this.isNull()) return null;
    const { from, to } = this.#plain();
    return this.#timestamps.parse(this.#bytes, from, to) ?? gaveUp();
  }

  flag(): boolean {
    const first = this.#bytes[this.#at];
    this.skip();
    if (first !== 0x74 && first !== 0x66 && first !== 0x6e) throw unusual;
    return first === 0x74;
  }

  /** A count of tokens or calls; 0 for null. */
  count(): number {
    if (this.isNull()) return 0;
    const bytes = this.#bytes;
    let at = this.#at;
    let value = 0;
    for (let digit = bytes[at]! - 0x30; digit >= 0 && digit <= 9; digit = bytes[++at]! - 0x30)
      value = value * 10 + digit;
    // A sign, a fraction, an exponent or a leading zero: it is no plain count, or no JSON.
    if (value > mostTokens || skipNumber(bytes, this.#at, this.#end) !== at) throw unusual;
    this.#at = at;
    return value;
  }

  /** Characters of a string, as its `length` would tell. */
  textLength(): number {
    return this.#tallied(tallyString(this.#bytes, this.#at + 1, this.#end));
  }

  /** Characters of any value, as `JSON.stringify` would write it. */
  jsonLength(): number {
    return this.#tallied(tallyValue(this.#bytes, this.#at, this.#end));
  }

  #tallied({ to, characters }: Readonly<Tally>): number {
    this.#at = to;
    return characters;
  }

  dollars(): number | null {
    if (this.isNull()) return null;
    const from = this.#at;
    const first = this.#bytes[from]!;
    if (first < 0x30 || first > 0x39) throw unusual;
    this.#at = skipNumber(this.#bytes, from, this.#end);
    const value = Number(Buffer.from(this.#bytes.subarray(from, this.#at)).toString('latin1'));
    return value <= mostDollars ? value : gaveUp();
  }
}

function gaveUp(): never {
  throw unusual;
}
