import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One figure beside what it has to reach. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string;
}

/** Prints figures as they come; `--json FILE` on the command line has them written as well. */
export class Report {
  readonly #rows: Row[] = [];

  add(what: string, value: number, unit: string, target = ''): void {
    this.#rows.push({ what, value, unit, target });
    const figure = Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toPrecision(3);
    console.log(`${what.padEnd(52)} ${figure.padStart(10)} ${unit.padEnd(10)} ${target}`);
  }

  end(): void {
    const json = argument('--json');
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(this.#rows, null, 2)}\n`);
  }
}

/** What follows a name on the command line. */
export function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

/** The value below which `share` of the values lie; 0.5 is the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs a bench with a folder of its own that is gone afterwards; a failure is the process's. */
export function runBench(bench: (folder: string, report: Report) => Promise<void>): void {
  const folder = mkdtempSync(join(tmpdir(), 'usage-ledger-bench-'));
  const report = new Report();
  bench(folder, report)
    .then(() => report.end())
    .finally(() => rmSync(folder, { recursive: true, force: true }))
    .catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
}
