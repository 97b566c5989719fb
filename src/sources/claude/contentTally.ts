import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  openBrace,
  openBracket,
  quote,
  skipSpace,
} from './lineBytes';
import { skipEscape, skipLiteral, skipNumber, unusual } from './skipValue';

/** Where something in a line ends, and how many characters it has. */
export interface Tally {
  to: number;
  characters: number;
}

/** Filled anew by every call: content is counted block by block, some ten thousand times a second. */
const tally: Tally = { to: 0, characters: 0 };
const deepest = 200;

/** Characters (UTF-16 units) of the string whose opening quote is before `from`: what `length` would say. */
export function tallyString(bytes: Uint8Array, from: number, end: number): Readonly<Tally> {
  tally.characters = 0;
  tally.to = addString(bytes, from, end, false);
  return tally;
}

/** Characters of the value as `JSON.stringify` would write it. A name that comes twice in one object is counted twice. */
export function tallyValue(bytes: Uint8Array, from: number, end: number): Readonly<Tally> {
  tally.characters = 0;
  tally.to = addValue(bytes, from, end, 0);
  return tally;
}

function addValue(bytes: Uint8Array, from: number, end: number, depth: number): number {
  const first = bytes[from];
  if (first === quote) {
    tally.characters += 2;
    return addString(bytes, from + 1, end, true);
  }
  if (first === openBrace || first === openBracket) {
    if (depth > deepest) throw unusual;
    return addMembers(bytes, from + 1, end, first === openBrace ? closeBrace : closeBracket, depth + 1);
  }
  if (first === 0x74 || first === 0x66 || first === 0x6e) {
    const to = skipLiteral(bytes, from);
    tally.characters += to - from;
    return to;
  }
  const to = skipNumber(bytes, from, end);
  // 1.0 is written as 1, and 1e400 as null.
  const value = Number(Buffer.from(bytes.subarray(from, to)).toString('latin1'));
  tally.characters += JSON.stringify(value).length;
  return to;
}

function addMembers(bytes: Uint8Array, from: number, end: number, close: number, depth: number): number {
  tally.characters += 2;
  let at = skipSpace(bytes, from, end);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (close === closeBrace) {
      if (bytes[at] !== quote) throw unusual;
      at = skipSpace(bytes, addString(bytes, at + 1, end, true), end);
      if (bytes[at] !== colon) throw unusual;
      at = skipSpace(bytes, at + 1, end);
      tally.characters += 3;
    }
    at = skipSpace(bytes, addValue(bytes, at, end, depth), end);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== comma) throw unusual;
    tally.characters++;
    at = skipSpace(bytes, at + 1, end);
  }
}

/** `asJson` counts the escapes that JSON would write again. */
function addString(bytes: Uint8Array, from: number, end: number, asJson: boolean): number {
  let at = from;
  let characters = 0;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === quote) {
      tally.characters += characters;
      return at + 1;
    }
    if (byte === backslash) {
      const to = skipEscape(bytes, at, end);
      characters += asJson ? escapedLength(bytes, at, to) : unescapedLength(bytes, at, to);
      at = to;
    } else if (byte < 0x80) {
      if (byte < 0x20) throw unusual;
      characters++;
      at++;
    } else {
      const length = sequenceLength(bytes, at, end);
      // Beyond 16 bits a character is a pair.
      characters += length === 4 ? 2 : 1;
      at += length;
    }
  }
  throw unusual;
}

function unescapedLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 2) return 1;
  mustBeControl(bytes, from);
  return 1;
}

function escapedLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from === 2) return bytes[from + 1] === 0x2f ? 1 : 2;
  const control = mustBeControl(bytes, from);
  // \b, \t, \n, \f and \r have a short form.
  return control >= 8 && control <= 13 && control !== 11 ? 2 : 6;
}

/** Others are written as they are, unless by a stranger; and a lone surrogate is seldom. */
function mustBeControl(bytes: Uint8Array, from: number): number {
  const high = bytes[from + 4]! - 0x30;
  if (bytes[from + 2] !== 0x30 || bytes[from + 3] !== 0x30 || high < 0 || high > 1) throw unusual;
  const low = bytes[from + 5]!;
  return high * 16 + (low <= 0x39 ? low - 0x30 : (low | 0x20) - 0x57);
}

/** Bytes of a UTF-8 sequence that begins with a byte above 0x7f; a broken one becomes replacement characters elsewhere. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || at + length > end) throw unusual;
  const second = bytes[at + 1]!;
  if (
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f)
  )
    throw unusual;
  for (let index = 1; index < length; index++) if ((bytes[at + index]! & 0xc0) !== 0x80) throw unusual;
  return length;
}
