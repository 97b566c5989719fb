import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineStart, TestEngine } from './engineFixture';

/** What every thread of this process has, by its id. */
function priorities(): Map<string, number> {
  return new Map(readdirSync('/proc/self/task').map((thread) => [thread, getPriority(Number(thread))]));
}

describe('the engine’s thread', () => {
  it('lets the other threads of its process go first, where the system can do that', async function () {
    if (process.platform !== 'linux') this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-priority-'));
    const before = priorities();
    const engine = new TestEngine(engineStart([join(folder, 'claude')]));
    try {
      await engine.until(({ scan }) => scan.complete);
      const own = before.get(String(process.pid))!;
      const after = priorities();
      const lower = [...after].filter(([, priority]) => priority > own).map(([thread]) => thread);
      assert.equal(lower.filter((thread) => !before.has(thread)).length, 1);
      assert.equal(after.get(String(process.pid)), own);
    } finally {
      await engine.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
