import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  dot,
  minus,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  zero,
} from './bytes';
import { deepest, skipEscape, skipLiteral, skipNumber } from './json';

/** Of all that was tallied since it was set to 0. */
export let characters: i32 = 0;

export function startTally(): void {
  characters = 0;
}

// Each of these adds to `characters` and returns the place past what it tallied; 0 if it cannot tell.

/** Characters (UTF-16 units) of the string whose opening quote is before `from`: what `length` would say. */
export function tallyString(from: usize): usize {
  return addString(from, false);
}

/** Characters of the value as `JSON.stringify` would write it. A name that comes twice in one object is counted twice. */
export function tallyValue(from: usize, depth: i32 = 0): usize {
  const first = load<u8>(from);
  if (first == quote) {
    characters += 2;
    return addString(from + 1, true);
  }
  if (first == openBrace || first == openBracket) return addMembers(from, depth + 1);
  const isWord = first == 0x74 || first == 0x66 || first == 0x6e;
  const to = isWord ? skipLiteral(from) : plainNumberEnd(from);
  if (to != 0) characters += <i32>(to - from);
  return to;
}

function addMembers(from: usize, depth: i32): usize {
  if (depth > deepest) return 0;
  const isObject = load<u8>(from) == openBrace;
  const close = isObject ? closeBrace : closeBracket;
  characters += 2;
  let at = skipSpace(from + 1);
  if (load<u8>(at) == close) return at + 1;
  while (true) {
    if (isObject) {
      at = addName(at);
      if (at == 0) return 0;
    }
    at = tallyValue(at, depth);
    if (at == 0) return 0;
    at = skipSpace(at);
    const next = load<u8>(at);
    if (next == close) return at + 1;
    if (next != comma) return 0;
    characters++;
    at = skipSpace(at + 1);
  }
}

function addName(from: usize): usize {
  if (load<u8>(from) != quote) return 0;
  let at = addString(from + 1, true);
  if (at == 0) return 0;
  at = skipSpace(at);
  if (load<u8>(at) != colon) return 0;
  characters += 3;
  return skipSpace(at + 1);
}

/** A number that `JSON.stringify` writes as it stands: no exponent, nothing to round or to leave out. */
function plainNumberEnd(from: usize): usize {
  const to = skipNumber(from);
  if (to == 0) return 0;
  const first = load<u8>(from) == minus ? from + 1 : from;
  let point: usize = 0;
  for (let at = first; at < to; at++) {
    const byte = load<u8>(at);
    if (byte == dot) point = at;
    else if ((byte | 0x20) == 0x65) return 0;
  }
  if (to - first > 15) return 0;
  if (point == 0) return load<u8>(first) == zero && first != from ? 0 : to;
  if (load<u8>(to - 1) == zero) return 0;
  // Below a millionth it is written with an exponent.
  if (load<u8>(first) != zero) return to;
  for (let at = point + 1; at < to && at < point + 7; at++) if (load<u8>(at) != zero) return to;
  return 0;
}

/** `asJson` counts the escapes that JSON would write again. */
function addString(from: usize, asJson: bool): usize {
  let at = from;
  while (true) {
    const byte = load<u8>(at);
    if (byte == quote) return at + 1;
    if (byte < 0x20) return 0;
    if (byte == backslash) {
      const to = skipEscape(at);
      const length = to == 0 ? 0 : escapeLength(at, to, asJson);
      if (length == 0) return 0;
      characters += length;
      at = to;
    } else if (byte < 0x80) {
      characters++;
      at++;
    } else {
      const length = sequenceLength(at);
      if (length == 0) return 0;
      // Beyond 16 bits a character is a pair.
      characters += length == 4 ? 2 : 1;
      at += length;
    }
  }
}

/** 0 if it is one that JSON would not write: by a stranger, or half of a pair. */
function escapeLength(from: usize, to: usize, asJson: bool): i32 {
  if (to - from == 2) return asJson && load<u8>(from + 1) != 0x2f ? 2 : 1;
  const high = load<u8>(from + 4) - zero;
  if (load<u16>(from + 2) != 0x3030 || high > 1) return 0;
  if (!asJson) return 1;
  const low = load<u8>(from + 5);
  const control = high * 16 + (low <= 0x39 ? low - zero : (low | 0x20) - 0x57);
  // \b, \t, \n, \f and \r have a short form.
  return control >= 8 && control <= 13 && control != 11 ? 2 : 6;
}

/** Bytes of a UTF-8 sequence that begins with a byte above 0x7f; 0 if it is broken: elsewhere it is then replaced. */
function sequenceLength(at: usize): usize {
  const first = load<u8>(at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = load<u8>(at + 1);
  if (
    (first == 0xe0 && second < 0xa0) ||
    (first == 0xed && second > 0x9f) ||
    (first == 0xf0 && second < 0x90) ||
    (first == 0xf4 && second > 0x8f)
  )
    return 0;
  const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let index: usize = 1; index < length; index++) if ((load<u8>(at + index) & 0xc0) != 0x80) return 0;
  return length;
}
