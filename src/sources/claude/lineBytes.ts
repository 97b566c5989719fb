/** JSON's characters, as they stand in a line of UTF-8. */
export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const backslash = 0x5c;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

/** JSON's white space within a line: no line end. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

/** Where a string that begins after its opening quote ends (at the closing one); −1 if it has escapes, or no end. */
export function plainStringEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) return at;
    if (byte === backslash || byte < 0x20) return -1;
  }
  return -1;
}

export function bytesEqual(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}

/** A few names of members, to be recognized in the bytes of a line. */
export class NameTable {
  readonly #byLength: { readonly bytes: Uint8Array; readonly index: number }[][] = [];

  constructor(names: readonly string[]) {
    for (const [index, name] of names.entries())
      (this.#byLength[name.length] ??= []).push({ bytes: Buffer.from(name), index });
  }

  /** Index of the name that stands there; −1 if it is none of these. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const candidates = this.#byLength[to - from];
    if (candidates !== undefined)
      for (const { bytes: name, index } of candidates) if (bytesEqual(bytes, from, name)) return index;
    return -1;
  }
}
