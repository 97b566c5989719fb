import { closeSync, mkdirSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'usage-ledger-legacy-'));
}

/** Writes files by their names below a folder; what is no text is written as JSON. */
export function writeFiles(folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, ...name.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** A folder with every kind of file: five dollars by session, four more by day, two more by month. */
export const everyKind: Readonly<Record<string, unknown>> = {
  'usage.json': {
    sessions: {
      's-1': {
        start_time: '2025-03-01T09:30:00Z',
        model: 'claude-sonnet-4',
        project: '/home/ada/engine',
        input_tokens: 1_000,
        output_tokens: 200,
        cost: 2,
        requests: 4,
      },
      's-2': {
        start_time: '2025-03-02T23:30:00Z',
        models: {
          'claude-sonnet-4': { input_tokens: 300, output_tokens: 50, cost: 1 },
          'gpt-4o': { prompt_tokens: 700, completion_tokens: 90, cost: 2 },
        },
      },
    },
    daily_totals: {
      '2025-03-01': { input_tokens: 1_000, output_tokens: 200, cost: 2, requests: 4 },
      // A dollar and 100 tokens more than the sessions of that day tell.
      '2025-03-02': { input_tokens: 1_100, output_tokens: 140, cost: 4 },
    },
    model_breakdown: {
      'claude-sonnet-4': { input_tokens: 1_300, output_tokens: 250, cost: 3 },
      'gpt-4o': { input_tokens: 800, output_tokens: 90, cost: 2.5 },
    },
    provider_breakdown: { anthropic: { input_tokens: 1_300, output_tokens: 250, cost: 3 } },
    last_updated: '2025-03-03T00:00:00Z',
  },
  'daily_usage.json': {
    bob: {
      '2025-03-01': { requests: 10, tokens: 5_000, cost: 1.5, models: ['gpt-4o'] },
      '2025-03-05': { requests: 3, tokens: 900, cost: 0.5, models: { 'gpt-4o': 3 } },
    },
    eve: { '2025-03-09': { requests: 2, tokens: { input: 10, output: 20 }, cost: 1 } },
  },
  'monthly_usage.json': {
    // Two dollars and 100 tokens more than the days tell.
    bob: { '2025-03': { requests: 15, tokens: 6_000, cost: 4, models: ['gpt-4o', 'o3'] } },
  },
  'partitioned/ab/eve/2025-03/daily_2025-03-09.json': {
    requests: 2,
    input_tokens: 10,
    output_tokens: 20,
    total_cost: 1,
  },
  'partitioned/ab/eve/2025-03/monthly_2025-03.json': { requests: 2, total_tokens: 30, cost: 1 },
  'user_profiles.jsonl': '{"user_id":"bob","total_cost":4}\n{"user_id":"mallory"}\nnot a profile\n',
  'spending_limits.json': {
    bob: { daily_limit: 5, monthly_limit: 100, warning_threshold: 0.8 },
  },
};

/** `usage.json` of many sessions over `days` days, written a piece at a time; returns its bytes. */
export function writeManySessions(path: string, sessions: number, days = 60): number {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  let bytes = writeSync(file, '{"sessions":{');
  const piece = 1_000;
  for (let from = 0; from < sessions; from += piece) {
    const texts: string[] = [];
    for (let index = from; index < Math.min(sessions, from + piece); index++) {
      const time = new Date(Date.UTC(2025, 0, 1) + Math.floor((index * days * 86_400_000) / sessions));
      texts.push(
        `"session-${index}":{"start_time":"${time.toISOString()}","model":"claude-sonnet-4","provider":"anthropic",` +
          `"input_tokens":${100 + (index % 900)},"output_tokens":${10 + (index % 70)},"cost":0.00${1 + (index % 9)},` +
          `"requests":${1 + (index % 5)},"tags":["a","b"],"note":"${'x'.repeat(40)}"}`,
      );
    }
    bytes += writeSync(file, (from === 0 ? '' : ',') + texts.join(','));
  }
  bytes += writeSync(file, '},"last_updated":"2025-12-31"}');
  closeSync(file);
  return bytes;
}
