import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { initialParseState } from '../../../src/sources/claude/parseState';
import { parseTranscript } from '../../../src/sources/claude/parse';
import type { ParseContext, ParseResult } from '../../../src/sources/claude/parse';
import type { UsageRecord } from '../../../src/model/usageRecord';

export type Json = Record<string, unknown>;

export const root = '/home/someone/.claude';
export const context: ParseContext = {
  path: `${root}/projects/-work-app/11111111-aaaa.jsonl`,
  root,
  user: 'someone',
  host: 'desk',
  endOfFile: true,
};

export interface ResponseOptions {
  readonly line?: Json;
  readonly message?: Json;
  readonly usage?: Json;
}

/** A billed response as Claude Code writes it, with whatever a test changes. */
export function response(options: ResponseOptions = {}): Json {
  return {
    parentUuid: null,
    isSidechain: false,
    cwd: '/work/app',
    sessionId: '11111111-aaaa',
    version: '2.1.100',
    gitBranch: 'main',
    type: 'assistant',
    uuid: 'u-1',
    timestamp: '2026-02-03T04:05:06.789Z',
    requestId: 'req_1',
    ...options.line,
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [{ type: 'text', text: 'Hello' }],
      stop_reason: 'end_turn',
      ...options.message,
      usage: { ...plainUsage, ...options.usage },
    },
  };
}

export const plainUsage: Json = {
  input_tokens: 10,
  output_tokens: 20,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 40,
};

/** A subagent's response as it is repeated in the parent's transcript. */
export function progress(options: ResponseOptions & { readonly envelope?: Json } = {}): Json {
  const inner = response({ ...options, line: {} });
  return {
    type: 'progress',
    cwd: '/work/app',
    sessionId: '11111111-aaaa',
    timestamp: '2026-02-03T04:05:07.000Z',
    uuid: 'p-1',
    ...options.line,
    data: {
      type: 'agent_progress',
      message: {
        type: 'assistant',
        timestamp: '2026-02-03T04:05:06.000Z',
        requestId: 'req_p',
        uuid: 'p-inner',
        message: inner['message'],
        ...options.envelope,
      },
    },
  };
}

export function text(...lines: readonly (Json | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

export function parse(content: string | Uint8Array, changes: Partial<ParseContext> = {}): ParseResult {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return parseTranscript(bytes, initialParseState, { ...context, ...changes });
}

/** The only record of some lines, which must all be fine. */
export function only(...lines: readonly (Json | string)[]): UsageRecord {
  const { records, bad } = parse(text(...lines));
  if (bad.length > 0 || records.length !== 1) throw new Error(JSON.stringify({ records, bad }));
  return records[0]!;
}

/** A folder that is there for one test file; `files` are paths in it and their contents. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'usage-ledger-'));

  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
