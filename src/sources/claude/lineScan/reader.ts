import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  dot,
  isDigit,
  openBrace,
  openBracket,
  plainStringEnd,
  quote,
  skipSpace,
  zero,
} from './bytes';
import { skipLiteral, skipValue } from './json';
import { NameTable } from './names';

// Reads a line's JSON member by member, straight from its bytes. Every function leaves `at` behind what it has read;
// where it does not find the plain thing that it is asked for, `failed` is set, and whatever it returns means nothing.

/** What `member` returns at the end of an object; names that are not looked for are −1. */
export const ended: i32 = -2;
/** A longer name is left to `JSON.parse`. */
export const longestName: usize = 4096;
/** More than any model call can use: a number above it is damage, not usage. */
const mostTokens: u64 = 1_000_000_000_000;

export let at: usize = 0;
export let failed: bool = false;
/** Of the name that was read last; equal if it is absent or empty. */
export let nameFrom: usize = 0;
export let nameTo: usize = 0;
/** The members of this object that came already: JSON lets the last of two with one name win. */
let seen: i32 = 0;

export function begin(from: usize): void {
  at = from;
  failed = false;
}

export function fail(): void {
  failed = true;
}

export function moveTo(place: usize): void {
  if (place == 0) failed = true;
  else at = place;
}

/** First byte of what comes next, which is no space. */
export function peek(): u8 {
  return load<u8>(at);
}

/** Goes into an object, and returns what `leave` wants back. */
export function enter(): i32 {
  at = skipSpace(at);
  if (peek() != openBrace) failed = true;
  at++;
  const outer = seen;
  seen = -1;
  return outer;
}

export function leave(outer: i32): void {
  seen = outer;
}

/** Goes on to the value of the object's next member and tells which one it is. */
export function member(table: NameTable): i32 {
  if (failed) return ended;
  at = skipSpace(at);
  if (peek() == closeBrace) {
    at++;
    return ended;
  }
  if (seen == -1) seen = 0;
  else if (peek() == comma) at = skipSpace(at + 1);
  else return noMember();
  if (peek() != quote) return noMember();
  const nameEnd = plainStringEnd(at + 1);
  if (nameEnd == 0) return noMember();
  const name = table.find(at + 1, nameEnd);
  at = skipSpace(nameEnd + 1);
  if (peek() != colon) return noMember();
  at = skipSpace(at + 1);
  if (name < 0) return name;
  if ((seen & (1 << name)) != 0) return noMember();
  seen |= 1 << name;
  return name;
}

function noMember(): i32 {
  failed = true;
  return ended;
}

/** Goes into a list; false if it is empty, and then behind it. */
export function openList(): bool {
  if (peek() != openBracket) failed = true;
  at = skipSpace(at + 1);
  if (peek() != closeBracket) return !failed;
  at++;
  return false;
}

/** After an element of a list: true if another follows. */
export function goesOn(): bool {
  if (failed) return false;
  at = skipSpace(at);
  const byte = peek();
  if (byte != comma && byte != closeBracket) failed = true;
  at = byte == comma ? skipSpace(at + 1) : at + 1;
  return byte == comma;
}

export function skip(): void {
  moveTo(skipValue(at));
}

/** True for a text or a list that is not empty. */
export function skipContent(): bool {
  const from = at;
  const first = peek();
  skip();
  if (first == quote) return at - from > 2;
  return first == openBracket && skipSpace(from + 1) < at - 1;
}

/** Skips it if it is. */
export function isNull(): bool {
  if (peek() != 0x6e) return false;
  moveTo(skipLiteral(at));
  return true;
}

/** A name without escapes, or null. */
export function readName(): void {
  readLabel();
  if (nameFrom != 0 && nameFrom == nameTo) failed = true;
}

/** The same, where an empty name is as good as none. */
export function readLabel(): void {
  nameFrom = nameTo = 0;
  if (isNull()) return;
  const to = peek() == quote ? plainStringEnd(at + 1) : 0;
  if (to == 0 || to - at > longestName) {
    failed = true;
    return;
  }
  nameFrom = at + 1;
  nameTo = to;
  at = to + 1;
}

export function readFlag(): bool {
  const first = peek();
  if (first != 0x74 && first != 0x66 && first != 0x6e) failed = true;
  else skip();
  return first == 0x74;
}

/** A count of tokens or calls; 0 for null. */
export function readCount(): f64 {
  if (isNull()) return 0;
  const from = at;
  let value: u64 = 0;
  while (isDigit(peek()) && value <= mostTokens) value = value * 10 + (load<u8>(at++) - zero);
  const length = at - from;
  const next = peek();
  // A sign, a fraction, an exponent or a leading zero: it is no plain count, or no JSON.
  if (length == 0 || (length > 1 && load<u8>(from) == zero) || value > mostTokens) failed = true;
  if (next == dot || (next | 0x20) == 0x65) failed = true;
  return <f64>value;
}
