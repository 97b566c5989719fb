import { LedgerError } from '../../src/model/errors';
import type { UsageBlock } from '../../src/model/block';
import type { EngineHealth, HistoryPoint } from '../../src/model/health';
import { packSessions } from '../../src/model/packedSessions';
import type { UsagePatterns } from '../../src/model/patterns';
import type {
  BreakdownQuery,
  BreakdownRow,
  MessageRow,
  SessionRow,
  UsageFilter,
} from '../../src/model/query';
import type { AskedCall } from '../../src/protocol/panelApi';
import { daysBetween, monthsBetween, weekdayOf } from '../../src/webview/days';
import { models, modelsOf, noise, projects, usage } from './fakeUsage';
import { civilDay, fixtureNow, healthyScan, measures, sumOf } from './fixtures';

/** Answers the page's questions with figures that look like real ones. */
export type FakeEngine = (name: AskedCall, params: never) => unknown;

const hourMs = 3_600_000;
const branches = ['main', 'feature/limits', 'fix/rounding', ''];

function breakdown({ filter, grain, by }: BreakdownQuery): BreakdownRow[] {
  const from = filter.from ?? civilDay(300);
  const to = filter.to ?? civilDay(0);
  const dimension = by[0];
  const names: readonly (readonly [string, number])[] =
    dimension === undefined
      ? [['', 1.8]]
      : dimension === 'model'
        ? models
        : dimension === 'project'
          ? projects.map((name, index) => [name, 1.2 / (index + 1) ** 1.3])
          : dimension === 'branch'
            ? branches.map((name, index) => [name, 1 / (index + 1)])
            : dimension === 'source'
              ? [
                  ['claude-code', 1.7],
                  ['acme.assistant', 0.1],
                ]
              : [['ada', 1.8]];
  const kept = names.filter(
    ([name]) => dimension === undefined || (filter.only?.[dimension]?.includes(name) ?? true),
  );
  const scale = Object.keys(filter.only ?? {}).length > 0 ? 0.4 : 1;
  const buckets = bucketsOf(grain, from, to);
  return buckets.flatMap(({ bucket, weight }) =>
    weight === 0
      ? []
      : kept
          .map(([name, share], index): BreakdownRow => ({
            bucket,
            names: dimension === undefined ? {} : { [dimension]: name },
            total: usage(scale * weight * share * (0.5 + noise(index + bucket.length + weight * 100))),
          }))
          .sort((one, other) => other.total.costNanoDollars - one.total.costNanoDollars),
  );
}

function bucketsOf(
  grain: BreakdownQuery['grain'],
  from: string,
  to: string,
): { bucket: string; weight: number }[] {
  const days = daysBetween(from, to);
  const busy = (day: string): number =>
    weekdayOf(day) > 5
      ? noise(Number(day.slice(8))) > 0.6
        ? 0.2
        : 0
      : 0.4 + noise(Number(day.slice(8)) + 7) * 0.8;
  switch (grain) {
    case 'hour':
      return days.flatMap((day) =>
        [8, 9, 10, 11, 13, 14].map((hour) => ({
          bucket: `${day}T${String(hour).padStart(2, '0')}`,
          weight: 0.2 * noise(hour),
        })),
      );
    case 'day':
      return days.map((day) => ({ bucket: day, weight: busy(day) }));
    case 'month':
      return monthsBetween(from, to).map((bucket, index) => ({ bucket, weight: 8 * (0.3 + noise(index)) }));
    case 'total':
      return [{ bucket: '', weight: Math.min(days.length, 60) * 0.5 }];
    case 'weekdayHour':
      return [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
        Array.from({ length: 24 }, (_, hour) => ({
          bucket: `${weekday}T${String(hour).padStart(2, '0')}`,
          weight:
            hour < 7 || (weekday > 5 && hour < 15)
              ? 0
              : 0.9 * noise(weekday * 24 + hour) * Math.exp(-(((hour - 14) / 5) ** 2)),
        })),
      );
  }
}

const sessionCount = 1_400;

