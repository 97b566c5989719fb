import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  dot,
  isDigit,
  minus,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  stringStop,
  zero,
} from './bytes';

/** Nested more deeply, a line is left to `JSON.parse`. */
export const deepest = 200;

// Each of these returns the place past what it skips; 0 if that is no JSON, or nested too deeply.

export function skipValue(from: usize, depth: i32 = 0): usize {
  const first = load<u8>(from);
  if (first == quote) return skipString(from + 1);
  if (first == openBrace || first == openBracket) return skipMembers(from, depth + 1);
  if (first == 0x74 || first == 0x66 || first == 0x6e) return skipLiteral(from);
  return skipNumber(from);
}

function skipMembers(from: usize, depth: i32): usize {
  if (depth > deepest) return 0;
  const isObject = load<u8>(from) == openBrace;
  const close = isObject ? closeBrace : closeBracket;
  let at = skipSpace(from + 1);
  if (load<u8>(at) == close) return at + 1;
  while (true) {
    if (isObject) {
      at = skipName(at);
      if (at == 0) return 0;
    }
    at = skipValue(at, depth);
    if (at == 0) return 0;
    at = skipSpace(at);
    const next = load<u8>(at);
    if (next == close) return at + 1;
    if (next != comma) return 0;
    at = skipSpace(at + 1);
  }
}

/** Up to the value of the name. */
function skipName(from: usize): usize {
  if (load<u8>(from) != quote) return 0;
  let at = skipString(from + 1);
  if (at == 0) return 0;
  at = skipSpace(at);
  return load<u8>(at) == colon ? skipSpace(at + 1) : 0;
}

/** `from` is past the opening quote. */
export function skipString(from: usize): usize {
  let at = from;
  while (true) {
    at = stringStop(at);
    const byte = load<u8>(at);
    if (byte == quote) return at + 1;
    if (byte != backslash) return 0;
    at = skipEscape(at);
    if (at == 0) return 0;
  }
}

/** `from` is the backslash. */
export function skipEscape(from: usize): usize {
  switch (load<u8>(from + 1)) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return from + 2;
    case 0x75:
      for (let at = from + 2; at < from + 6; at++) if (!isHex(load<u8>(at))) return 0;
      return from + 6;
    default:
      return 0;
  }
}

function isHex(byte: u8): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 <= 5;
}

export function skipLiteral(from: usize): usize {
  const word = load<u32>(from);
  // true and null, and the last letters of false.
  if (word == 0x65757274 || word == 0x6c6c756e) return from + 4;
  return load<u8>(from) == 0x66 && load<u32>(from + 1) == 0x65736c61 ? from + 5 : 0;
}

export function skipNumber(from: usize): usize {
  let at = from;
  if (load<u8>(at) == minus) at++;
  if (load<u8>(at) == zero) at++;
  else at = skipDigits(at);
  if (at != 0 && load<u8>(at) == dot) at = skipDigits(at + 1);
  if (at != 0 && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (load<u8>(at) == 0x2b || load<u8>(at) == minus) at++;
    at = skipDigits(at);
  }
  return at;
}

/** One at least. */
function skipDigits(from: usize): usize {
  let at = from;
  while (isDigit(load<u8>(at))) at++;
  return at == from ? 0 : at;
}
