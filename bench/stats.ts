// What answers cost while a cold scan runs: 1,000 requests, ten at a time, from the snapshot in the window's own memory
// (what the API's getSnapshot and every surface use), and asked of the engine's thread.
import { join } from 'node:path';
import { SnapshotStore } from '../src/host/snapshotStore';
import { engineStart, TestEngine } from '../test/engine/engineFixture';
import { writeCorpus } from './corpus';
import { percentile, type Report, runBench } from './report';

const requests = 1_000;
const concurrency = 10;

interface Load {
  readonly perSecond: number;
  readonly durations: readonly number[];
}

async function load(ask: () => Promise<unknown>): Promise<Load> {
  const durations: number[] = [];
  let left = requests;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) {
        const asked = performance.now();
        await ask();
        durations.push(performance.now() - asked);
      }
    }),
  );
  return { perSecond: (requests / (performance.now() - began)) * 1_000, durations };
}

async function main(folder: string, report: Report): Promise<void> {
  const root = join(folder, 'claude');
  writeCorpus({ folder: root, bytes: 400e6, until: Date.now() });
  const store = new SnapshotStore(() => undefined);
  const engine = new TestEngine(engineStart([root], { storageFolder: join(folder, 'storage') }));
  try {
    engine.client.on('snapshot', (snapshot) => store.accept(snapshot));
    await engine.until(({ periods }) => periods.allTime.total.messages > 0, 60_000);
    // The first answers are the compiler's.
    await load(() => Promise.resolve(store.snapshot));
    const ownMemory: Load[] = [];
    const engineThread: Load[] = [];
    while (store.snapshot?.scan.complete === false) {
      // The store is the whole way of such a request; the promise is the caller's.
      ownMemory.push(await load(() => Promise.resolve(store.snapshot)));
      engineThread.push(await load(() => engine.client.call('snapshot', null)));
    }
    if (engineThread.length === 0) throw new Error('the scan was over before a question could be asked');
    for (const [name, loads] of [
      ['own memory', ownMemory],
      ['engine thread', engineThread],
    ] as const) {
      const durations = loads.flatMap((each) => each.durations);
      const perSecond = percentile(
        loads.map((each) => each.perSecond),
        0.5,
      );
      const own = name === 'own memory';
      report.add(`${name}: requests measured`, durations.length, '');
      report.add(`${name}: median`, percentile(durations, 0.5), 'ms');
      report.add(`${name}: p99`, percentile(durations, 0.99), 'ms', own ? '< 1' : '< 100 (the old aim)');
      report.add(`${name}: a second`, perSecond, '/s', own ? '> 50000' : '> 500 (the old aim)');
    }
  } finally {
    await engine.stop();
  }
}

runBench(main);