function session(index: number): SessionRow {
  const end = fixtureNow - (index * 5 + 2 * noise(index)) * hourMs;
  const length = (0.02 + 3 * noise(index + 1) ** 2) * hourMs;
  const total = usage(0.05 + noise(index + 2) * 0.8);
  return {
    session: `0f3c${String(index).padStart(4, '0')}-7b1e-4c55-9a61-2f6d8e0c1b7a`,
    source: 'claude-code',
    user: 'ada',
    host: 'desk',
    models: index % 3 === 0 ? [models[0][0], models[2][0]] : [models[1][0]],
    projects: [projects[index % projects.length]!],
    branches: [branches[index % branches.length]!],
    startEpochMs: end - length,
    endEpochMs: end,
    total,
    transcriptPath: index % 11 === 10 ? null : `/home/ada/.claude/projects/p/${index}.jsonl`,
    claudeCodeCostNanoDollars:
      index % 4 === 1 ? Math.round(total.costNanoDollars * (1 + 0.2 * (noise(index + 5) - 0.3))) : null,
  };
}

const titles = [
  'Make the month files bounded',
  'Why does the ticker lag behind a scan?',
  'Split the style sheet by component and look at every theme in a narrow column',
  'Rename the lease',
  '',
];

function sessions(filter: UsageFilter): SessionRow[] {
  const wanted = filter.sessions === undefined ? null : new Set(filter.sessions);
  return Array.from({ length: sessionCount }, (_, index) => session(index)).filter(
    ({ session: id, startEpochMs, projects: [project] }) => {
      if (wanted !== null) return wanted.has(id);
      const day = new Date(startEpochMs).toISOString().slice(0, 10);
      return (
        day >= (filter.from ?? '') &&
        day <= (filter.to ?? '9') &&
        (filter.only?.project?.includes(project!) ?? true)
      );
    },
  );
}

function blocks(filter: UsageFilter): UsageBlock[] {
  return daysBetween(filter.from ?? civilDay(30), filter.to ?? civilDay(0)).flatMap((day) =>
    [8, 14, 20]
      .filter((hour) => weekdayOf(day) < 6 && noise(hour + Number(day.slice(8))) > (hour === 20 ? 0.7 : 0.25))
      .map((hour): UsageBlock => {
        const start = Date.parse(`${day}T00:00:00Z`) + hour * hourMs;
        const length = 0.5 + 4 * noise(hour * 3 + Number(day.slice(8)));
        return {
          startEpochMs: start,
          endEpochMs: start + 5 * hourMs,
          firstEpochMs: start + 0.2 * hourMs,
          lastEpochMs: start + length * hourMs,
          total: usage(0.1 + 0.9 * noise(hour + 2 * Number(day.slice(8)))),
        };
      }),
  );
}

function messages(): MessageRow[] {
  return Array.from({ length: 180 }, (_, index) => ({
    id: `msg_${index}`,
    epochMs: fixtureNow - (180 - index) * 45_000,
    session: session(0).session,
    model: models[index % 3]![0],
    provider: 'anthropic',
    project: projects[0]!,
    branch: 'main',
    source: 'claude-code',
    user: 'ada',
    host: 'desk',
    total: measures({ ...usage(noise(index) / 40), messages: 1 }),
    priced: index !== 7,
  }));
}

function history(): HistoryPoint[] {
  return Array.from({ length: 40 }, (_, index) => ({
    epochMs: fixtureNow - index * 200_000,
    todayNanoDollars: 15e9 - index * 2e8 * (1 + noise(index)),
    todayTokens: 9e6,
    allTimeNanoDollars: 450e9 - index * 2e8 * (1 + noise(index)),
    allTimeTokens: 3e8,
  }));
}

