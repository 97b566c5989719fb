import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { LegacyKind } from '../../../src/model/importReport';
import { type LegacyEntry, readEntries } from '../../../src/sources/legacy/entries';
import { findLegacyFiles } from '../../../src/sources/legacy/locate';
import type { LocalTime } from '../../../src/sources/legacy/time';
import { temporaryFolder, writeFiles } from './fixtures';

/** Two hours ahead of UTC. */
const local: LocalTime = {
  dayOf: (epochMs) => new Date(epochMs + 7_200_000).toISOString().slice(0, 10),
  instantOf: (day, wallMs) => Date.parse(`${day}T00:00:00Z`) + wallMs - 7_200_000,
};

describe('entries of old files', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function read(files: Record<string, unknown>): Promise<Partial<Record<LegacyKind, LegacyEntry[]>>> {
    writeFiles(folder, files);
    const all: Partial<Record<LegacyKind, LegacyEntry[]>> = {};
    for (const source of (await findLegacyFiles(folder)).sources)
      for await (const { entries } of readEntries(source, local)) (all[source.kind] ??= []).push(...entries);
    return all;
  }

  const periods = (entries: readonly LegacyEntry[] = []): string[] =>
    entries.map((entry) => {
      if (entry.kind === 'day') return `${entry.user ?? '-'} ${entry.day}`;
      if (entry.kind === 'month') return `${entry.user ?? '-'} ${entry.month}`;
      return entry.kind === 'bad' ? `bad ${entry.reason}` : entry.kind;
    });

  it('are days and months by user, whichever stands outside, in a wrapper or a list', async () => {
    for (const daily of [
      { bob: { '2025-03-01': { tokens: 1 } } },
      { '2025-03-01': { bob: { tokens: 1 } } },
      { version: 2, users: { bob: { '2025-03-01': { tokens: 1 } } }, last_updated: 'now' },
      [{ user_id: 'bob', date: '2025-03-01', tokens: 1 }],
      { bob: [{ date: '2025-03-01', tokens: 1 }] },
    ])
      assert.deepEqual(
        periods((await read({ 'daily_usage.json': daily }))['daily-usage']),
        ['bob 2025-03-01'],
        JSON.stringify(daily),
      );
    const monthly = { bob: { '2025-03': { tokens: 1 } }, eve: [{ month: '2025-04', tokens: 2 }] };
    assert.deepEqual(periods((await read({ 'monthly_usage.json': monthly }))['monthly-usage']), [
      'bob 2025-03',
      'eve 2025-04',
    ]);
  });

  it('come from the partitioned layout, wrapped or not, and one broken file harms no other', async () => {
    const all = await read({
      'partitioned/1a/bob/2025-03/daily_2025-03-02.json': { tokens: 1 },
      'partitioned/1a/bob/2025-03/daily_2025-03-03.json': { '2025-03-03': { tokens: 1 } },
      'partitioned/1a/bob/2025-03/daily_2025-03-04.json': '{"tok',
      'partitioned/1a/bob/2025-03/notes.txt': 'x',
      'partitioned/2b/e_ve/2025-03/monthly_2025-03.json': { user_id: 'e/ve', data: { tokens: 3 } },
    });
    assert.deepEqual(periods(all['partitioned-days']), ['bob 2025-03-02', 'bob 2025-03-03', 'bad not-json']);
    assert.deepEqual(periods(all['partitioned-months']), ['e/ve 2025-03']);
  });

  it('are sessions with their times, local ones in the zone of whoever imports', async () => {
    const { usage = [] } = await read({
      'usage.json': {
        ignored: { sessions: [1, 2, 3] },
        sessions: {
          zoned: { start_time: '2025-03-01T10:00:00+01:00', tokens: 1, project: '/p', user: 'bob' },
          local: { timestamp: '2025-03-01 10:00:00.123456', tokens: 1 },
          seconds: { start: 1_740_823_200, tokens: 1 },
          day: { date: '2025-03-01', tokens: 1 },
          timeless: { tokens: 1 },
          odd: { timestamp: '2025-13-41T10:00:00Z', tokens: 1 },
        },
      },
    });
    const told = usage.map((entry) =>
      entry.kind === 'session'
        ? `${entry.id ?? '-'} ${new Date(entry.epochMs).toISOString()} ${entry.user ?? '-'} ${entry.project}`
        : periods([entry])[0],
    );
    assert.deepEqual(told, [
      'zoned 2025-03-01T09:00:00.000Z bob /p',
      'local 2025-03-01T08:00:00.123Z - ',
      'seconds 2025-03-01T10:00:00.000Z - ',
      'day 2025-03-01T10:00:00.000Z - ',
      'bad no-time',
      'bad bad-time',
    ]);
  });
});
