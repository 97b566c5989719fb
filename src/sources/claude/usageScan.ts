import type { EpochMs } from '../../model/time';
import { NameTable, openBrace, quote } from './lineBytes';
import { ended, LineReader } from './lineReader';
import { NameCache } from './nameCache';
import { unusual } from './skipValue';
import { type Billed, mayBePlaceholder } from './usageLine';

const lineNames = [
  'message',
  'type',
  'timestamp',
  'sessionId',
  'requestId',
  'cwd',
  'gitBranch',
  'version',
  'isSidechain',
  'costUSD',
  'uuid',
] as const;
const messageNames = ['usage', 'content', 'model', 'id', 'stop_reason'] as const;
const blockNames = ['text', 'thinking', 'input'] as const;
const usageNames = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'server_tool_use',
  'speed',
  'inference_geo',
  'iterations',
] as const;
const splitNames = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'] as const;
const toolNames = ['web_search_requests'] as const;
const iterationNames = ['type'] as const;

const lineTable = new NameTable(lineNames);
const messageTable = new NameTable(messageNames);
const blockTable = new NameTable(blockNames);
const usageTable = new NameTable(usageNames);
const splitTable = new NameTable(splitNames);
const toolTable = new NameTable(toolNames);
const iterationTable = new NameTable(iterationNames);

/**
 * Reads an assistant's line straight from its bytes: many times as fast as `JSON.parse`, and without making objects of
 * what nobody wants. It takes what Claude Code writes day by day, and gives up on anything else (escapes in names, a
 * member that comes twice, numbers that are no counts, broken JSON), for the caller to read it the slow way.
 */
export class UsageScan {
  /** Whether the line that was scanned last holds a billed response; then `billed` tells what it says. */
  found = false;
  /** Of the line that was scanned last; null if it has none. */
  epochMs: EpochMs | null = null;
  cwd: string | null = null;
  readonly billed: Billed = {
    id: null,
    requestId: null,
    model: '',
    fast: false,
    usOnly: false,
    epochMs: 0,
    session: null,
    cwd: null,
    branch: null,
    sidechain: false,
    reportedDollars: null,
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    webSearches: 0,
    line: null,
    characters: 0,
    hasContent: false,
    stopped: false,
  };

  readonly #reader = new LineReader();
  #version: string | null = null;
  #goodVersion: string | null = null;
  readonly #ids = new NameCache();
  readonly #requests = new NameCache();
  readonly #models = new NameCache();
  readonly #sessions = new NameCache();
  readonly #folders = new NameCache();
  readonly #branches = new NameCache();
  readonly #versions = new NameCache();
  readonly #types = new NameCache();
  readonly #words = new NameCache();

