/** JSON's characters, as they stand in a line of UTF-8. */
export const quote: u8 = 0x22;
export const comma: u8 = 0x2c;
export const minus: u8 = 0x2d;
export const dot: u8 = 0x2e;
export const zero: u8 = 0x30;
export const colon: u8 = 0x3a;
export const openBracket: u8 = 0x5b;
export const backslash: u8 = 0x5c;
export const closeBracket: u8 = 0x5d;
export const openBrace: u8 = 0x7b;
export const closeBrace: u8 = 0x7d;
export const newline: u8 = 0x0a;

/** A vector may be loaded that begins at the last byte. */
export const padding: usize = 32;

// A line ends with a line end, also the last one of the bytes: none of the searches below looks for another end.

/** JSON's white space within a line. */
export function isSpace(byte: u8): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0d;
}

export function isDigit(byte: u8): bool {
  return byte - zero <= 9;
}

export function skipSpace(from: usize): usize {
  let at = from;
  while (isSpace(load<u8>(at))) at++;
  return at;
}

/** First quote, backslash or control character. */
export function stringStop(from: usize): usize {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const stops = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const found = i8x16.bitmask(stops);
    if (found != 0) return at + ctz(found);
    at += 16;
  }
}

/** Where a string that begins after its opening quote ends (at the closing one); 0 if it has escapes, or no end. */
export function plainStringEnd(from: usize): usize {
  const at = stringStop(from);
  return load<u8>(at) == quote ? at : 0;
}

export function lineEnd(from: usize): usize {
  let at = from;
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(newline)));
    if (found != 0) return at + ctz(found);
    at += 16;
  }
}

export function isSame(one: usize, other: usize, length: usize): bool {
  return memory.compare(one, other, length) == 0;
}
