import assert from 'node:assert/strict';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { writeCorpus } from '../../bench/corpus';
import { TestFolder } from '../sources/claude/transcriptFixtures';
import { engineStart, TestEngine } from './engineFixture';

interface Load {
  /** The event loop's delay, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Share of the time in which this thread had something to do. */
  readonly busy: number;
}

async function loadDuring(work: () => Promise<unknown>): Promise<Load> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const before = performance.eventLoopUtilization();
  histogram.enable();
  await work();
  histogram.disable();
  return {
    busy: performance.eventLoopUtilization(before).utilization,
    p50: histogram.percentile(50) / 1e6,
    p99: histogram.percentile(99) / 1e6,
    max: histogram.max / 1e6,
  };
}

describe('the host thread', function () {
  this.timeout(240_000);

  it('does not wait for a scan of 300 MB', async () => {
    const folder = new TestFolder();
    const root = folder.at('claude');
    const corpus = writeCorpus({ folder: root, bytes: 300_000_000, until: Date.UTC(2026, 10, 20) });
    const idle = await loadDuring(() => wait(3_000));
    let scanMs = 0;
    const engine = new TestEngine(engineStart([root], { storageFolder: folder.at('storage') }));
    const scanning = await loadDuring(async () => {
      const began = performance.now();
      const { scan } = await engine.until((snapshot) => snapshot.scan.complete, 200_000);
      scanMs = performance.now() - began;
      assert.equal(scan.filesSeen, corpus.files.length);
      assert.equal(scan.bytesRead, corpus.bytes);
    });
    await engine.stop();
    folder.remove();
    const shown = (delays: typeof idle): string =>
      `busy ${(delays.busy * 100).toFixed(1)} %, p50 ${delays.p50.toFixed(2)}, p99 ${delays.p99.toFixed(2)}, max ${delays.max.toFixed(1)} ms`;
    console.log(
      `      idle: ${shown(idle)}; while scanning for ${Math.round(scanMs)} ms: ${shown(scanning)}`,
    );
    assert.ok(scanMs > 200, 'the scan was long enough to be felt');
    // Two busy cores delay a timer now and then, so single waits say little. How much this thread has to do says all:
    // with the scan on it, it would be busy from beginning to end.
    assert.ok(
      scanning.busy < idle.busy + 0.15,
      `busy for ${scanning.busy} of the time, ${idle.busy} when idle`,
    );
    assert.ok(scanning.p50 < idle.p50 * 2, `${scanning.p50} ms against ${idle.p50} ms when idle`);
    assert.ok(scanning.max < scanMs / 5, `one wait took ${scanning.max} ms of the scan's ${scanMs} ms`);
  });
});
