import { dot, isDigit } from './bytes';
import { fail, nameFrom, nameTo, readLabel } from './reader';

// Of the name that was read last.

export function wordIs(word: string): bool {
  if (nameTo - nameFrom != word.length) return false;
  for (let index = 0; index < word.length; index++)
    if (load<u8>(nameFrom + index) != word.charCodeAt(index)) return false;
  return true;
}

/** Begins with three numbers. */
export function isVersion(): bool {
  let at = nameFrom;
  for (let part = 0; part < 2; part++) {
    const from = at;
    while (isDigit(load<u8>(at))) at++;
    if (at == from || load<u8>(at++) != dot) return false;
  }
  return isDigit(load<u8>(at));
}

/** FNV-1a, 32 bits, of a name that only tells one line from another: `hashText` in parseState.ts. */
export function readHash(): u32 {
  readLabel();
  let hash: u32 = 0x811c9dc5;
  for (let at = nameFrom; at < nameTo; at++) {
    const byte = load<u8>(at);
    if (byte > 0x7f) fail();
    hash = (hash ^ byte) * 0x01000193;
  }
  return hash;
}
