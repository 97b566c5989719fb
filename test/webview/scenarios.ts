import type { Snapshot } from '../../src/model/snapshot';
import type { PanelView } from '../../src/protocol/panelApi';
import { type FakeEngine, fakeEngine, silentEngine } from './fakeEngine';
import { modelsOf, projects, usage } from './fakeUsage';
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
  readonly engine: FakeEngine;
}

const full = snapshotOf(modelsOf, projects);
const history: Snapshot = {
  ...full,
  periods: {
    ...full.periods,
    allTime: { ...full.periods.last30Days, from: '2025-12-03', total: full.periods.last30Days.total },
  },
  block: {
    startEpochMs: fixtureNow - 2.5 * 3_600_000,
    endEpochMs: fixtureNow + 2.5 * 3_600_000,
    firstEpochMs: fixtureNow - 2.4 * 3_600_000,
    lastEpochMs: fixtureNow - 120_000,
    total: usage(0.6),
    burnRate: { tokens: 41_000, costNanoDollars: 61_000_000 },
    projected: { tokens: 12_300_000, costNanoDollars: 18_400_000_000 },
  },
  limits: [
    {
      limit: { id: 'day', period: 'day', softNanoDollars: 12e9, hardNanoDollars: 20e9 },
      from: civilDay(0),
      to: civilDay(0),
      spentNanoDollars: 15.41e9,
      reached: 'soft',
      muted: false,
    },
    {
      limit: {
        id: 'month',
        period: 'month',
        project: '/home/ada/work/usage-ledger',
        softNanoDollars: null,
        hardNanoDollars: 120e9,
      },
      from: `${civilDay(0).slice(0, 7)}-01`,
      to: '2026-11-30',
      spentNanoDollars: 131.2e9,
      reached: 'hard',
      muted: true,
    },
    {
      limit: { id: 'week', period: 'week', softNanoDollars: 80e9, hardNanoDollars: 100e9 },
      from: civilDay(1),
      to: civilDay(-5),
      spentNanoDollars: 27.6e9,
      reached: null,
      muted: false,
    },
  ],
};

/** Unknown prices, assumed prices, placeholders for output, lines that cannot be read. */
function unsure(): Snapshot {
  return snapshotOf(
    (daysAgo) => [
      ...modelsOf(daysAgo).map(({ name, total }, index) => ({
        name,
        total:
          index === 1
            ? { ...total, assumedMessages: total.messages, assumedCostNanoDollars: total.costNanoDollars }
            : {
                ...total,
                unfinishedMessages: 3,
                missingOutputTokens: 12_400,
                missingCostNanoDollars: 310_000_000,
              },
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

const unscanned = { ...healthyScan, complete: false, runs: 0, lastFinishedEpochMs: null };

const accessDenied = 'access was denied (EACCES: permission denied, open ledger/catalog.sqlite)';

export const scenarios: Readonly<Record<string, Scenario>> = {
  full: {
    view: viewOf(history, { workspaceFolders: ['/home/ada/work/usage-ledger'] }),
    engine: fakeEngine,
  },
  unsure: { view: viewOf(unsure()), engine: fakeEngine },
  hostile: { view: viewOf(hostile()), engine: fakeEngine },
  empty: {
    view: viewOf(emptySnapshot({ scan: { ...unscanned, complete: true, state: 'empty', filesSeen: 0 } })),
    engine: silentEngine,
  },
  waiting: { view: viewOf(null, { engine: { kind: 'starting', reason: null } }), engine: silentEngine },
  scanning: {
    view: viewOf(null, {
      progress: {
        filesTotal: 592,
        filesDone: 214,
        bytesTotal: 292_000_000,
        bytesDone: 131_400_000,
        remainingMs: 700,
      },
    }),
    engine: silentEngine,
  },
  scanningMore: {
    view: viewOf(
      { ...full, scan: { ...unscanned, state: 'scanning' } },
      {
        progress: {
          filesTotal: 592,
          filesDone: 214,
          bytesTotal: 292_000_000,
          bytesDone: 131_400_000,
          remainingMs: 700,
        },
      },
    ),
    engine: fakeEngine,
  },
  broken: {
    view: viewOf(history),
    engine: () => {
      throw new Error('the ledger is being repaired');
    },
  },
  stale: {
    view: viewOf({ ...full, takenEpochMs: fixtureNow - 11_000_000 }, { origin: 'disk' }),
    engine: fakeEngine,
  },
  failing: {
    view: viewOf(full, {
      engine: { kind: 'failing', reason: accessDenied },
      trouble: accessDenied,
    }),
    engine: fakeEngine,
  },
  failingEmpty: {
    view: viewOf(null, {
      engine: { kind: 'failing', reason: 'Cannot find module engine.js' },
      trouble: 'Cannot find module engine.js',
    }),
    engine: silentEngine,
  },
  quietPeriod: {
    view: viewOf({
      ...full,
      periods: { ...full.periods, today: period(civilDay(0), civilDay(0)) },
    }),
    engine: silentEngine,
  },
};
