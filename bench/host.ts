// How long the event loop of a process that does what an extension host does is held up: idle, and while its engine's
// thread scans 400 MB for the first time.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { SnapshotStore } from '../src/host/snapshotStore';
import { engineStart, TestEngine } from '../test/engine/engineFixture';
import { writeCorpus } from './corpus';
import { type Report, runBench } from './report';

/** A scan is over so soon that the worst one of a thousand delays would be a single one: they are put together. */
const rounds = 5;

async function main(folder: string, report: Report): Promise<void> {
  const root = join(folder, 'claude');
  writeCorpus({ folder: root, bytes: 400e6, until: Date.now() });
  const idle = monitorEventLoopDelay({ resolution: 1 });
  const scanning = monitorEventLoopDelay({ resolution: 1 });
  for (let round = 0; round < rounds; round++) {
    idle.enable();
    await wait(1_500);
    idle.disable();
    const store = new SnapshotStore(() => undefined);
    const storageFolder = join(folder, `storage-${round}`);
    const engine = new TestEngine(engineStart([root], { storageFolder }));
    engine.client.on('snapshot', (snapshot) => store.accept(snapshot));
    engine.client.on('progress', (progress) => store.setProgress(progress));
    try {
      scanning.enable();
      await engine.until(({ scan }) => scan.complete, 240_000);
      scanning.disable();
    } finally {
      await engine.stop();
    }
    rmSync(storageFolder, { recursive: true });
  }
  const ms = (delays: typeof idle, share: number): number => delays.percentile(share) / 1e6;
  for (const [name, delays] of [
    ['idle', idle],
    ['cold scan', scanning],
  ] as const) {
    report.add(`${name}: delay, median`, ms(delays, 50), 'ms');
    report.add(`${name}: delay, p99`, ms(delays, 99), 'ms');
    report.add(`${name}: delay, p99.9`, ms(delays, 99.9), 'ms');
  }
  report.add('cold scan minus idle, p99.9', ms(scanning, 99.9) - ms(idle, 99.9), 'ms', '<= 5');
}

runBench(main);
