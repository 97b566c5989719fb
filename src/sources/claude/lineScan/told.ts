import { isSame } from './bytes';
import * as answer from './answer';
import { Piece } from './answer';
import { longestName } from './reader';

// What was found, one entry after the other, as `LineScanner` (../lineScanner.ts) reads it.

const entryBytes: usize = 160;
const mostEntries = 512;
const entries: usize = heap.alloc(entryBytes * mostEntries);

export const handedOver: i32 = 0;
export const timed: i32 = 1;
export const billed: i32 = 2;

const flagSidechain: i32 = 1;
const flagFast: i32 = 2;
const flagUsOnly: i32 = 4;
const flagContent: i32 = 8;
const flagStopped: i32 = 16;
const flagLineHash: i32 = 32;

/** Instead of a text's length: it is absent, or the one that was told last at this place. */
const absent: i32 = -1;
const same: i32 = -2;

let count: i32 = 0;

/** The texts told last: neighbouring lines nearly always name the same session, folder or model. */
class Last {
  private readonly bytes: usize = heap.alloc(longestName);
  private length: usize = 0;

  /** Writes place and length of the text to `to`. */
  tell(piece: Piece, to: usize): void {
    store<u32>(to, <u32>piece.from);
    store<i32>(to, this.lengthToTell(piece), 4);
  }

  private lengthToTell(piece: Piece): i32 {
    const length = piece.to - piece.from;
    if (length == 0) return absent;
    if (length == this.length && isSame(piece.from, this.bytes, length)) return same;
    memory.copy(this.bytes, piece.from, length);
    this.length = length;
    return <i32>length;
  }
}

const lastId = new Last();
const lastRequest = new Last();
const lastModel = new Last();
const lastSession = new Last();
const lastCwd = new Last();
const lastBranch = new Last();

export function entriesAt(): usize {
  return entries;
}

export function entryCount(): i32 {
  return count;
}

export function clear(): void {
  count = 0;
}

export function isFull(most: i32): bool {
  return count >= min(most, mostEntries);
}

/** A line that is for others to read; `detail` is its kind, and whether it holds a name of usage. */
export function tellHandedOver(from: usize, to: usize, kind: i32, marked: bool): void {
  const entry = begin(handedOver, from, to);
  store<i32>(entry, kind, 76);
  store<i32>(entry, marked ? 1 : 0, 80);
}

/** What `readAnswer` has read. */
export function tellAnswer(from: usize, to: usize): void {
  const entry = begin(answer.hasUsage ? billed : timed, from, to);
  store<f64>(entry, answer.epochMs, 0);
  lastCwd.tell(answer.cwd, entry + 120);
  if (!answer.hasUsage) return;
  store<f64>(entry, answer.input, 8);
  store<f64>(entry, answer.output, 16);
  store<f64>(entry, answer.cacheRead, 24);
  store<f64>(entry, answer.cacheWrite, 32);
  store<f64>(entry, answer.cacheWrite5m, 40);
  store<f64>(entry, answer.cacheWrite1h, 48);
  store<f64>(entry, answer.webSearches, 56);
  store<i32>(entry, flags(), 76);
  store<i32>(entry, answer.contentCharacters, 80);
  store<u32>(entry, answer.lineHash, 84);
  lastId.tell(answer.id, entry + 88);
  lastRequest.tell(answer.request, entry + 96);
  lastModel.tell(answer.model, entry + 104);
  lastSession.tell(answer.session, entry + 112);
  lastBranch.tell(answer.branch, entry + 128);
  store<u32>(entry, <u32>answer.dollars.from, 136);
  store<i32>(entry, <i32>(answer.dollars.to - answer.dollars.from), 140);
}

function begin(what: i32, from: usize, to: usize): usize {
  const entry = entries + entryBytes * count++;
  store<i32>(entry, what, 64);
  store<u32>(entry, <u32>from, 68);
  store<u32>(entry, <u32>to, 72);
  return entry;
}

function flags(): i32 {
  return (
    (answer.isSidechain ? flagSidechain : 0) |
    (answer.isFast ? flagFast : 0) |
    (answer.isUsOnly ? flagUsOnly : 0) |
    (answer.hasContent ? flagContent : 0) |
    (answer.isStopped ? flagStopped : 0) |
    (answer.hasLineHash ? flagLineHash : 0)
  );
}