function health(): EngineHealth {
  return {
    scan: healthyScan,
    runs: Array.from({ length: 12 }, (_, index) => ({
      startedEpochMs: fixtureNow - index * 90_000,
      durationMs: 38 + 400 * noise(index),
      scope: index % 3 === 0 ? 'everything' : 'files',
      filesSeen: index % 3 === 0 ? 592 : 2,
      filesSkipped: index % 3 === 0 ? 590 : 0,
      filesRead: 2,
      bytesRead: 48_200,
      linesRead: 120,
      fileErrors: index === 3 ? 1 : 0,
      error: index === 5 ? 'EACCES: permission denied' : null,
    })),
    consecutiveFailures: 0,
    nextSweepEpochMs: fixtureNow + 60_000,
    cache: { hits: 912, misses: 31 },
    watcher: { mode: 'events', reason: null, folders: 48 },
    ledger: {
      months: 11,
      openMonths: 2,
      maxOpenMonths: 12,
      rememberedSessionParts: 40,
      pendingRows: 12,
      monthBytes: 38_000_000,
      checkpoints: 40,
      lastCheckpointEpochMs: fixtureNow - 40_000,
      lastCheckpointBytes: 2_000_000,
      recoveries: 0,
    },
    lease: { epoch: 4, sinceEpochMs: fixtureNow - 8 * hourMs },
    snapshotRing: { entries: 400, capacity: 3_600, bytes: 51_200 },
    metrics: null,
    memoryBytes: 84_000_000,
    openStreams: 0,
  };
}

function patterns(): UsagePatterns {
  const share = { messages: 400, tokens: 9e6, costNanoDollars: 120e9 };
  return {
    range: { from: civilDay(29), to: civilDay(0) },
    timeZone: 'UTC',
    activeDays: 24,
    total: sumOf(modelsOf(3).map(({ total }) => total)),
    findings: [
      {
        kind: 'trend',
        days: 7,
        from: civilDay(6),
        costNanoDollars: 96e9,
        costBeforeNanoDollars: 78e9,
        tokens: 6e7,
        tokensBefore: 5e7,
        messages: 900,
        messagesBefore: 700,
        change: 0.23,
      },
      {
        kind: 'busiestHours',
        hours: [14, 15, 10].map((at, index) => ({ ...share, at, share: 0.16 - index / 50 })),
      },
      { kind: 'busiestWeekdays', weekdays: [2, 4].map((at) => ({ ...share, at, share: 0.24 })) },
      {
        kind: 'unusualDay',
        day: civilDay(15),
        costNanoDollars: 33.9e9,
        medianNanoDollars: 18.2e9,
        deviations: 4.1,
        topModel: models[0][0],
        topProject: projects[0]!,
      },
      { kind: 'modelShift', model: models[1][0], share: 0.29, shareBefore: 0.14, costNanoDollars: 129e9 },
      {
        kind: 'projectGrowth',
        project: projects[0]!,
        costNanoDollars: 198e9,
        costBeforeNanoDollars: 120e9,
        change: 0.65,
      },
      {
        kind: 'cacheEfficiency',
        readShare: 0.95,
        readsPerWrite: 18,
        savedNanoDollars: 1178e9,
        writeExtraNanoDollars: 59e9,
      },
    ],
  };
}

const answers: { readonly [Name in AskedCall]: (params: never) => unknown } = {
  breakdown,
  packedSessions: (filter: UsageFilter) => ({
    ...packSessions(sessions(filter)),
    token: '',
    whole: true,
    gone: [],
  }),
  blocks,
  history,
  health,
  patterns,
  sessionTitle: ({ transcriptPath }: { transcriptPath: string }) => {
    const title = titles[Number(/(\d+)\.jsonl/.exec(transcriptPath)?.[1]) % titles.length] ?? '';
    return title === '' ? null : { title, from: 'generated' };
  },
  openMessages: () => {
    opened++;
    chunks = [messages(), []];
    return { stream: opened };
  },
  nextMessages: () => chunks.shift() ?? [],
  closeMessages: () => null,
};
let opened = 0;
let chunks: MessageRow[][] = [];

export const fakeEngine: FakeEngine = (name, params) => {
  if (!Object.hasOwn(answers, name)) throw new LedgerError('invalid', `there is no call named ${name}`);
  return answers[name](params);
};

/** The engine of somebody who has not used anything yet. */
export const silentEngine: FakeEngine = (name, params) => {
  if (name === 'health') return fakeEngine(name, params);
  if (name === 'patterns') return { ...patterns(), range: null, activeDays: 0, findings: [] };
  return name === 'sessionTitle' ? null : [];
};
