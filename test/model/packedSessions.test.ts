import assert from 'node:assert/strict';
import { packSessions, unpackSessions } from '../../src/model/packedSessions';
import { sessionRow } from './sessionRow';

describe('Packed sessions', () => {
  it('are the same sessions when they are unpacked', () => {
    const rows = [
      sessionRow('one'),
      sessionRow('two', { models: [], projects: ['/a', '/b'], claudeCodeCostNanoDollars: null }),
      sessionRow('agent', { transcriptPath: '/home/ada/.claude/projects/-home-ada-atlas/one/agent-1.jsonl' }),
      sessionRow('windows', { transcriptPath: 'C:\\Users\\ada\\.claude\\projects\\c--atlas\\windows.jsonl' }),
      sessionRow('recorded', { source: 'acme.assistant', transcriptPath: null, branches: ['main', ''] }),
    ];
    assert.deepEqual(unpackSessions(packSessions(rows)), rows);
    assert.deepEqual(unpackSessions(packSessions([])), []);
    const sent = JSON.parse(JSON.stringify(packSessions(rows))) as ReturnType<typeof packSessions>;
    assert.deepEqual(unpackSessions(sent), rows);
  });

  it('take a third of the room at most', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) =>
      sessionRow(`00000000-0000-4000-8000-${index + 1e11}`),
    );
    const ratio = JSON.stringify(packSessions(rows)).length / JSON.stringify(rows).length;
    assert.ok(ratio < 1 / 3, String(ratio));
  });
});
