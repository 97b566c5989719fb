import assert from 'node:assert/strict';
import type { PatternFinding, UsagePatterns } from '../../src/model/patterns';
import type { UsageFilter } from '../../src/model/query';
import { LedgerError } from '../../src/model/errors';
import { breakdown } from '../../src/stats/breakdown';
import { CivilTime } from '../../src/stats/civilTime';
import { usagePatterns } from '../../src/stats/patterns';
import { userProfiles } from '../../src/stats/profiles';
import { row, RollupList } from './rollupFixture';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 10, 24);

function timeAt(daysAgo: number, hour = 12): string {
  return new Date(today - daysAgo * dayMs + hour * 3_600_000).toISOString();
}

type Kind = PatternFinding['kind'];

function findings<Name extends Kind>(
  patterns: UsagePatterns,
  kind: Name,
): Extract<PatternFinding, { kind: Name }>[] {
  return patterns.findings.filter(
    (finding): finding is Extract<PatternFinding, { kind: Name }> => finding.kind === kind,
  );
}

describe('patterns', () => {
  let rollups: RollupList;
  beforeEach(() => {
    rollups = new RollupList();
  });
  const patternsOf = (filter: UsageFilter = {}, zone = 'UTC'): Promise<UsagePatterns> =>
    usagePatterns(filter, new CivilTime(zone), rollups, today + dayMs / 2);

  it('of nothing are none', async () => {
    const patterns = await patternsOf();
    assert.equal(patterns.range, null);
    assert.deepEqual(patterns.findings, []);
  });

  it('tell users by their shares, and say nothing of a single one', async () => {
    rollups.rows.push(row(timeAt(3), 30, { user: 'ada' }), row(timeAt(2), 70, { user: 'bob' }));
    const [users] = findings(await patternsOf(), 'users');
    assert.deepEqual(
      users?.users.map(({ name, share, costNanoDollars }) => [name, share, costNanoDollars]),
      [
        ['bob', 0.7, 70],
        ['ada', 0.3, 30],
      ],
    );
    assert.deepEqual(findings(await patternsOf({ only: { user: ['ada'] } }), 'users'), []);
  });

  it('tell the busiest hours and weekdays of the civil time that was asked for', async () => {
    // 24 November 2026 is a Tuesday; 23:00 UTC is Wednesday 08:00 in Tokyo.
    rollups.rows.push(row(timeAt(7, 23), 50), row(timeAt(0, 23), 40), row(timeAt(1, 9), 10));
    const utc = await patternsOf();
    assert.deepEqual(
      findings(utc, 'busiestHours')[0]?.hours.map(({ at, share }) => [at, share]),
      [
        [23, 0.9],
        [9, 0.1],
      ],
    );
    assert.equal(findings(utc, 'busiestWeekdays')[0]?.weekdays[0]?.at, 2);
    const tokyo = await patternsOf({}, 'Asia/Tokyo');
    assert.equal(findings(tokyo, 'busiestHours')[0]?.hours[0]?.at, 8);
    assert.equal(findings(tokyo, 'busiestWeekdays')[0]?.weekdays[0]?.at, 3);
  });

  it('compare the last days with as many before, also with those before the range', async () => {
    rollups.rows.push(row(timeAt(40), 100), row(timeAt(10), 40), row(timeAt(6), 20), row(timeAt(0), 40));
    const patterns = await patternsOf({ from: '2026-11-18', to: '2026-11-24' });
    assert.equal(patterns.total.costNanoDollars, 60, 'the sums are those of the range');
    assert.deepEqual(
      findings(patterns, 'trend').map(({ days, from, costNanoDollars, costBeforeNanoDollars, change }) => [
        days,
        from,
        costNanoDollars,
        costBeforeNanoDollars,
        change,
      ]),
      [
        [7, '2026-11-18', 60, 40, 0.5],
        [30, '2026-10-26', 100, 100, 0],
        [90, '2026-08-27', 200, 0, null],
      ],
    );
  });

  it('go by tokens where nothing has a price', async () => {
    rollups.rows.push(
      row(timeAt(8), 0, {}, { inputTokens: 100 }),
      row(timeAt(0), 0, {}, { inputTokens: 150 }),
    );
    assert.equal(findings(await patternsOf(), 'trend')[0]?.change, 0.5);
  });

  it('name a day far above the usual, with what it was spent on, and not a merely good one', async () => {
    for (let day = 1; day <= 20; day++) rollups.rows.push(row(timeAt(day), 100 + (day % 5)));
    rollups.rows.push(row(timeAt(30), 900, { project: '/work/big', model: 'claude-haiku-4-5' }));
    rollups.rows.push(row(timeAt(31), 104));
    const [unusual, ...others] = findings(await patternsOf(), 'unusualDay');
    assert.equal(others.length, 0);
    assert.equal(unusual?.day, '2026-10-25');
    assert.equal(unusual.topProject, '/work/big');
    assert.equal(unusual.topModel, 'claude-haiku-4-5');
    assert.equal(unusual.medianNanoDollars, 102);
    assert.ok(unusual.deviations > 100, `${unusual.deviations}`);
  });

  it('need two weeks of days before any is unusual', async () => {
    for (let day = 1; day < 13; day++) rollups.rows.push(row(timeAt(day), 100 + (day % 5)));
    rollups.rows.push(row(timeAt(0), 100_000));
    assert.deepEqual(findings(await patternsOf(), 'unusualDay'), []);
  });

  it('tell a shift between models and the growth of projects', async () => {
    rollups.rows.push(
      row(timeAt(40), 100, { model: 'old', project: '/work/one' }),
      row(timeAt(40), 10, { model: 'steady', project: '/work/two' }),
      row(timeAt(5), 200, { model: 'new', project: '/work/one' }),
      row(timeAt(5), 20, { model: 'steady', project: '/work/three' }),
    );
    const patterns = await patternsOf();
    assert.deepEqual(
      findings(patterns, 'modelShift')
        .map(({ model, share, shareBefore }) => [model, share.toFixed(2), shareBefore.toFixed(2)])
        .sort(),
      [
        ['new', '0.91', '0.00'],
        ['old', '0.00', '0.91'],
      ],
    );
    assert.deepEqual(
      findings(patterns, 'projectGrowth').map(({ project, change }) => [project, change]),
      [
        ['/work/one', 1],
        ['/work/three', null],
        ['/work/two', -1],
      ],
    );
  });

  it('tell how well the cache serves', async () => {
    rollups.rows.push(
      row(
        timeAt(1),
        5,
        {},
        {
          inputTokens: 10,
          cacheReadTokens: 80,
          cacheWrite5mTokens: 6,
          cacheWrite1hTokens: 4,
          cacheReadSavedNanoDollars: 700,
          cacheWriteExtraNanoDollars: 3,
        },
      ),
    );
    assert.deepEqual(findings(await patternsOf(), 'cacheEfficiency'), [
      {
        kind: 'cacheEfficiency',
        readShare: 0.8,
        readsPerWrite: 8,
        savedNanoDollars: 700,
        writeExtraNanoDollars: 3,
      },
    ]);
  });

  it('are told of days and names, never of sessions, which the sums do not know', async () => {
    const filter = { sessions: ['one'] };
    const refused = (error: unknown): boolean => LedgerError.is(error, 'invalid');
    await assert.rejects(patternsOf(filter), refused);
    await assert.rejects(userProfiles(filter, new CivilTime('UTC'), rollups, []), refused);
    assert.throws(() => breakdown({ filter, grain: 'day', by: [] }, new CivilTime('UTC'), rollups), refused);
  });
});

