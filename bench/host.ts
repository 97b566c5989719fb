// How long the event loop of a process that does what an extension host does is held up: idle, and while its engine's
// thread scans 400 MB for the first time.
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { SnapshotStore } from '../src/host/snapshotStore';
import { engineStart, TestEngine } from '../test/engine/engineFixture';
import { writeCorpus } from './corpus';
import { type Report, runBench } from './report';

async function delaysDuring(
  work: () => Promise<unknown>,
): Promise<{ p50: number; p99: number; p999: number }> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  const [p50, p99, p999] = [50, 99, 99.9].map((share) => histogram.percentile(share) / 1e6);
  return { p50: p50!, p99: p99!, p999: p999! };
}

async function main(folder: string, report: Report): Promise<void> {
  const root = join(folder, 'claude');
  writeCorpus({ folder: root, bytes: 400e6, until: Date.now() });
  const idle = await delaysDuring(() => wait(5_000));
  const store = new SnapshotStore(() => undefined);
  const engine = new TestEngine(engineStart([root], { storageFolder: join(folder, 'storage') }));
  engine.client.on('snapshot', (snapshot) => store.accept(snapshot));
  engine.client.on('progress', (progress) => store.setProgress(progress));
  try {
    const scanning = await delaysDuring(() => engine.until(({ scan }) => scan.complete, 240_000));
    for (const [name, delays] of [
      ['idle', idle],
      ['cold scan', scanning],
    ] as const) {
      report.add(`${name}: delay, median`, delays.p50, 'ms');
      report.add(`${name}: delay, p99`, delays.p99, 'ms');
      report.add(`${name}: delay, p99.9`, delays.p999, 'ms');
    }
    report.add('cold scan minus idle, p99.9', scanning.p999 - idle.p999, 'ms', '<= 5');
  } finally {
    await engine.stop();
  }
}

runBench(main);
