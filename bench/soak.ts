// npm run soak [-- --minutes N]: one append a second to a transcript, through the engine's thread.
// Prints memory and bytes written every ten seconds; fails when memory grows once it has warmed up.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { engineStart, message, TestEngine } from '../test/engine/engineFixture';
import { text } from '../test/sources/claude/transcriptFixtures';
import { writeCorpus } from './corpus';
import { percentile } from './report';

/** Growth that would not show in a working day of eight hours: 10 MB. */
const allowedMegabytesPerMinute = 10 / (8 * 60);
const sampleMs = 10_000;

interface Sample {
  readonly minute: number;
  readonly rssMegabytes: number;
  readonly engineMegabytes: number;
}

/** Theil and Sen's slope: the median over all pairs, which a few outliers cannot move. */
function slope(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const slopes: number[] = [];
  for (const [index, one] of samples.entries())
    for (const other of samples.slice(index + 1))
      slopes.push((value(other) - value(one)) / (other.minute - one.minute));
  return percentile(slopes, 0.5);
}

/** Half of how far the middle half of the samples lies apart: what a slope has to rise above to mean anything. */
function spread(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const values = samples.map(value);
  return (percentile(values, 0.75) - percentile(values, 0.25)) / 2;
}

async function soak(folder: string, minutes: number): Promise<boolean> {
  const root = join(folder, 'claude');
  const { files } = writeCorpus({ folder: root, bytes: 20e6, until: Date.now() });
  const engine = new TestEngine(engineStart([root], { storageFolder: join(folder, 'storage') }));
  const samples: Sample[] = [];
  try {
    await engine.until(({ scan }) => scan.complete, 60_000);
    const { messages } = engine.snapshots.at(-1)!.periods.allTime.total;
    const began = performance.now();
    let nextSampleMs = 0;
    let appended = 0;
    for (let elapsed = 0; elapsed < minutes * 60_000; elapsed = performance.now() - began) {
      const line = message(`soak-${appended}`, { line: { timestamp: new Date().toISOString() } });
      appendFileSync(files[appended++ % files.length]!, text(line));
      // What the test's own engine remembers is not the engine's.
      engine.snapshots.splice(0, engine.snapshots.length - 1);
      engine.log.length = 0;
      if (elapsed >= nextSampleMs) {
        nextSampleMs += sampleMs;
        const { memoryBytes } = await engine.client.call('health', null);
        const sample = {
          minute: elapsed / 60_000,
          rssMegabytes: process.memoryUsage().rss / 1e6,
          engineMegabytes: memoryBytes / 1e6,
        };
        samples.push(sample);
        console.log(
          `${sample.minute.toFixed(1).padStart(6)} min  process ${sample.rssMegabytes.toFixed(1)} MB  engine ${sample.engineMegabytes.toFixed(1)} MB`,
        );
      }
      await wait(1_000 - ((performance.now() - began) % 1_000));
    }
    await engine.messages(messages + appended);
    console.log(`${appended} appended lines, all counted`);
  } finally {
    await engine.stop();
  }
  // The first third is for caches and the compiler to fill.
  const warm = samples.slice(Math.floor(samples.length / 3));
  let flat = true;
  for (const [name, value] of [
    ['process', (sample: Sample) => sample.rssMegabytes],
    ['engine', (sample: Sample) => sample.engineMegabytes],
  ] as const) {
    const perMinute = slope(warm, value);
    const span = (warm.at(-1)?.minute ?? 0) - (warm[0]?.minute ?? 0);
    const grows = perMinute > allowedMegabytesPerMinute && perMinute * span > 2 * spread(warm, value) + 2;
    flat &&= !grows;
    console.log(`${name}: ${(perMinute * 60).toFixed(2)} MB an hour${grows ? ': it grows' : ''}`);
  }
  return flat;
}

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-soak-'));
soak(folder, Number(values.minutes))
  .then((flat) => {
    process.exitCode = flat ? 0 : 1;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
