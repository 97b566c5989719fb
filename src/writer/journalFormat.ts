import type { UsageRecord } from '../model/usageRecord';
import type { WindowIdentity } from './windowIdentity';

/**
 * A journal is a run of segments, `<windowId>.<sequence>.jsonl`. Each is written by one window only, once, from the
 * front: a header line, a line a record, and a trailer when it was closed in order. A record's line holds all that
 * the ledger needs, without a price: the engine prices it as it prices everything.
 */
export interface SegmentHeader extends WindowIdentity {
  readonly journal: 1;
  readonly sequence: number;
}

export interface SegmentName {
  readonly windowId: string;
  readonly sequence: number;
}

export type JournalLine =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'record'; readonly record: UsageRecord }
  | { readonly kind: 'trailer'; readonly records: number }
  | { readonly kind: 'bad'; readonly reason: string };

export const segmentSuffix = '.jsonl';

export function segmentFileName(windowId: string, sequence: number): string {
  return `${windowId}.${String(sequence).padStart(6, '0')}${segmentSuffix}`;
}

const segmentPattern = /^(\d+-\d+-[0-9a-f]+)\.(\d{6,})\.jsonl$/;

/** null: not a segment's name. */
export function parseSegmentFileName(name: string): SegmentName | null {
  const match = segmentPattern.exec(name);
  return match ? { windowId: match[1]!, sequence: Number(match[2]) } : null;
}

export function encodeHeader(window: WindowIdentity, sequence: number): string {
  const header: SegmentHeader = { journal: 1, sequence, ...window };
  return `${JSON.stringify(header)}\n`;
}

export function encodeTrailer(records: number): string {
  return `${JSON.stringify({ closed: true, records })}\n`;
}

/** Encodes records. What is the same in most records of a model, all but key, time and figures, is encoded once. */
export class RecordEncoder {
  readonly #tails = new Map<string, { readonly of: UsageRecord; readonly text: string }>();
  #scratch = Buffer.allocUnsafeSlow(64 << 10);

