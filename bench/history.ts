// What history costs: a refresh, and the bytes written for one new message, with 1, 12 and 36 months in the ledger and the
// transcripts of the last month on the disk, as Claude Code leaves them.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { engineStart, message, TestEngine } from '../test/engine/engineFixture';
import { text } from '../test/sources/claude/transcriptFixtures';
import { writeCorpus } from './corpus';
import { percentile, type Report, runBench, timed } from './report';

const monthMs = 30 * 86_400_000;

interface Cost {
  readonly refreshMs: number;
  readonly bytesWritten: number;
}

async function costWith(months: number, folder: string): Promise<Cost> {
  const root = join(folder, 'claude');
  const until = Date.now();
  const engine = new TestEngine(engineStart([root], { storageFolder: join(folder, 'storage') }));
  try {
    await engine.until(({ scan }) => scan.complete, 240_000);
    // Month by month, as it happens: what is read is deleted before the next month's transcripts come.
    for (let ago = months - 1; ago > 0; ago--) {
      const past = { bytes: 3e6, bytesPerSession: 50_000, until: until - ago * monthMs, seed: ago + 1 };
      const { files } = writeCorpus({ folder: root, ...past });
      await engine.client.call('refresh', null);
      for (const file of files) rmSync(file, { force: true });
      await engine.client.call('refresh', null);
      await engine.client.call('flush', { windowId: 'bench', save: true });
    }
    const latest = writeCorpus({ folder: root, bytes: 10e6, bytesPerSession: 50_000, until, seed: 1 });
    await engine.client.call('refresh', null);
    await engine.client.call('flush', { windowId: 'bench', save: true });
    await wait(1_000);
    await engine.client.call('refresh', null);
    const refreshes: number[] = [];
    for (let time = 0; time < 20; time++) {
      refreshes.push(await timed(() => engine.client.call('refresh', null)));
      await wait(20);
    }
    await engine.client.call('flush', { windowId: 'bench', save: true });
    const line = message('bench', { line: { timestamp: new Date(until).toISOString() } });
    appendFileSync(latest.files[0]!, text(line));
    await engine.client.call('refresh', null);
    await engine.client.call('flush', { windowId: 'bench', save: true });
    const { ledger } = await engine.client.call('health', null);
    return { refreshMs: percentile(refreshes, 0.5), bytesWritten: ledger.lastCheckpointBytes };
  } finally {
    await engine.stop();
  }
}

async function main(folder: string, report: Report): Promise<void> {
  const costs = new Map<number, Cost>();
  for (const months of [1, 12, 36]) {
    const cost = await costWith(months, join(folder, String(months)));
    costs.set(months, cost);
    report.add(`refresh with ${months} months, median`, cost.refreshMs, 'ms');
    report.add(`bytes for one message with ${months} months`, cost.bytesWritten / 1e3, 'kB');
  }
  const [one, many] = [costs.get(1)!, costs.get(36)!];
  report.add('refresh, 36 months / 1 month', many.refreshMs / one.refreshMs, 'x', '1 (flat)');
  report.add('bytes, 36 months / 1 month', many.bytesWritten / one.bytesWritten, 'x', '<= 1.1');
}

runBench(main);
