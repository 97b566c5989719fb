import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevel } from '../../src/model/logRecord';
import type { PricedRecord, UsageRecord } from '../../src/model/usageRecord';
import { checkEntry } from '../../src/sources/recorded/checkEntry';
import { completeEntry, withPrice } from '../../src/sources/recorded/completeEntry';
import type { UsageEntry } from '../../src/api';
import type { JournalFileSystem } from '../../src/writer/fileSystem';
import { nodeFileSystem } from '../../src/writer/fileSystem';
import { journalFoldersIn, type JournalFolders } from '../../src/writer/journalPlaces';
import { listSegments, readSegment, type BadLine } from '../../src/writer/journalReader';
import { UsageWriter, type UsageWriterOptions } from '../../src/writer/usageWriter';
import { newWindowIdentity, type WindowIdentity } from '../../src/writer/windowIdentity';

/** A folder of its own, removed when the test file is done. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'usage-ledger-writer-'));
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

let ids = 0;

/** Completes as the extension does, at a price of 1,000 nano-dollars a token. */
export function acceptFor(window: WindowIdentity): (entry: UsageEntry) => PricedRecord {
  return (entry) => {
    const record = completeEntry(checkEntry(entry), {
      clock: Date.now,
      newId: () => `${window.windowId}:${ids++}`,
      project: '/work/project',
      branch: 'main',
      user: 'ada',
      host: 'machine',
      source: 'test',
      windowId: window.windowId,
      windowBeganEpochMs: window.beganEpochMs,
    });
    return priced(record);
  };
}

export function priced(record: UsageRecord): PricedRecord {
  const { tokens } = record;
  return withPrice(record, {
    cost: record.reportedCost ?? (tokens.input + tokens.output) * 1_000,
    assumed: false,
    missingOutputTokens: 0,
    missingCost: 0,
    cacheReadSaved: 0,
    cacheWriteExtra: 0,
  });
}

export function entry(id?: string, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    model: 'claude-sonnet-4-5',
    inputTokens: 100,
    outputTokens: 10,
    ...(id === undefined ? {} : { id }),
    ...more,
  };
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

export interface Harness {
  readonly writer: UsageWriter<UsageEntry>;
  readonly folders: JournalFolders;
  readonly window: WindowIdentity;
  readonly log: LogLine[];
  readonly emergencies: string[];
}

/** A writer on real files below `folder`, its emergency folder included. */
export function startWriter(folder: string, options: Partial<UsageWriterOptions<UsageEntry>> = {}): Harness {
  const window = newWindowIdentity(Date.now());
  const folders = journalFoldersIn(folder, folder);
  const log: LogLine[] = [];
  const emergencies: string[] = [];
  const writer = new UsageWriter<UsageEntry>({
    window,
    folders,
    accept: acceptFor(window),
    log: (level, message) => log.push({ level, message }),
    onEmergency: (file) => emergencies.push(file),
    ...options,
    settings: { retryDelaysMs: [1, 2, 4], ...options.settings },
    // No overtaking, so that faults strike where a test means them to.
    timing: {
      overtakeMs: 1e6,
      stallMs: 500,
      firstPauseMs: 20,
      longestPauseMs: 50,
      sweepDelayMs: 100,
      ...options.timing,
    },
  });
  return { writer, folders, window, log, emergencies };
}

export interface JournalContent {
  readonly records: UsageRecord[];
  readonly keys: string[];
  readonly badLines: BadLine[];
  readonly segments: number;
  readonly closed: number;
}

/** All that lies in a journal folder. */
export async function readJournal(folder: string): Promise<JournalContent> {
  const records: UsageRecord[] = [];
  const badLines: BadLine[] = [];
  let closed = 0;
  const segments = await listSegments(folder);
  for (const segment of segments) {
    const content = await readSegment(segment);
    records.push(...content.records);
    badLines.push(...content.badLines);
    if (content.closed) closed++;
  }
  const keys = records.map(({ key }) => key.replace(/^api:/, '')).sort();
  return { records, keys, badLines, segments: segments.length, closed };
}

export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code });
}

/** What a step of the real file system does instead: fails with a code, or is 'short', 'slow' or 'hang'ing. */
export type Fault = (step: string, path: string) => string | null;

/**
 * The real file system with faults injected. Steps are named after the methods, without `Sync`; steps on descriptors
 * are told the path that was opened.
 */
export function faultyFileSystem(fault: Fault): JournalFileSystem {
  const paths = new Map<number, string>();
  const check = (step: string, path: string) => {
    const code = fault(step, path);
    if (code?.startsWith('E') === true) throw systemError(code);
    return code;
  };
  const hang = () => new Promise<never>(() => undefined);
  const real = nodeFileSystem;
  return {
    ...real,
    async makeFolder(path) {
      check('makeFolder', path);
      await real.makeFolder(path);
    },
    makeFolderSync(path) {
      check('makeFolder', path);
      real.makeFolderSync(path);
    },
    async create(path) {
      check('create', path);
      const descriptor = await real.create(path);
      paths.set(descriptor, path);
      return descriptor;
    },
    createSync(path) {
      check('create', path);
      const descriptor = real.createSync(path);
      paths.set(descriptor, path);
      return descriptor;
    },
    async write(descriptor, bytes) {
      const effect = check('write', paths.get(descriptor)!);
      if (effect === 'hang') return hang();
      if (effect === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
      return real.write(descriptor, effect === 'short' ? bytes.subarray(0, bytes.length >> 1) : bytes);
    },
    writeSync(descriptor, bytes) {
      const effect = check('write', paths.get(descriptor)!);
      // What hangs is the pool of threads, not the disk.
      return real.writeSync(descriptor, effect === 'short' ? bytes.subarray(0, bytes.length >> 1) : bytes);
    },
    async syncData(descriptor) {
      check('sync', paths.get(descriptor)!);
      await real.syncData(descriptor);
    },
    syncDataSync(descriptor) {
      check('sync', paths.get(descriptor)!);
      real.syncDataSync(descriptor);
    },
    async truncate(descriptor, bytes) {
      check('truncate', paths.get(descriptor)!);
      await real.truncate(descriptor, bytes);
    },
    truncateSync(descriptor, bytes) {
      check('truncate', paths.get(descriptor)!);
      real.truncateSync(descriptor, bytes);
    },
    async rename(from, to) {
      check('rename', from);
      await real.rename(from, to);
    },
    async copy(from, to) {
      check('copy', from);
      await real.copy(from, to);
    },
  };
}
