import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../model/errors';
import type { EpochMs } from '../model/time';
import type { UsageRecord } from '../model/usageRecord';
import { nodeFileSystem, type JournalFileSystem } from './fileSystem';
import { decodeLine, parseSegmentFileName, type SegmentHeader } from './journalFormat';
import { mayBeAlive, type WindowIdentity } from './windowIdentity';

/** A segment as the folder shows it. */
export interface SegmentFile {
  readonly path: string;
  readonly windowId: string;
  readonly sequence: number;
  readonly bytes: number;
  readonly modifiedEpochMs: EpochMs;
  /** The same window has begun a later segment: nothing is added to this one any more. */
  readonly superseded: boolean;
}

export interface BadLine {
  readonly path: string;
  /** Of the line's first byte. */
  readonly offset: number;
  readonly reason: string;
}

export interface SegmentContent {
  /** null: torn or damaged, or reading began after it. */
  readonly header: SegmentHeader | null;
  readonly records: readonly UsageRecord[];
  readonly badLines: readonly BadLine[];
  /**
   * Nothing will be added any more: it has its trailer, or is superseded, or its window is dead. A closed segment is
   * deleted once all its records have been read back from the ledger's files; an open one never.
   */
  readonly closed: boolean;
  /** Where to go on reading an open segment: after its last whole line. */
  readonly endOffset: number;
}

/**
 * All segments in a journal folder, by window and sequence. No folder: none.
 * @throws the system's error if the folder cannot be read.
 */
export async function listSegments(
  folder: string,
  fileSystem: JournalFileSystem = nodeFileSystem,
): Promise<SegmentFile[]> {
  let names: string[];
  try {
    names = await fileSystem.list(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const found: Omit<SegmentFile, 'superseded'>[] = [];
  const latest = new Map<string, number>();
  for (const name of names) {
    const parsed = parseSegmentFileName(name);
    if (parsed === null) continue;
    const path = join(folder, name);
    const status = await fileSystem.status(path);
    // A folder or link of that name is no segment; a file that has just been deleted is none any more.
    if (status?.isFile !== true) continue;
    found.push({ path, ...parsed, bytes: status.bytes, modifiedEpochMs: status.modifiedEpochMs });
    latest.set(parsed.windowId, Math.max(parsed.sequence, latest.get(parsed.windowId) ?? 0));
  }
  found.sort((a, b) =>
    a.windowId === b.windowId ? a.sequence - b.sequence : a.windowId < b.windowId ? -1 : 1,
  );
  return found.map((file) => ({ ...file, superseded: file.sequence < latest.get(file.windowId)! }));
}

const lineFeed = 10;

/**
 * Reads a segment from `fromOffset` (0, or an earlier `endOffset`). A torn last line waits while the segment is open
 * and counts as bad once it is closed; any other bad line is counted and skipped.
 * @throws the system's error; ENOENT when another process has folded and deleted the segment meanwhile.
 */
export async function readSegment(
  file: Pick<SegmentFile, 'path' | 'windowId' | 'superseded' | 'modifiedEpochMs'>,
  fromOffset = 0,
  isAlive: typeof mayBeAlive = mayBeAlive,
): Promise<SegmentContent> {
  const parser = new SegmentParser(file.path, fromOffset);
  let bytes = await readFile(file.path);
  parser.parse(bytes);
  let closed = parser.trailer || file.superseded;
  if (
    !closed &&
    !isAlive(parser.header ?? headerAt(bytes) ?? nameOnly(file.windowId), file.modifiedEpochMs)
  ) {
    // It may have died after the reading above: only what is read after its death is surely all.
    bytes = await readFile(file.path);
    parser.parse(bytes);
    closed = true;
  }
  if (closed && parser.offset < bytes.length) parser.bad(parser.offset, 'torn');
  const { header, records, badLines, offset } = parser;
  return { header, records, badLines, closed, endOffset: offset };
}

class SegmentParser {
  readonly records: UsageRecord[] = [];
  readonly badLines: BadLine[] = [];
  header: SegmentHeader | null = null;
  trailer = false;
  offset: number;
  readonly #path: string;

  constructor(path: string, offset: number) {
    this.#path = path;
    this.offset = offset;
  }

  /** Takes the whole lines from `offset` on. */
  parse(bytes: Buffer): void {
    for (let end; (end = bytes.indexOf(lineFeed, this.offset)) !== -1; this.offset = end + 1) {
      if (end === this.offset) continue;
      const line = decodeLine(bytes.toString('utf8', this.offset, end));
      if (line.kind === 'record') this.records.push(line.record);
      else if (line.kind === 'header') this.header = line.header;
      else if (line.kind === 'trailer') this.trailer = true;
      else this.bad(this.offset, line.reason);
    }
  }

  bad(offset: number, reason: string): void {
    this.badLines.push({ path: this.#path, offset, reason });
  }
}

function headerAt(bytes: Buffer): SegmentHeader | null {
  const end = bytes.indexOf(lineFeed);
  if (end === -1) return null;
  const line = decodeLine(bytes.toString('utf8', 0, end));
  return line.kind === 'header' ? line.header : null;
}

/** All that is known of a window whose header was torn: taken for one of this machine. */
function nameOnly(windowId: string): WindowIdentity {
  const [pid, began] = windowId.split('-').map(Number);
  return {
    windowId,
    pid: pid ?? 0,
    beganEpochMs: began ?? 0,
    processStart: '',
    hostName: hostname(),
  };
}
