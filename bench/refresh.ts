// A look at a tree of 1 GB in 5,000 files in which nothing has changed, and one appended line until the new figures are
// there, both through the engine's thread as a window asks it, against a run of the reference program on the same tree.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { engineStart, message, TestEngine } from '../test/engine/engineFixture';
import { findReferenceProgram, ReferenceProgram } from '../test/sources/claude/referenceProgram';
import { text } from '../test/sources/claude/transcriptFixtures';
import { writeCorpus } from './corpus';
import { percentile, type Report, runBench, timed } from './report';

/** `--share 0.1` makes as many files, a tenth as large: for a quick look. */
const share = Number(
  parseArgs({ options: { share: { type: 'string' } }, strict: false }).values['share'] ?? 1,
);

async function main(folder: string, report: Report): Promise<void> {
  const root = join(folder, 'claude');
  const corpus = writeCorpus({
    folder: root,
    bytes: 1e9 * share,
    bytesPerSession: 220_000 * share,
    until: Date.UTC(2026, 10, 20),
  });
  report.add('files', corpus.files.length, '', '5000');
  report.add('bytes', corpus.bytes / 1e6, 'MB', '1000');
  const source = findReferenceProgram();
  const reference = source === null ? null : new ReferenceProgram(source, join(folder, 'reference'));
  const engine = new TestEngine(engineStart([root], { storageFolder: join(folder, 'storage') }));
  try {
    await engine.until(({ scan }) => scan.complete, 600_000);
    // The checkpoint of the first scan, and the watches.
    await engine.client.call('flush', { windowId: 'bench', save: true });
    await wait(2_000);
    const rescans: number[] = [];
    const refreshes: number[] = [];
    const appends: number[] = [];
    let bytesRead = 0;
    // In turns, so that whatever else the machine does meets all of them alike.
    for (let round = 0; round < 5; round++) {
      if (reference !== null) rescans.push(await timed(() => reference.tokens(root)));
      for (let time = 0; time < 5; time++) {
        const duration = await timed(() => engine.client.call('refresh', null));
        const { runs } = await engine.client.call('health', null);
        if (runs[0]!.bytesRead > 0 || runs[0]!.filesSeen !== corpus.files.length)
          throw new Error(`not a look at an unchanged tree: ${JSON.stringify(runs[0])}`);
        bytesRead += runs[0]!.bytesRead;
        refreshes.push(duration);
        await wait(20);
      }
      for (let time = 0; time < 5; time++) {
        const { messages } = engine.snapshots.at(-1)!.periods.allTime.total;
        const path = corpus.files[(round * 997 + time * 131) % corpus.files.length]!;
        appends.push(
          await timed(() => {
            appendFileSync(path, text(message(`bench-${round}-${time}`)));
            return engine.until(({ periods }) => periods.allTime.total.messages === messages + 1);
          }),
        );
        await wait(150);
      }
    }
    report.add('refresh of the unchanged tree, median', percentile(refreshes, 0.5), 'ms');
    report.add('refresh of the unchanged tree, slowest', percentile(refreshes, 1), 'ms');
    report.add('bytes read by it', bytesRead, 'bytes', '0');
    report.add('one appended line until the new snapshot, median', percentile(appends, 0.5), 'ms');
    report.add('one appended line until the new snapshot, slowest', percentile(appends, 1), 'ms');
    if (reference === null) return;
    const rescan = percentile(rescans, 0.5);
    report.add('reference program, all of it again, median', rescan, 'ms');
    report.add('reference / refresh', rescan / percentile(refreshes, 0.5), 'x', '>= 100');
    report.add('reference / appended line', rescan / percentile(appends, 0.5), 'x', '>= 100');
  } finally {
    await engine.stop();
  }
}

runBench(main);
