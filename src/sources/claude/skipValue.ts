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

/** Thrown for what is to be read by `JSON.parse` instead; caught where the scanning of a line began. */
export const unusual = new Error('not what transcripts usually hold');

const deepest = 200;
const shortEscapes = Buffer.from('"\\/bfnrt');
const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text));

/** Where the JSON value that begins at `from` ends. Throws `unusual` if it is none, or nested very deeply. */
export function skipValue(bytes: Uint8Array, from: number, end: number, depth = 0): number {
  const first = bytes[from];
  if (first === quote) return skipString(bytes, from + 1, end);
  if (first === openBrace || first === openBracket) {
    if (depth > deepest) throw unusual;
    return skipMembers(bytes, from + 1, end, first === openBrace ? closeBrace : closeBracket, depth + 1);
  }
  if (first === 0x74 || first === 0x66 || first === 0x6e) return skipLiteral(bytes, from);
  return skipNumber(bytes, from, end);
}

function skipMembers(bytes: Uint8Array, from: number, end: number, close: number, depth: number): number {
  let at = skipSpace(bytes, from, end);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (close === closeBrace) {
      if (bytes[at] !== quote) throw unusual;
      at = skipSpace(bytes, skipString(bytes, at + 1, end), end);
      if (bytes[at] !== colon) throw unusual;
      at = skipSpace(bytes, at + 1, end);
    }
    at = skipSpace(bytes, skipValue(bytes, at, end, depth), end);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== comma) throw unusual;
    at = skipSpace(bytes, at + 1, end);
  }
}

/** `from` is past the opening quote; returns the place past the closing one. */
export function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === quote) return at + 1;
    if (byte < 0x20) throw unusual;
    at = byte === backslash ? skipEscape(bytes, at, end) : at + 1;
  }
  throw unusual;
}

/** `from` is the backslash. */
export function skipEscape(bytes: Uint8Array, from: number, end: number): number {
  const kind = bytes[from + 1];
  if (from + 1 >= end || kind === undefined) throw unusual;
  if (kind !== 0x75) {
    if (!shortEscapes.includes(kind)) throw unusual;
    return from + 2;
  }
  for (let at = from + 2; at < from + 6; at++) if (at >= end || !isHex(bytes[at]!)) throw unusual;
  return from + 6;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

export function skipLiteral(bytes: Uint8Array, from: number): number {
  for (const literal of literals) {
    let length = 0;
    while (length < literal.length && bytes[from + length] === literal[length]) length++;
    if (length === literal.length) return from + length;
  }
  throw unusual;
}

export function skipNumber(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  if (bytes[at] === 0x2d) at++;
  if (bytes[at] === 0x30) at++;
  else at = skipDigits(bytes, at, end);
  if (bytes[at] === 0x2e) at = skipDigits(bytes, at + 1, end);
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    at = skipDigits(bytes, at, end);
  }
  return at;
}

/** One at least. */
function skipDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(bytes[at]!)) at++;
  if (at === from) throw unusual;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