  /** False: this line has to be read the slow way; it may be no JSON at all. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.found = false;
    try {
      this.#reader.begin(bytes, start, end);
      this.#line();
      return true;
    } catch (error) {
      if (error !== unusual) throw error;
      return false;
    }
  }

  #line(): void {
    const { billed } = this;
    const reader = this.#reader;
    billed.requestId = billed.session = billed.branch = null;
    billed.reportedDollars = billed.line = null;
    billed.sidechain = false;
    this.epochMs = this.cwd = this.#version = null;
    let type: string | null = null;
    let hasUsage = false;
    let seen = 0;
    reader.open();
    for (let name = reader.member(lineTable, true); name !== ended; name = reader.member(lineTable, false)) {
      seen = once(seen, name);
      switch (lineNames[name]) {
        case 'message':
          if (reader.peek() !== openBrace) throw unusual;
          hasUsage = this.#message();
          break;
        case 'type':
          type = reader.text(this.#types);
          break;
        case 'timestamp':
          this.epochMs = reader.time();
          break;
        case 'sessionId':
          billed.session = reader.text(this.#sessions);
          break;
        case 'requestId':
          billed.requestId = reader.text(this.#requests);
          break;
        case 'cwd':
          this.cwd = reader.label(this.#folders);
          break;
        case 'gitBranch':
          billed.branch = reader.label(this.#branches);
          break;
        case 'version':
          this.#version = reader.text(this.#versions);
          break;
        case 'isSidechain':
          billed.sidechain = reader.flag();
          break;
        case 'costUSD':
          billed.reportedDollars = reader.dollars();
          break;
        case 'uuid':
          billed.line = reader.hash();
          break;
        case undefined:
          reader.skip();
      }
    }
    reader.end();
    if (type === null) throw unusual;
    if (type !== 'assistant' || !hasUsage) return;
    this.#check();
    billed.epochMs = this.epochMs;
    billed.cwd = this.cwd;
    this.found = true;
  }

  /** What makes a response a bad line is for the slow way to say. */
  #check(): asserts this is { epochMs: EpochMs } {
    const { model } = this.billed;
    if (this.epochMs === null || model === '' || model === '<synthetic>') throw unusual;
    if (this.#version === null || this.#version === this.#goodVersion) return;
    if (!/^\d+\.\d+\.\d/.test(this.#version)) throw unusual;
    this.#goodVersion = this.#version;
  }

  /** Returns whether it has usage. */
  #message(): boolean {
    const { billed } = this;
    const reader = this.#reader;
    billed.id = null;
    billed.model = '';
    billed.characters = 0;
    billed.hasContent = billed.stopped = false;
    let hasUsage = false;
    let content = -1;
    let seen = 0;
    reader.open();
    for (
      let name = reader.member(messageTable, true);
      name !== ended;
      name = reader.member(messageTable, false)
    ) {
      seen = once(seen, name);
      switch (messageNames[name]) {
        case 'usage':
          hasUsage = !reader.isNull();
          if (hasUsage) this.#usage();
          break;
        case 'content':
          content = reader.at;
          billed.hasContent = reader.skipContent();
          break;
        case 'model':
          billed.model = reader.text(this.#models) ?? '';
          break;
        case 'id':
          billed.id = reader.text(this.#ids);
          break;
        case 'stop_reason':
          if (!reader.isNull()) {
            billed.stopped = true;
            reader.skip();
          }
          break;
        case undefined:
          reader.skip();
      }
    }
    if (hasUsage && billed.hasContent && mayBePlaceholder(billed)) this.#content(content);
    return hasUsage;
  }

  /** Goes back to count it. */
  #content(from: number): void {
    const { billed } = this;
    const reader = this.#reader;
    const behind = reader.at;
    reader.at = from;
    if (reader.peek() === quote) billed.characters += reader.textLength();
    else {
      reader.openList();
      do {
        if (reader.peek() === openBrace) this.#block();
        else reader.skip();
      } while (reader.goesOn());
    }
    reader.at = behind;
  }

  #block(): void {
    const { billed } = this;
    const reader = this.#reader;
    let seen = 0;
    reader.open();
    for (
      let name = reader.member(blockTable, true);
      name !== ended;
      name = reader.member(blockTable, false)
    ) {
      seen = once(seen, name);
      if (blockNames[name] === 'input') billed.characters += reader.jsonLength();
      else if (name >= 0 && reader.peek() === quote) billed.characters += reader.textLength();
      else reader.skip();
    }
  }

  #usage(): void {
    const { billed } = this;
    const reader = this.#reader;
    billed.input = billed.output = -1;
    billed.cacheRead = billed.cacheWrite = billed.cacheWrite5m = billed.cacheWrite1h = 0;
    billed.webSearches = 0;
    billed.fast = billed.usOnly = false;
    let seen = 0;
    reader.open();
    for (
      let name = reader.member(usageTable, true);
      name !== ended;
      name = reader.member(usageTable, false)
    ) {
      seen = once(seen, name);
      switch (usageNames[name]) {
        case 'input_tokens':
          billed.input = reader.isNull() ? -1 : reader.count();
          break;
        case 'output_tokens':
          billed.output = reader.isNull() ? -1 : reader.count();
          break;
        case 'cache_read_input_tokens':
          billed.cacheRead = reader.count();
          break;
        case 'cache_creation_input_tokens':
          billed.cacheWrite = reader.count();
          break;
        case 'cache_creation':
          if (!reader.isNull()) this.#split();
          break;
        case 'server_tool_use':
          if (!reader.isNull()) this.#tools();
          break;
        case 'speed':
          billed.fast = reader.text(this.#words) === 'fast';
          break;
        case 'inference_geo':
          billed.usOnly = reader.label(this.#words) === 'us';
          break;
        case 'iterations':
          if (!reader.isNull()) this.#iterations();
          break;
        case undefined:
          reader.skip();
      }
    }
    if (billed.input < 0 || billed.output < 0) throw unusual;
  }

  #split(): void {
    const reader = this.#reader;
    let seen = 0;
    reader.open();
    for (
      let name = reader.member(splitTable, true);
      name !== ended;
      name = reader.member(splitTable, false)
    ) {
      seen = once(seen, name);
      if (name < 0) reader.skip();
      else this.billed[name === 0 ? 'cacheWrite5m' : 'cacheWrite1h'] = reader.count();
    }
  }

  #tools(): void {
    const reader = this.#reader;
    let seen = 0;
    reader.open();
    for (let name = reader.member(toolTable, true); name !== ended; name = reader.member(toolTable, false)) {
      seen = once(seen, name);
      if (name < 0) reader.skip();
      else this.billed.webSearches = reader.count();
    }
  }

  /** Iterations that only repeat the totals; one that is billed by itself is read the slow way. */
  #iterations(): void {
    const reader = this.#reader;
    if (!reader.openList()) return;
    do {
      let type: string | null = null;
      let seen = 0;
      reader.open();
      for (
        let name = reader.member(iterationTable, true);
        name !== ended;
        name = reader.member(iterationTable, false)
      ) {
        seen = once(seen, name);
        if (name < 0) reader.skip();
        else type = reader.text(this.#words);
      }
      if (type === null || type === 'advisor_message' || type === 'compaction') throw unusual;
    } while (reader.goesOn());
  }
}

/** JSON lets the last of two members with one name win. */
function once(seen: number, name: number): number {
  if (name < 0) return seen;
  if ((seen & (1 << name)) !== 0) throw unusual;
  return seen | (1 << name);
}
