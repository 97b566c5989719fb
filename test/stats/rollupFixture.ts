import { noMeasures, type Measures } from '../../src/model/measures';
import type { ScanHealth } from '../../src/model/snapshot';
import { monthOf, quarterHourMs, quarterHourOf, type QuarterHour } from '../../src/model/time';
import type { Dimensions } from '../../src/model/usageRecord';
import type { Rollups } from '../../src/stats/rollups';

export interface Row {
  readonly quarter: QuarterHour;
  readonly names: Dimensions;
  readonly total: Measures;
}

export function row(
  time: string,
  cost: number,
  names: Partial<Dimensions> = {},
  measures: Partial<Measures> = {},
): Row {
  return {
    quarter: quarterHourOf(Date.parse(time)),
    names: {
      model: 'claude-opus-4-6',
      provider: 'anthropic',
      project: '/work/one',
      branch: 'main',
      source: 'claude-code',
      user: 'ada',
      host: 'box',
      ...names,
    },
    total: { ...noMeasures(), messages: 1, costNanoDollars: cost, inputTokens: cost, ...measures },
  };
}

/** Rollups held in a plain list. */
export class RollupList implements Rollups {
  readonly rows: Row[] = [];
  visits = 0;

  months(): string[] {
    return [...new Set(this.rows.map(({ quarter }) => monthOf(quarter * quarterHourMs)))].sort();
  }

  forEach(from: QuarterHour, to: QuarterHour, visit: Parameters<Rollups['forEach']>[2]): void {
    for (const { quarter, names, total } of this.rows) {
      if (quarter < from || quarter >= to) continue;
      this.visits++;
      visit(quarter, names, total);
    }
  }
}

/** Health of a scan that has nothing to tell. */
export const scan: ScanHealth = {
  state: 'ready',
  complete: true,
  roots: [],
  runs: 1,
  failures: 0,
  lastStartedEpochMs: null,
  lastFinishedEpochMs: null,
  lastDurationMs: 0,
  filesSeen: 0,
  filesRead: 0,
  filesSkipped: 0,
  bytesRead: 0,
  linesRead: 0,
  badLines: 0,
  badLineExamples: [],
  lastError: null,
  watcher: 'off',
  role: 'leader',
};
