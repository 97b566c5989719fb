import { usDollars } from '../../src/model/format';
import { addMeasures, type Measures, noMeasures } from '../../src/model/measures';
import type {
  DayMeasures,
  NamedMeasures,
  PeriodMeasures,
  ScanHealth,
  Snapshot,
} from '../../src/model/snapshot';
import type { PanelView } from '../../src/protocol/panelApi';

/** 2026-11-24T14:30:00Z, a Tuesday. */
export const fixtureNow = Date.UTC(2026, 10, 24, 14, 30);

export function measures(parts: Partial<Measures>): Measures {
  return { ...noMeasures(), ...parts };
}

export function sumOf(parts: readonly Measures[]): Measures {
  const sum = noMeasures();
  for (const part of parts) addMeasures(sum, part);
  return sum;
}

export function civilDay(daysAgo: number): string {
  return new Date(fixtureNow - daysAgo * 86_400_000).toISOString().slice(0, 10);
}

export function period(
  from: string,
  to: string,
  byModel: readonly NamedMeasures[] = [],
  byProject: readonly NamedMeasures[] = [],
): PeriodMeasures {
  return { from, to, byModel, byProject, total: sumOf(byModel.map((each) => each.total)) };
}

export const healthyScan: ScanHealth = {
  state: 'ready',
  complete: true,
  roots: [
    { path: '/home/ada/.config/claude', exists: false },
    { path: '/home/ada/.claude', exists: true },
  ],
  runs: 12,
  failures: 0,
  lastStartedEpochMs: fixtureNow - 30_400,
  lastFinishedEpochMs: fixtureNow - 30_000,
  lastDurationMs: 400,
  filesSeen: 592,
  filesRead: 2,
  filesSkipped: 590,
  bytesRead: 48_200,
  linesRead: 120,
  badLines: 0,
  badLineExamples: [],
  lastError: null,
  watcher: 'events',
  role: 'leader',
};

export function emptySnapshot(parts: Partial<Snapshot> = {}): Snapshot {
  const today = civilDay(0);
  return {
    format: 1,
    generation: 1,
    takenEpochMs: fixtureNow,
    timeZone: 'UTC',
    periods: {
      today: period(today, today),
      yesterday: period(civilDay(1), civilDay(1)),
      last7Days: period(civilDay(6), today),
      last30Days: period(civilDay(29), today),
      month: period(`${today.slice(0, 7)}-01`, today),
      allTime: period(today, today),
    },
    days: Array.from({ length: 30 }, (_, index) => ({
      day: civilDay(29 - index),
      total: noMeasures(),
      byModel: [],
    })),
    unpricedModels: [],
    scan: healthyScan,
    ...parts,
  };
}

/** A snapshot whose every day holds `byModel(daysAgo)`, its projects split by `shares`. */
export function snapshotOf(
  byModel: (daysAgo: number) => readonly NamedMeasures[],
  projects: readonly string[] = [],
  parts: Partial<Snapshot> = {},
): Snapshot {
  const days: DayMeasures[] = Array.from({ length: 30 }, (_, index) => {
    const names = byModel(29 - index);
    return { day: civilDay(29 - index), byModel: names, total: sumOf(names.map((each) => each.total)) };
  });
  const over = (from: string, to: string): PeriodMeasures => {
    const inside = days.filter(({ day }) => day >= from && day <= to);
    const models = new Map<string, Measures>();
    for (const day of inside)
      for (const { name, total } of day.byModel)
        models.set(name, sumOf([models.get(name) ?? noMeasures(), total]));
    const named = ranked([...models].map(([name, total]) => ({ name, total })));
    const total = sumOf(named.map((each) => each.total));
    return { ...period(from, to, named, ranked(split(total, projects))), total };
  };
  const today = civilDay(0);
  return emptySnapshot({
    days,
    periods: {
      today: over(today, today),
      yesterday: over(civilDay(1), civilDay(1)),
      last7Days: over(civilDay(6), today),
      last30Days: over(civilDay(29), today),
      month: over(`${today.slice(0, 7)}-01`, today),
      allTime: over(civilDay(29), today),
    },
    ...parts,
  });
}

function split(total: Measures, projects: readonly string[]): NamedMeasures[] {
  const weights = projects.map((_, index) => 1 / (index + 1) ** 1.3);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return projects.map((name, index) => ({
    name,
    total: Object.fromEntries(
      Object.entries(total).map(([key, value]) => [key, Math.round((value * weights[index]!) / whole)]),
    ) as Measures,
  }));
}

function ranked(names: NamedMeasures[]): NamedMeasures[] {
  return names.sort((one, other) => other.total.costNanoDollars - one.total.costNanoDollars);
}

export function viewOf(snapshot: Snapshot | null, parts: Partial<PanelView> = {}): PanelView {
  return {
    snapshot,
    origin: snapshot === null ? 'none' : 'engine',
    progress: null,
    engine: { kind: 'running', reason: null },
    nowEpochMs: fixtureNow,
    money: usDollars,
    workspaceFolders: [],
    ...parts,
  };
}
