import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptModule } from './scriptModule';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
interface Results {
  suiteResult(path: string, exitCode: number): Counts & { readonly crashed: boolean };
  total(results: readonly Counts[]): Counts;
  totalLine(counts: Counts): string;
}

describe('the total of npm test', () => {
  let results: Results;
  let folder: string;

  before(async () => {
    results = await scriptModule<Results>('testing/results.mjs');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ul-results-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function left(counts: Counts & { readonly ended: boolean }): string {
    const path = join(folder, 'results.json');
    writeFileSync(path, JSON.stringify(counts));
    return path;
  }

  it('takes the counts of a suite that came to its end', () => {
    const path = left({ passed: 3, failed: 1, skipped: 2, ended: true });
    assert.deepEqual(results.suiteResult(path, 1), { passed: 3, failed: 1, skipped: 2, crashed: false });
  });

  it('counts a suite that left nothing, broke off, or ended badly as failed', () => {
    assert.equal(results.suiteResult(join(folder, 'absent.json'), 0).failed, 1);
    assert.equal(results.suiteResult(left({ passed: 3, failed: 0, skipped: 0, ended: false }), 0).failed, 1);
    assert.equal(results.suiteResult(left({ passed: 3, failed: 0, skipped: 0, ended: true }), 1).failed, 1);
  });

  it('ends with one line that adds up all suites', () => {
    const suites = [
      { passed: 3, failed: 0, skipped: 0 },
      { passed: 4, failed: 1, skipped: 0 },
    ];
    assert.equal(results.totalLine(results.total(suites)), '7 passed, 1 failed');
    assert.equal(results.totalLine({ passed: 7, failed: 0, skipped: 2 }), '7 passed, 0 failed, 2 skipped');
  });
});