describe('user profiles', () => {
  it('tell when and with what each user works, and the limits of their own', async () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row(timeAt(20, 9), 10, { user: 'ada', model: 'opus' }),
      row(timeAt(3, 9), 5, { user: 'ada', model: 'haiku' }),
      row(timeAt(2, 22), 100, { user: 'bob', project: '/work/two' }),
    );
    const limit = (id: string, user?: string) => ({
      limit: {
        id,
        period: 'day' as const,
        softNanoDollars: null,
        hardNanoDollars: 1,
        ...(user === undefined ? {} : { user }),
      },
      from: '2026-11-24',
      to: '2026-11-24',
      spentNanoDollars: 0,
      reached: null,
      muted: false,
    });
    const [bob, ada, ...others] = await userProfiles({}, new CivilTime('UTC'), rollups, [
      limit('all'),
      limit('hers', 'ada'),
    ]);
    assert.equal(others.length, 0);
    assert.equal(bob?.user, 'bob');
    assert.equal(ada?.user, 'ada');
    assert.equal(ada.firstSeenEpochMs, Date.parse(timeAt(20, 9)));
    assert.equal(ada.lastSeenEpochMs, Date.parse(timeAt(3, 9)));
    assert.equal(ada.activeDays, 2);
    assert.deepEqual(ada.total.costNanoDollars, 15);
    assert.deepEqual(
      ada.favouriteModels.map(({ name, share }) => [name, share.toFixed(2)]),
      [
        ['opus', '0.67'],
        ['haiku', '0.33'],
      ],
    );
    assert.equal(ada.messagesByHour[9], 2);
    assert.equal(ada.messagesByHour.length, 24);
    assert.deepEqual(
      ada.limits.map((state) => state.limit.id),
      ['hers'],
    );
    assert.deepEqual(
      bob.favouriteProjects.map(({ name }) => name),
      ['/work/two'],
    );
    assert.deepEqual(bob.limits, []);
  });
});
