import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './harness/workbench';
import type { WorkbenchWindow } from './harness/workbenchWindow';
import { oneDollarLine, zoneAtNoon } from './oneDollar';

/** How soon every window shows a change, at the latest. */
const soonMs = 2_000;

describe('three windows of a real VS Code', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let windows: WorkbenchWindow[];
  let transcript: string;

  before(async () => {
    workbench = await Workbench.start({ timeZone: zoneAtNoon() });
    const project = join(workbench.claudeConfigDir, 'projects', '-home-sample-atlas');
    mkdirSync(project, { recursive: true });
    transcript = join(project, '00000000-0000-4000-8000-000000000001.jsonl');
    appendFileSync(transcript, oneDollarLine('first'));
    windows = [];
    for (let count = 0; count < 3; count++) {
      const window = await workbench.openWindow();
      await window.statusBarItem(/\$1\.00/);
      windows.push(window);
    }
  });

  after(() => workbench.stop());

  it('show a change within two seconds of it, and only one of them has looked', async () => {
    const sweepsBefore = sweepsThatRead();
    appendFileSync(transcript, oneDollarLine('second'));
    const began = performance.now();
    const times = await Promise.all(
      windows.map(async (window) => {
        await window.statusBarItem(/\$2\.00/);
        return performance.now() - began;
      }),
    );
    console.log(`      shown after ${times.map((time) => Math.round(time)).join(', ')} ms`);
    assert.ok(Math.max(...times) < soonMs, String(times));
    await waitUntil(() => sweepsThatRead() > sweepsBefore);
    assert.equal(sweepsThatRead() - sweepsBefore, 1);
    assert.equal(count(/this window leads/g), 1);
  });

  it('go on when the leading window is killed: another one takes over', async () => {
    const [leader] = workbench.extensionHostPids();
    assert.ok(leader !== undefined);
    process.kill(leader, 'SIGKILL');
    const killed = performance.now();
    await waitUntil(() => count(/this window leads/g) === 2);
    console.log(`      taken over after ${Math.round(performance.now() - killed)} ms`);
    appendFileSync(transcript, oneDollarLine('third'));
    await Promise.all(windows.slice(1).map((window) => window.statusBarItem(/\$3\.00/)));
  });

  function count(pattern: RegExp): number {
    return [...workbench.log().matchAll(pattern)].length;
  }

  function sweepsThatRead(): number {
    return count(/swept.*"filesRead":[1-9]/g) + count(/swept.*filesRead=[1-9]/g);
  }

  async function waitUntil(test: () => boolean): Promise<void> {
    for (const end = performance.now() + 30_000; !test();) {
      assert.ok(performance.now() < end, workbench.log().slice(-2_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});
