import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limit } from '../../src/model/limit';
import { nanoPerDollar } from '../../src/model/cost';
import { quarterHourOf } from '../../src/model/time';
import { breakdown } from '../../src/stats/breakdown';
import { CivilTime, dayName, dayNumber } from '../../src/stats/civilTime';
import { LimitSpending, periodOf } from '../../src/stats/limitSpending';
import { row, RollupList } from './rollupFixture';

const utc = new CivilTime('UTC');
const day = dayNumber('2026-03-04');
const never = (): boolean => false;

function limit(changes: Partial<Limit> = {}): Limit {
  return { id: 'day', period: 'day', softNanoDollars: 80, hardNanoDollars: 100, ...changes };
}

function spent(rollups: RollupList, limits: readonly Limit[], zone = 'UTC', today = day): number[] {
  return new LimitSpending(rollups, new CivilTime(zone), limits)
    .states(today, never)
    .map(({ spentNanoDollars }) => spentNanoDollars);
}

describe('a limit', () => {
  it('counts its day, its week from Monday, or its month', () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row('2026-03-04T12:00:00Z', 1),
      row('2026-03-02T00:00:00Z', 10),
      row('2026-03-01T23:59:00Z', 100),
      row('2026-02-28T23:59:00Z', 1_000),
      row('2026-03-31T12:00:00Z', 10_000),
    );
    const periods = (['day', 'week', 'month'] as const).map((period) => limit({ id: period, period }));
    assert.deepEqual(spent(rollups, periods), [1, 11, 10_111]);
    assert.deepEqual(spent(rollups, periods, 'Asia/Tokyo'), [1, 111, 11_111]);
    const [, week, month] = new LimitSpending(rollups, utc, periods).states(day, never);
    assert.deepEqual([week?.from, week?.to], ['2026-03-02', '2026-03-08']);
    assert.deepEqual([month?.from, month?.to], ['2026-03-01', '2026-03-31']);
  });

  it('has periods that follow upon each other without a gap', () => {
    for (const period of ['day', 'week', 'month'] as const) {
      for (let today = dayNumber('2023-12-30'); today < dayNumber('2024-04-02'); today++) {
        const { from, to } = periodOf({ period }, today);
        assert.ok(from <= today && today <= to, `${period} ${dayName(today)}`);
        assert.equal(periodOf({ period }, to + 1).from, to + 1);
        assert.equal(periodOf({ period }, from - 1).to, from - 1);
      }
    }
  });

  it('counts a folder with the folders in it, on any system, and no folder that is merely called alike', () => {
    const rollups = new RollupList();
    for (const [index, project] of [
      '/work/app',
      '/work/app/packages/core',
      '/work/app-two',
      '/work',
      'C:\\Work\\App',
      'c:\\work\\app\\src',
      'C:\\Work\\App2',
      '',
    ].entries())
      rollups.rows.push(row('2026-03-04T12:00:00Z', 10 ** index, { project }));
    const folders = ['/work/app', '/work/app/', '/', 'C:\\Work\\App', 'c:/work/app', '/Work/App'];
    assert.deepEqual(
      spent(
        rollups,
        folders.map((project) => limit({ project })),
      ),
      [11, 11, 1_111, 110_000, 110_000, 0],
    );
  });

  it('counts one user, or a user in a project', () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row('2026-03-04T12:00:00Z', 1, { user: 'ada' }),
      row('2026-03-04T12:00:00Z', 10, { user: 'bob' }),
      row('2026-03-04T12:00:00Z', 100, { user: 'bob', project: '/two' }),
    );
    assert.deepEqual(
      spent(rollups, [limit({ user: 'bob' }), limit({ user: 'bob', project: '/two' })]),
      [110, 100],
    );
  });

  it('tells what is reached, and what is muted', () => {
    const rollups = new RollupList();
    rollups.rows.push(row('2026-03-04T12:00:00Z', 90));
    const states = new LimitSpending(rollups, utc, [
      limit(),
      limit({ id: 'reached', hardNanoDollars: 90 }),
      limit({ id: 'far', softNanoDollars: null, hardNanoDollars: nanoPerDollar }),
    ]).states(day, (id, from) => id === 'far' && from === '2026-03-04');
    assert.deepEqual(
      states.map(({ reached, muted }) => [reached, muted]),
      [
        ['soft', false],
        ['hard', false],
        [null, true],
      ],
    );
  });

  it('looks again only at days that have changed', () => {
    const rollups = new RollupList();
    for (let index = 1; index <= 4; index++) rollups.rows.push(row(`2026-03-0${index}T10:00:00Z`, 1));
    const spending = new LimitSpending(rollups, utc, [limit({ period: 'month' })]);
    spending.states(day, never);
    rollups.visits = 0;
    rollups.rows.push(row('2026-03-04T11:00:00Z', 5));
    spending.changed([quarterHourOf(Date.parse('2026-03-04T11:00:00Z'))]);
    assert.equal(spending.states(day, never)[0]?.spentNanoDollars, 9);
    assert.equal(rollups.visits, 2);
  });

  it('agrees with a breakdown of its period, whatever happens in between', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            hours: fc.integer({ min: 0, max: 40 * 24 }),
            cost: fc.integer({ min: 0, max: 1_000 }),
            user: fc.constantFrom('ada', 'bob'),
          }),
          { maxLength: 40 },
        ),
        fc.constantFrom('UTC', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Apia'),
        fc.constantFrom('day', 'week', 'month'),
        (entries, zone, period) => {
          const rollups = new RollupList();
          const civil = new CivilTime(zone);
          const own = limit({ period, user: 'ada' });
          const spending = new LimitSpending(rollups, civil, [own]);
          for (const { hours, cost, user } of entries) {
            const epochMs = Date.UTC(2026, 2, 1) + hours * 3_600_000;
            rollups.rows.push(row(new Date(epochMs).toISOString(), cost, { user }));
            spending.changed([quarterHourOf(epochMs)]);
            const [state] = spending.states(civil.dayOf(epochMs), never);
            const filter = { from: state!.from, to: state!.to, only: { user: ['ada'] } };
            const rows = breakdown({ filter, grain: 'total', by: [] }, civil, rollups);
            assert.equal(state!.spentNanoDollars, rows[0]?.total.costNanoDollars ?? 0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
