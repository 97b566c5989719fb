import {
  backslash,
  colon,
  comma,
  NameTable,
  openBrace,
  openBracket,
  plainStringEnd,
  quote,
  skipSpace,
} from './lineBytes';

/**
 * What a line can be, going by its first members:
 * - `message`: a message comes before any type, as answers are mostly written;
 * - `other`: of a type that carries neither usage nor a total;
 * - `unsure`: they do not tell, so the line has to be searched.
 */
export type LineKind = 'assistant' | 'message' | 'progress' | 'cost-state' | 'other' | 'unsure';

const kinds: readonly LineKind[] = ['assistant', 'progress', 'cost-state'];
const types = new NameTable(kinds);
const names = new NameTable(['type', 'message']);
/** Claude Code writes about a dozen before a line's type or message. */
const mostMembers = 20;

/** Tells the kind of a line without reading it to its end. It need not be JSON. */
export function lineKind(bytes: Uint8Array, start: number, end: number): LineKind {
  let at = skipSpace(bytes, start, end);
  if (bytes[at] !== openBrace) return 'unsure';
  for (let members = 0; members < mostMembers; members++) {
    const name = skipSpace(bytes, at + 1, end) + 1;
    if (bytes[name - 1] !== quote) return 'unsure';
    const nameEnd = plainStringEnd(bytes, name, end);
    if (nameEnd < 0) return 'unsure';
    at = skipSpace(bytes, nameEnd + 1, end);
    if (bytes[at] !== colon) return 'unsure';
    at = skipSpace(bytes, at + 1, end);
    const first = bytes[at];
    const known = names.find(bytes, name, nameEnd);
    if (known === 0) return first === quote ? kindOfType(bytes, at + 1, end) : 'unsure';
    if (first === quote) at = stringEnd(bytes, at + 1, end) + 1;
    else if (first === openBrace) return known === 1 ? 'message' : 'unsure';
    else if (first === openBracket) return 'unsure';
    // A number, true, false or null.
    else while (at < end && bytes[at] !== comma) at++;
    at = skipSpace(bytes, at, end);
    if (at >= end || bytes[at] !== comma) return 'unsure';
  }
  return 'unsure';
}

function kindOfType(bytes: Uint8Array, from: number, end: number): LineKind {
  const to = plainStringEnd(bytes, from, end);
  return to < 0 ? 'unsure' : (kinds[types.find(bytes, from, to)] ?? 'other');
}

function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
