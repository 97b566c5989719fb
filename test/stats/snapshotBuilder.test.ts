import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quarterHourOf } from '../../src/model/time';
import { CivilTime, dayName } from '../../src/stats/civilTime';
import { breakdown } from '../../src/stats/breakdown';
import { SnapshotBuilder } from '../../src/stats/snapshotBuilder';
import { row, RollupList, scan } from './rollupFixture';

const now = Date.parse('2026-03-02T12:00:00Z');

describe('a snapshot', () => {
  it('sums each period in the asked zone', () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row('2026-03-02T01:00:00Z', 1),
      row('2026-03-01T23:30:00Z', 10),
      row('2026-02-24T12:00:00Z', 100),
      row('2026-02-23T12:00:00Z', 1_000),
      row('2026-01-31T22:00:00Z', 10_000),
      row('2025-06-01T00:00:00Z', 100_000),
    );
    const cost = (zone: string): Record<string, number> =>
      Object.fromEntries(
        Object.entries(new SnapshotBuilder(rollups, zone).build(1, now, scan).periods).map(
          ([name, period]) => [name, period.total.costNanoDollars],
        ),
      );
    assert.deepEqual(cost('UTC'), {
      today: 1,
      yesterday: 10,
      last7Days: 111,
      last30Days: 11_11,
      month: 11,
      allTime: 111_111,
    });
    // In Berlin 23:30 UTC is already the next day; 22:00 on 31 January is 23:00, still January.
    assert.deepEqual(cost('Europe/Berlin'), {
      today: 11,
      yesterday: 0,
      last7Days: 111,
      last30Days: 11_11,
      month: 11,
      allTime: 111_111,
    });
  });

  it('tells when its day ends in the asked zone, also on a day of 23 hours', () => {
    const builder = new SnapshotBuilder(new RollupList(), 'Europe/Berlin');
    for (const [time, end] of [
      ['2026-03-02T12:00:00Z', '2026-03-02T23:00:00Z'],
      ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
      ['2026-03-29T21:59:59Z', '2026-03-29T22:00:00Z'],
    ] as const)
      assert.equal(builder.build(1, Date.parse(time), scan).todayEndsEpochMs, Date.parse(end));
  });

  it('lists models and projects by cost, and the models that have no price', () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row('2026-03-02T01:00:00Z', 1, { model: 'small' }),
      row('2026-03-02T02:00:00Z', 5, { model: 'large', project: '/work/two' }),
      row('2026-03-02T03:00:00Z', 0, { model: 'unheard-of' }, { unpricedMessages: 1, messages: 1 }),
    );
    const snapshot = new SnapshotBuilder(rollups, 'UTC').build(1, now, scan);
    const { today } = snapshot.periods;
    assert.deepEqual(
      today.byModel.map(({ name }) => name),
      ['large', 'small', 'unheard-of'],
    );
    assert.deepEqual(
      today.byProject.map(({ name }) => name),
      ['/work/two', '/work/one'],
    );
    assert.deepEqual(snapshot.unpricedModels, [{ model: 'unheard-of', messages: 1 }]);
    assert.equal(snapshot.periods.allTime.from, '2026-03-02', 'the first day with usage');
    assert.equal(snapshot.days.length, 30);
    assert.equal(snapshot.days.at(-1)?.day, '2026-03-02');
    assert.equal(snapshot.days.at(-1)?.total.messages, 3);
  });

  it('sums again only the days that changed', () => {
    const rollups = new RollupList();
    for (let month = 1; month <= 12; month++) {
      for (let day = 1; day <= 28; day++) {
        rollups.rows.push(row(new Date(Date.UTC(2025, month - 1, day)).toISOString(), 1));
      }
    }
    rollups.rows.push(row('2026-03-02T01:00:00Z', 1));
    const builder = new SnapshotBuilder(rollups, 'UTC');
    builder.build(1, now, scan);
    rollups.visits = 0;
    rollups.rows.push(row('2026-03-02T02:00:00Z', 1));
    builder.changed([quarterHourOf(Date.parse('2026-03-02T02:00:00Z'))]);
    const snapshot = builder.build(2, now, scan);
    assert.equal(snapshot.periods.today.total.costNanoDollars, 2);
    assert.equal(snapshot.periods.allTime.total.costNanoDollars, 12 * 28 + 2);
    assert.equal(rollups.visits, 2);
  });

  it('keeps the sum of all time right when months change of which no days are shown, and other days are shown later', () => {
    const rollups = new RollupList();
    for (const time of ['2025-03-05T01:00:00Z', '2025-03-31T23:30:00Z', '2025-04-02T01:00:00Z'])
      rollups.rows.push(row(time, 1));
    const builder = new SnapshotBuilder(rollups, 'Europe/Berlin');
    builder.build(1, now, scan);
    rollups.rows.push(row('2025-04-02T02:00:00Z', 10, { project: '/work/two' }));
    builder.changed([quarterHourOf(Date.parse('2025-04-02T02:00:00Z'))]);
    const { allTime } = builder.build(2, now, scan).periods;
    assert.equal(allTime.total.costNanoDollars, 13);
    assert.deepEqual(
      allTime.byProject.map(({ name, total }) => [name, total.costNanoDollars]),
      [
        ['/work/two', 10],
        ['/work/one', 3],
      ],
    );
    // As if the clock were put back: April is told day by day now, and a row of it goes.
    const april = Date.parse('2025-04-02T12:00:00Z');
    assert.equal(builder.build(3, april, scan).periods.today.total.costNanoDollars, 11);
    rollups.rows.pop();
    builder.changed([quarterHourOf(Date.parse('2025-04-02T02:00:00Z'))]);
    const after = builder.build(4, april, scan).periods;
    assert.equal(after.today.total.costNanoDollars, 1);
    // 23:30 of 31 March is 1 April in Berlin, and the month's rollup of it lies in March.
    assert.equal(after.yesterday.total.costNanoDollars, 1);
    assert.equal(after.allTime.total.costNanoDollars, 3);
    assert.equal(after.allTime.byProject.length, 1);
  });

  it('agrees with a breakdown, whatever the rows and the zone', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            time: fc.integer({ min: now - 60 * 86_400_000, max: now }),
            cost: fc.integer({ min: 0, max: 1000 }),
            model: fc.constantFrom('a', 'b', 'c'),
          }),
          { maxLength: 40 },
        ),
        fc.constantFrom('UTC', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Auckland'),
        (entries, zone) => {
          const rollups = new RollupList();
          for (const { time, cost, model } of entries)
            rollups.rows.push(row(new Date(time).toISOString(), cost, { model }));
          const civil = new CivilTime(zone);
          const snapshot = new SnapshotBuilder(rollups, zone).build(1, now, scan);
          for (const period of Object.values(snapshot.periods)) {
            const filter = { from: period.from, to: period.to };
            const rows = breakdown({ filter, grain: 'day', by: ['model'] }, civil, rollups);
            const sum = rows.reduce((cost, each) => cost + each.total.costNanoDollars, 0);
            assert.equal(sum, period.total.costNanoDollars);
            const models = period.byModel.reduce((cost, each) => cost + each.total.costNanoDollars, 0);
            assert.equal(models, period.total.costNanoDollars);
          }
          assert.equal(snapshot.periods.today.from, dayName(civil.dayOf(now)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('filters a breakdown by names and splits it by hour', () => {
    const rollups = new RollupList();
    rollups.rows.push(
      row('2026-03-02T01:00:00Z', 1, { user: 'ada' }),
      row('2026-03-02T01:45:00Z', 2, { user: 'ada' }),
      row('2026-03-02T02:00:00Z', 4, { user: 'bob' }),
    );
    const rows = breakdown(
      { filter: { only: { user: ['ada'] } }, grain: 'hour', by: [] },
      new CivilTime('UTC'),
      rollups,
    );
    assert.deepEqual(
      rows.map(({ bucket, total }) => [bucket, total.costNanoDollars]),
      [['2026-03-02T01', 3]],
    );
  });
});
