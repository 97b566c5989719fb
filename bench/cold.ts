// A cold scan of transcripts (in the page cache, as after writing them) into a ledger on the disk, against a run of the
// reference program on the same tree. The engine runs on VS Code's own Node, as it does there. `--full` adds 2 and 4 GB,
// `--corpus DIR` scans that Claude config folder instead.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findReferenceProgram, ReferenceProgram } from '../test/sources/claude/referenceProgram';
import type { ColdScan } from './coldChild';
import { writeCorpus } from './corpus';
import { percentile, Report, timed } from './report';

const { values } = parseArgs({
  options: { json: { type: 'string' }, corpus: { type: 'string' }, full: { type: 'boolean' } },
});
const rounds = 3;
const gigabyte = 1e9;
const report = new Report();

function scanIn(root: string, storageFolder: string): ColdScan {
  rmSync(storageFolder, { recursive: true, force: true });
  // As the engine's thread is limited (engineClient.ts): three semi-spaces of 4 MB.
  const child = ['--max-semi-space-size=4', join(__dirname, 'coldChild.js'), root, storageFolder];
  return JSON.parse(
    execFileSync(process.env['VSCODE_NODE'] ?? process.execPath, child, { encoding: 'utf8' }),
  ) as ColdScan;
}

/** Reads everything once, so that nobody has to wait for the disk. */
function warm(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name));
}

async function bench(root: string, name: string, folder: string): Promise<void> {
  warm(root);
  const source = findReferenceProgram();
  const reference = source === null ? null : new ReferenceProgram(source, join(folder, 'reference'));
  const scans: ColdScan[] = [];
  const others: number[] = [];
  const othersTokens: number[] = [];
  // In turns, so that whatever else the machine does meets both alike.
  for (let round = 0; round < rounds; round++) {
    scans.push(scanIn(root, join(folder, 'storage')));
    if (reference === null) continue;
    others.push(
      await timed(async () => {
        const days = await reference.tokens(root);
        othersTokens.push([...days.values()].flat().reduce((sum, count) => sum + count, 0));
      }),
    );
  }
  const durationMs = percentile(
    scans.map((scan) => scan.durationMs),
    0.5,
  );
  const [scan] = scans;
  report.add(`cold scan of ${name}`, durationMs, 'ms');
  report.add(`cold scan of ${name}, rate`, (scan?.bytesRead ?? 0) / 1e6 / durationMs, 'GB/s');
  report.add(`cold scan of ${name}, messages`, scan?.messages ?? 0, '');
  report.add(
    `cold scan of ${name}, peak memory`,
    Math.max(...scans.map((each) => each.peakBytes)) / 1e6,
    'MB',
    '<= 200',
  );
  if (reference === null) return;
  // Of other transcripts some are counted differently, for the better (docs/counting.md).
  if (values.corpus === undefined && scan?.tokens !== othersTokens[0])
    throw new Error(`${scan?.tokens} tokens here, ${othersTokens[0]} there`);
  const otherMs = percentile(others, 0.5);
  report.add(`reference on ${name}`, otherMs, 'ms');
  report.add(`reference / cold scan, ${name}`, otherMs / durationMs, 'x', '>= 3');
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-bench-'));
  try {
    if (values.corpus !== undefined) await bench(values.corpus, values.corpus, folder);
    else
      for (const size of values.full === true ? [0.25, 0.5, 1, 2, 4] : [0.25, 0.5, 1]) {
        const root = join(folder, 'claude');
        writeCorpus({ folder: root, bytes: size * gigabyte, until: Date.UTC(2026, 10, 20) });
        await bench(root, `${size} GB`, folder);
        rmSync(root, { recursive: true, force: true });
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  report.end();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
