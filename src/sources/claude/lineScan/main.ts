import { closeBrace, isSpace, lineEnd, newline, padding, quote } from './bytes';
import { answer, kindOfLine, other, unsure } from './kind';
import { cwd, epochMs, readAnswer } from './answer';
import { clear, entriesAt, entryCount, isFull, tellAnswer, tellHandedOver } from './told';

// Scans whole lines at the speed of memory. Compiled by AssemblyScript: the few functions that are exported here are
// called by `LineScanner` (../lineScanner.ts), which says what they are for.

/** It is the last thing in memory, so it can grow where it is. */
const buffer: usize = heap.alloc(padding);
/** Where the next line begins. */
let next: usize = 0;
/** Lines that were scanned and not told of, since nothing is in them. */
let quietLines: i32 = 0;
/** Whether the line that `lineEndBehind` went over holds the name of a count of usage. */
let isMarked: bool = false;

/** Makes room for so many bytes, and returns where it is; 0 if there is none. What is in it stays. */
export function reserve(bytes: usize): usize {
  const pages = <i32>((buffer + bytes + padding) >> 16) + 1 - memory.size();
  return pages > 0 && memory.grow(pages) < 0 ? 0 : buffer;
}

export function entries(): usize {
  return entriesAt();
}

export function nextLine(): usize {
  return next;
}

export function quiet(): i32 {
  return quietLines;
}

/**
 * Scans the lines from `from` on; one that does not end before `to` is left. Returns how many entries it made, at most
 * `most`. With `asksAll`, lines in which nothing seems to be are handed over as well.
 */
export function scanLines(from: usize, to: usize, most: i32, asksAll: bool): i32 {
  clear();
  quietLines = 0;
  next = from;
  store<u8>(to, newline);
  while (next < to && !isFull(most)) {
    const end = scanNext(to, asksAll);
    if (end >= to) break;
    next = end + 1;
  }
  return entryCount();
}

/** Reads the line between, whatever its kind; false if it is not as lines usually are. Entries stay as they are. */
export function scanLine(from: usize, to: usize): bool {
  store<u8>(to, newline);
  return readAnswer(from) == to;
}

// What that line says.

/** NaN if nothing. */
export function time(): f64 {
  return epochMs;
}

export function folder(): usize {
  return cwd.from;
}

/** 0 if there is none. */
export function folderBytes(): usize {
  return cwd.to - cwd.from;
}

/** Returns the line's end; nothing is told if that is at `to` or behind it. */
function scanNext(to: usize, asksAll: bool): usize {
  const from = next;
  const kind = kindOfLine(from);
  if (kind == answer) {
    const end = readAnswer(from);
    if (end >= to) return end;
    if (end != 0) {
      tellAnswer(from, end);
      return end;
    }
  }
  if (kind != other) {
    const end = lineEnd(from);
    if (end < to) tellHandedOver(from, end, kind, false);
    return end;
  }
  const end = markedLineEnd(from);
  if (end >= to) return end;
  if (asksAll || isMarked || !isClosed(end)) tellHandedOver(from, end, kind, isMarked);
  else quietLines++;
  return end;
}

/** The line's end; on its way it looks for `"output_tokens"`. */
function markedLineEnd(from: usize): usize {
  isMarked = false;
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const ends = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(newline)));
    let quotes = i8x16.bitmask(
      v128.and(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(v128.load(at, 1), i8x16.splat(0x6f))),
    );
    if (ends != 0) quotes &= (ends - 1) & ~ends;
    while (quotes != 0) {
      if (isMarker(at + ctz(quotes))) isMarked = true;
      quotes &= quotes - 1;
    }
    if (ends != 0) return at + ctz(ends);
    at += 16;
  }
}

function isMarker(at: usize): bool {
  // "output_ and _tokens": the first eight bytes, and the last eight.
  return load<u64>(at) == 0x5f74757074756f22 && load<u64>(at, 7) == 0x22736e656b6f745f;
}

/** Whether the line that ends there ends in a brace, as every line does that was written whole. */
function isClosed(end: usize): bool {
  let last = end - 1;
  while (isSpace(load<u8>(last))) last--;
  return load<u8>(last) == closeBrace;
}
