import assert from 'node:assert/strict';
import { noMeasures } from '../../src/model/measures';
import { packSessions, unpackSessions } from '../../src/model/packedSessions';
import type { SessionRow } from '../../src/model/query';

function row(session: string, other: Partial<SessionRow> = {}): SessionRow {
  return {
    session,
    source: 'claude-code',
    user: 'ada',
    host: 'desk',
    models: ['claude-opus-4-8', 'claude-haiku-4-5'],
    projects: ['/home/ada/atlas'],
    branches: [''],
    startEpochMs: 1_795_500_000_000,
    endEpochMs: 1_795_500_060_000,
    total: { ...noMeasures(), messages: 3, outputTokens: 70, costNanoDollars: 12_345_678_901 },
    transcriptPath: `/home/ada/.claude/projects/-home-ada-atlas/${session}.jsonl`,
    claudeCodeCostNanoDollars: 12,
    ...other,
  };
}

describe('Packed sessions', () => {
  it('are the same sessions when they are unpacked', () => {
    const rows = [
      row('one'),
      row('two', { models: [], projects: ['/a', '/b'], claudeCodeCostNanoDollars: null }),
      row('agent', { transcriptPath: '/home/ada/.claude/projects/-home-ada-atlas/one/agent-1.jsonl' }),
      row('windows', { transcriptPath: 'C:\\Users\\ada\\.claude\\projects\\c--atlas\\windows.jsonl' }),
      row('recorded', { source: 'acme.assistant', transcriptPath: null, branches: ['main', ''] }),
    ];
    assert.deepEqual(unpackSessions(packSessions(rows)), rows);
    assert.deepEqual(unpackSessions(packSessions([])), []);
    const sent = JSON.parse(JSON.stringify(packSessions(rows))) as ReturnType<typeof packSessions>;
    assert.deepEqual(unpackSessions(sent), rows);
  });

  it('take a third of the room at most', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => row(`00000000-0000-4000-8000-${index + 1e11}`));
    const ratio = JSON.stringify(packSessions(rows)).length / JSON.stringify(rows).length;
    assert.ok(ratio < 1 / 3, String(ratio));
  });
});
