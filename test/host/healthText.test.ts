import assert from 'node:assert/strict';
import { healthText } from '../../src/host/healthText';
import type { EngineHealth } from '../../src/model/health';
import { fixtureNow, healthyScan } from '../webview/fixtures';
import { plainL10n } from './plainL10n';

const health: EngineHealth = {
  scan: {
    ...healthyScan,
    badLines: 1,
    badLineExamples: [{ path: '/a/b.jsonl', offset: 1_200, reason: 'json' }],
  },
  runs: [
    {
      startedEpochMs: fixtureNow,
      durationMs: 12.34,
      scope: 'files',
      filesSeen: 4,
      filesSkipped: 3,
      filesRead: 1,
      bytesRead: 900,
      linesRead: 2,
      fileErrors: 0,
      error: null,
    },
  ],
  consecutiveFailures: 0,
  nextSweepEpochMs: fixtureNow + 60_000,
  cache: { hits: 1_234, misses: 5 },
  openStreams: 0,
  watcher: { mode: 'polling', reason: 'ENOSPC: no watches left', folders: 0 },
  ledger: {
    months: 12,
    openMonths: 1,
    maxOpenMonths: 4,
    rememberedSessionParts: 250,
    pendingRows: 3,
    monthBytes: 12_000_000,
    checkpoints: 7,
    lastCheckpointEpochMs: null,
    lastCheckpointBytes: 0,
    recoveries: 0,
  },
  lease: { epoch: 9, sinceEpochMs: fixtureNow },
  snapshotRing: { entries: 20, capacity: 3_600, bytes: 1_000 },
  metrics: null,
  memoryBytes: 50_000_000,
};

const text = (changes: Partial<EngineHealth> = {}): string =>
  healthText({ ...health, ...changes }, { l10n: plainL10n, locale: 'en', timeZone: 'UTC' });

describe('The health as text', () => {
  it('tells what a person wants to know when figures look wrong', () => {
    const all = text();
    for (const expected of [
      /^ {2}State +up to date$/m,
      /^ {2}\/home\/ada\/.config\/claude +not there$/m,
      /^ {2}Changes are noticed +by looking again and again$/m,
      /^ {2}Reason +ENOSPC: no watches left$/m,
      /^ {2}Answers from memory +1,234$/m,
      /^ {2}Files not opened in the last runs +75%$/m,
      /^ {2}Snapshots kept +20 of 3,600, 1 kB$/m,
      /^ {2}Last save +–$/m,
      /^ {2}Leadership +number 9, since Nov 24, 2:30.PM$/m,
      /^ {2}\/a\/b.jsonl +1,200 +json$/m,
      /changed files +4 +3 +1 +900 +2 +0 +12.3$/m,
    ])
      assert.match(all, expected);
    assert.ok(!all.includes('undefined') && !all.includes('{'), all);
  });

  it('shows the error of a run as one line, whatever is in it', () => {
    const [run] = health.runs;
    const error = 'first\nsecond\u202e';
    const all = text({
      runs: [{ ...run!, error }],
      scan: { ...health.scan, state: 'failing', lastError: error },
    });
    assert.match(all, /^ {2}State +failing$/m);
    assert.match(all, /^ {2}Last error +first second$/m);
    assert.match(all, / 12.3 +first second$/m);
  });
});
