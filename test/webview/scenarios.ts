import type { Measures } from '../../src/model/measures';
import type { BreakdownQuery, BreakdownRow } from '../../src/model/query';
import type { Snapshot } from '../../src/model/snapshot';
import type { PanelView } from '../../src/protocol/panelApi';
import {
  civilDay,
  emptySnapshot,
  fixtureNow,
  healthyScan,
  measures,
  period,
  snapshotOf,
  viewOf,
} from './fixtures';

/** The panel in each state that it can be in, for looking at and for tests of the page. */
export interface Scenario {
  readonly view: PanelView;
  readonly rows: (query: BreakdownQuery) => readonly BreakdownRow[];
}

/** The same "random" numbers every time. */
function noise(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}

const models = [
  ['claude-opus-4-6', 1],
  ['claude-sonnet-4-6', 0.42],
  ['claude-haiku-4-5-20251001', 0.09],
  ['claude-opus-4-5-20251101', 0.3],
] as const;

function usage(scale: number): Measures {
  const messages = Math.round(120 * scale) + 1;
  return measures({
    messages,
    inputTokens: Math.round(8_000 * scale),
    outputTokens: Math.round(92_000 * scale),
    cacheReadTokens: Math.round(9_400_000 * scale),
    cacheWrite5mTokens: Math.round(510_000 * scale),
    costNanoDollars: Math.round(14_600_000_000 * scale),
    cacheReadSavedNanoDollars: Math.round(38_000_000_000 * scale),
  });
}

function modelsOf(daysAgo: number): { name: string; total: Measures }[] {
  const weekday = new Date(fixtureNow - daysAgo * 86_400_000).getUTCDay();
  const busy = weekday === 0 || weekday === 6 ? (noise(daysAgo) > 0.6 ? 0.25 : 0) : 0.5 + noise(daysAgo + 3);
  return models
    .map(([name, weight], index) => ({
      name,
      scale: busy * weight * (0.4 + noise(daysAgo * 7 + index)),
      there: index < 3 || daysAgo > 14,
    }))
    .filter(({ there, scale }) => there && scale > 0.02)
    .map(({ name, scale }) => ({ name, total: usage(scale) }));
}

const projects = [
  '/home/ada/work/usage-ledger',
  '/home/ada/work/billing/service',
  '/home/ada/play/service',
  '/home/ada/work/site',
  '/home/ada/notes',
  '',
  '/home/ada/work/a-folder-with-quite-a-long-name-that-does-not-fit-anywhere/packages/core',
  '/home/ada/tmp/one',
  '/home/ada/tmp/two',
  '/home/ada/tmp/three',
];

const full = snapshotOf(modelsOf, projects);
const history: Snapshot = {
  ...full,
  periods: {
    ...full.periods,
    allTime: { ...full.periods.last30Days, from: '2025-12-03', total: full.periods.last30Days.total },
  },
};

function rowsOf(query: BreakdownQuery): BreakdownRow[] {
  const row = (bucket: string, name: string, scale: number): BreakdownRow => ({
    bucket,
    names: { model: name },
    total: usage(scale),
  });
  if (query.grain === 'hour')
    return [8, 9, 10, 11, 13, 14].flatMap((hour) =>
      models
        .slice(0, 3)
        .map(([name, weight]) =>
          row(`${civilDay(0)}T${String(hour).padStart(2, '0')}`, name, weight * noise(hour) * 0.2),
        ),
    );
  return Array.from({ length: 12 }, (_, index) => index).flatMap((index) =>
    models.map(([name, weight]) =>
      row(
        new Date(Date.UTC(2025, 11 + index, 1)).toISOString().slice(0, 7),
        name,
        weight * 8 * (0.3 + noise(index)),
      ),
    ),
  );
}

/** Unknown prices, assumed prices, placeholders for output, lines that cannot be read. */
function unsure(): Snapshot {
  return snapshotOf(
    (daysAgo) => [
      ...modelsOf(daysAgo).map(({ name, total }, index) => ({
        name,
        total:
          index === 1
            ? { ...total, assumedMessages: total.messages, assumedCostNanoDollars: total.costNanoDollars }
            : { ...total, unfinishedMessages: 3, missingCostNanoDollars: 310_000_000 },
      })),
      {
        name: 'experimental-model-nobody-has-a-price-for',
        total: measures({
          messages: 4,
          unpricedMessages: 4,
          inputTokens: 12_000,
          outputTokens: 800,
          cacheReadTokens: 90_000,
        }),
      },
    ],
    projects.slice(0, 4),
    {
      unpricedModels: [{ model: 'experimental-model-nobody-has-a-price-for', messages: 120 }],
      scan: { ...healthyScan, badLines: 17 },
    },
  );
}

/** Names that would do harm if they could. */
function hostile(): Snapshot {
  return snapshotOf(
    () => [
      { name: '<img src=x onerror=alert(1)>', total: usage(1) },
      { name: '\u202eevil-model\u202c `x` [a](command:evil)', total: usage(0.6) },
      { name: `long-${'x'.repeat(300)}`, total: usage(0.3) },
    ],
    [
      '/tmp/<script>alert(1)</script>',
      '/tmp/=cmd|calc',
      '/tmp/\u05e9\u05dc\u05d5\u05dd',
      `/tmp/${'y'.repeat(300)}`,
    ],
  );
}

const noRows = (): readonly BreakdownRow[] => [];
const unscanned = { ...healthyScan, complete: false, runs: 0, lastFinishedEpochMs: null };

export const scenarios: Readonly<Record<string, Scenario>> = {
  full: { view: viewOf(history), rows: rowsOf },
  unsure: { view: viewOf(unsure()), rows: rowsOf },
  hostile: { view: viewOf(hostile()), rows: rowsOf },
  empty: {
    view: viewOf(emptySnapshot({ scan: { ...unscanned, complete: true, state: 'empty', filesSeen: 0 } })),
    rows: noRows,
  },
  waiting: { view: viewOf(null, { engine: { kind: 'starting', reason: null } }), rows: noRows },
  scanning: {
    view: viewOf(null, {
      progress: { filesTotal: 592, filesDone: 214, bytesTotal: 292_000_000, bytesDone: 131_400_000, remainingMs: 700 },
    }),
    rows: noRows,
  },
  scanningMore: {
    view: viewOf(
      { ...full, scan: { ...unscanned, state: 'scanning' } },
      { progress: { filesTotal: 592, filesDone: 214, bytesTotal: 292_000_000, bytesDone: 131_400_000, remainingMs: 700 } },
    ),
    rows: rowsOf,
  },
  stale: {
    view: viewOf({ ...full, takenEpochMs: fixtureNow - 11_000_000 }, { origin: 'disk' }),
    rows: rowsOf,
  },
  failing: {
    view: viewOf(full, {
      engine: { kind: 'failing', reason: 'EACCES: permission denied, open ledger/catalog.sqlite' },
    }),
    rows: rowsOf,
  },
  failingEmpty: {
    view: viewOf(null, { engine: { kind: 'failing', reason: 'Cannot find module engine.js' } }),
    rows: noRows,
  },
  quietPeriod: {
    view: viewOf({
      ...full,
      periods: { ...full.periods, today: period(civilDay(0), civilDay(0)) },
    }),
    rows: noRows,
  },
};