  /** All lines of a batch. (Line by line into one buffer: four times as fast as one long string.) */
  encodeAll(records: readonly UsageRecord[]): Buffer {
    let bytes = 0;
    for (const record of records) {
      const line = this.encode(record);
      // A UTF-16 unit takes three bytes at most.
      if (bytes + line.length * 3 > this.#scratch.length) this.#grow(bytes + line.length * 3);
      bytes += this.#scratch.write(line, bytes);
    }
    return Buffer.from(this.#scratch.subarray(0, bytes));
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(atLeast, this.#scratch.length * 2));
    this.#scratch.copy(larger);
    this.#scratch = larger;
  }

  /** One line, with its line feed. */
  encode(record: UsageRecord): string {
    const { tokens } = record;
    return (
      `{"key":${JSON.stringify(record.key)},"epochMs":${record.epochMs},"tokens":[${tokens.input},${tokens.output},` +
      `${tokens.cacheRead},${tokens.cacheWrite5m},${tokens.cacheWrite1h},${tokens.webSearches}],` +
      `"reportedCost":${record.reportedCost},"contentCharacters":${record.contentCharacters},${this.#tail(record)}`
    );
  }

  #tail(record: UsageRecord): string {
    const known = this.#tails.get(record.model);
    if (known !== undefined && hasSameTail(known.of, record)) return known.text;
    const { model, provider, project, branch, source, user, host, origin } = record;
    const { requestId, sidechain, fast, usOnly, unfinished } = record;
    const fields = JSON.stringify({
      model,
      provider,
      project,
      branch,
      source,
      user,
      host,
      requestId,
      sidechain,
      fast,
      usOnly,
      unfinished,
      origin: [origin.path, origin.beganEpochMs, origin.session],
    });
    const text = `${fields.slice(1)}\n`;
    if (this.#tails.size >= 256) this.#tails.clear();
    this.#tails.set(model, { of: record, text });
    return text;
  }
}

function hasSameTail(a: UsageRecord, b: UsageRecord): boolean {
  return (
    a.provider === b.provider &&
    a.project === b.project &&
    a.branch === b.branch &&
    a.source === b.source &&
    a.user === b.user &&
    a.host === b.host &&
    a.requestId === b.requestId &&
    a.sidechain === b.sidechain &&
    a.fast === b.fast &&
    a.usOnly === b.usOnly &&
    a.unfinished === b.unfinished &&
    a.origin.path === b.origin.path &&
    a.origin.beganEpochMs === b.origin.beganEpochMs &&
    a.origin.session === b.origin.session
  );
}

type Json = Readonly<Record<string, unknown>>;

class WrongField extends Error {}

function stringOf(from: Json, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new WrongField(`${name} is not a string`);
  return value;
}

function booleanOf(from: Json, name: string): boolean {
  const value = from[name];
  if (typeof value !== 'boolean') throw new WrongField(`${name} is not a boolean`);
  return value;
}

function countOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new WrongField(`${name} is not a count`);
  }
  return value;
}

function listOf(from: Json, name: string, length: number): readonly unknown[] {
  const value = from[name];
  if (!Array.isArray(value) || value.length !== length) throw new WrongField(`${name} is not a list`);
  return value as readonly unknown[];
}

function recordOf(json: Json): UsageRecord {
  const [input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearches] = listOf(json, 'tokens', 6);
  const [path, beganEpochMs, session] = listOf(json, 'origin', 3);
  if (typeof path !== 'string' || typeof session !== 'string') throw new WrongField('origin is not one');
  const key = stringOf(json, 'key');
  if (key === '') throw new WrongField('key is empty');
  return {
    key,
    requestId: stringOf(json, 'requestId'),
    sidechain: booleanOf(json, 'sidechain'),
    epochMs: countOf(json['epochMs'], 'epochMs'),
    tokens: {
      input: countOf(input, 'tokens.input'),
      output: countOf(output, 'tokens.output'),
      cacheRead: countOf(cacheRead, 'tokens.cacheRead'),
      cacheWrite5m: countOf(cacheWrite5m, 'tokens.cacheWrite5m'),
      cacheWrite1h: countOf(cacheWrite1h, 'tokens.cacheWrite1h'),
      webSearches: countOf(webSearches, 'tokens.webSearches'),
    },
    model: stringOf(json, 'model'),
    provider: stringOf(json, 'provider'),
    project: stringOf(json, 'project'),
    branch: stringOf(json, 'branch'),
    source: stringOf(json, 'source'),
    user: stringOf(json, 'user'),
    host: stringOf(json, 'host'),
    fast: booleanOf(json, 'fast'),
    usOnly: booleanOf(json, 'usOnly'),
    reportedCost: json['reportedCost'] === null ? null : countOf(json['reportedCost'], 'reportedCost'),
    unfinished: booleanOf(json, 'unfinished'),
    contentCharacters: countOf(json['contentCharacters'], 'contentCharacters'),
    origin: { path, beganEpochMs: countOf(beganEpochMs, 'origin.beganEpochMs'), session },
  };
}

function headerOf(json: Json): SegmentHeader {
  if (json['journal'] !== 1) throw new WrongField('journal is of a format not known here');
  return {
    journal: 1,
    sequence: countOf(json['sequence'], 'sequence'),
    windowId: stringOf(json, 'windowId'),
    pid: countOf(json['pid'], 'pid'),
    beganEpochMs: countOf(json['beganEpochMs'], 'beganEpochMs'),
    processStart: stringOf(json, 'processStart'),
    hostName: stringOf(json, 'hostName'),
  };
}

/** Never throws; a line that is not what it should be is `bad`, with a reason that quotes nothing of it. */
export function decodeLine(text: string): JournalLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'bad', reason: 'not JSON' };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { kind: 'bad', reason: 'not an object' };
  }
  const fields = json as Json;
  try {
    if ('journal' in fields) return { kind: 'header', header: headerOf(fields) };
    if (fields['closed'] === true) return { kind: 'trailer', records: countOf(fields['records'], 'records') };
    return { kind: 'record', record: recordOf(fields) };
  } catch (error) {
    if (error instanceof WrongField) return { kind: 'bad', reason: error.message };
    throw error;
  }
}
