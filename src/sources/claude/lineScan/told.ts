import { isSame } from './bytes';
import * as answer from './answer';
import { Piece } from './answer';
import {
  absent,
  billed,
  branchAt,
  cacheReadAt,
  cacheWrite1hAt,
  cacheWrite5mAt,
  cacheWriteAt,
  charactersAt,
  cwdAt,
  dollarsAt,
  entryBytes,
  epochMsAt,
  flagContent,
  flagFast,
  flagLineHash,
  flagSidechain,
  flagsAt,
  flagStopped,
  flagUsOnly,
  fromAt,
  handedOver,
  idAt,
  inputAt,
  kindAt,
  lineHashAt,
  markedAt,
  modelAt,
  outputAt,
  requestAt,
  same,
  sessionAt,
  timed,
  toAt,
  webSearchesAt,
  whatAt,
} from './entry';
import { longestName } from './reader';

// What was found, one entry after the other, as `LineScanner` (../lineScanner.ts) reads it.

const mostEntries = 512;
const entries: usize = heap.alloc(entryBytes * mostEntries);

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
  store<i32>(entry, kind, kindAt);
  store<i32>(entry, marked ? 1 : 0, markedAt);
}

/** What `readAnswer` has read. */
export function tellAnswer(from: usize, to: usize): void {
  const entry = begin(answer.hasUsage ? billed : timed, from, to);
  store<f64>(entry, answer.epochMs, epochMsAt);
  lastCwd.tell(answer.cwd, entry + cwdAt);
  if (!answer.hasUsage) return;
  store<f64>(entry, answer.input, inputAt);
  store<f64>(entry, answer.output, outputAt);
  store<f64>(entry, answer.cacheRead, cacheReadAt);
  store<f64>(entry, answer.cacheWrite, cacheWriteAt);
  store<f64>(entry, answer.cacheWrite5m, cacheWrite5mAt);
  store<f64>(entry, answer.cacheWrite1h, cacheWrite1hAt);
  store<f64>(entry, answer.webSearches, webSearchesAt);
  store<i32>(entry, flags(), flagsAt);
  store<i32>(entry, answer.contentCharacters, charactersAt);
  store<u32>(entry, answer.lineHash, lineHashAt);
  lastId.tell(answer.id, entry + idAt);
  lastRequest.tell(answer.request, entry + requestAt);
  lastModel.tell(answer.model, entry + modelAt);
  lastSession.tell(answer.session, entry + sessionAt);
  lastBranch.tell(answer.branch, entry + branchAt);
  store<u32>(entry, <u32>answer.dollars.from, dollarsAt);
  store<i32>(entry, <i32>(answer.dollars.to - answer.dollars.from), dollarsAt + 4);
}

function begin(what: i32, from: usize, to: usize): usize {
  const entry = entries + entryBytes * count++;
  store<i32>(entry, what, whatAt);
  store<u32>(entry, <u32>from, fromAt);
  store<u32>(entry, <u32>to, toAt);
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
