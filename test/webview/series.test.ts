import assert from 'node:assert/strict';
import { noMeasures } from '../../src/model/measures';
import type { BreakdownRow } from '../../src/model/query';
import { coloredCount, NameColors, segmentsOf } from '../../src/webview/colors';
import { daysBetween, monthsBetween } from '../../src/webview/days';
import { grainOf, type RangeName, type Selection } from '../../src/webview/selection';
import { metricOf, seriesFromRows, seriesFromSnapshot, seriesQuery } from '../../src/webview/series';
import { civilDay, measures, period, snapshotOf, sumOf } from './fixtures';

const spend = (cost: number, unpricedMessages = 0): ReturnType<typeof measures> =>
  measures({ messages: 1, unpricedMessages, outputTokens: 5, costNanoDollars: cost });

const snapshot = snapshotOf((daysAgo) => [{ name: 'one', total: spend(daysAgo + 1) }]);

const selection = (range: RangeName, only: Selection['only'] = {}): Selection => ({
  range,
  custom: null,
  only,
  here: false,
});

describe('The chart’s data', () => {
  it('comes from the snapshot where the snapshot has it', () => {
    assert.equal(seriesQuery(selection('last7Days'), 'model', snapshot), null);
    assert.equal(seriesQuery(selection('last30Days'), 'model', snapshot), null);
    assert.equal(seriesQuery(selection('month'), 'model', snapshot), null);
    const { columns } = seriesFromSnapshot(snapshot.periods.last7Days, 'model', snapshot);
    assert.deepEqual(
      columns.map(({ bucket }) => bucket),
      daysBetween(civilDay(6), civilDay(0)),
    );
    assert.deepEqual(sumOf(columns.map(({ total }) => total)), snapshot.periods.last7Days.total);
  });

  it('is asked for by the hour for today', () => {
    assert.deepEqual(seriesQuery(selection('today'), 'model', snapshot), {
      filter: { from: civilDay(0), to: civilDay(0) },
      grain: 'hour',
      by: ['model'],
    });
  });

  it('is asked for when a month is longer than the snapshot’s days', () => {
    const month = period('2026-10-25', civilDay(0));
    const longer = { ...snapshot, periods: { ...snapshot.periods, month } };
    assert.equal(seriesQuery(selection('month'), 'model', longer)?.grain, 'day');
  });

  it('is asked for when it is filtered or divided by project', () => {
    assert.deepEqual(seriesQuery(selection('last7Days', { branch: ['main'] }), 'model', snapshot), {
      filter: { from: civilDay(6), to: civilDay(0), only: { branch: ['main'] } },
      grain: 'day',
      by: ['model'],
    });
    assert.deepEqual(seriesQuery(selection('last7Days'), 'project', snapshot)?.by, ['project']);
  });

  it('divides tokens by kind without losing any', () => {
    const total = measures({
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 4,
      cacheWrite5mTokens: 8,
      cacheWrite1hTokens: 16,
    });
    const rows: BreakdownRow[] = [{ bucket: civilDay(0), names: {}, total }];
    const { columns } = seriesFromRows(period(civilDay(1), civilDay(0)), 'kind', rows);
    assert.deepEqual(
      [...columns[1]!.parts].map(([kind, part]) => [kind, metricOf(part, 'tokens')]),
      [
        ['input', 1],
        ['output', 2],
        ['cacheRead', 4],
        ['cacheWrite', 24],
      ],
    );
  });

  it('is by day for some weeks and by month for longer', () => {
    assert.equal(grainOf({ from: '2026-08-25', to: '2026-11-24' }), 'day');
    assert.equal(grainOf({ from: '2026-08-24', to: '2026-11-24' }), 'month');
  });

  it('has no gaps', () => {
    assert.deepEqual(monthsBetween('2025-11-30', '2026-02-01'), ['2025-11', '2025-12', '2026-01', '2026-02']);
    assert.deepEqual(daysBetween('2026-02-27', '2026-03-01'), ['2026-02-27', '2026-02-28', '2026-03-01']);
    const today = period(civilDay(0), civilDay(0));
    assert.equal(seriesFromRows(today, 'model', []).columns.length, 24);
  });

  it('adds up to its rows, also where an hour comes twice in a night of the clock change', () => {
    const bucket = `${civilDay(0)}T02`;
    const rows: BreakdownRow[] = [
      { bucket, names: { model: 'a' }, total: spend(1) },
      { bucket, names: { model: 'a' }, total: spend(2) },
      { bucket, names: { model: 'b' }, total: spend(4) },
    ];
    const { columns } = seriesFromRows(period(civilDay(0), civilDay(0)), 'model', rows);
    assert.equal(columns.length, 24);
    assert.equal(columns[2]!.total.costNanoDollars, 7);
    assert.equal(columns[2]!.parts.get('a')!.costNanoDollars, 3);
    assert.equal(rows[0]!.total.costNanoDollars, 1);
  });
});

describe('A name’s colour', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const ranked = (order: readonly string[]): ReturnType<typeof snapshotOf> =>
    snapshotOf(() => order.map((name, index) => ({ name, total: spend(100 - index) })));

  it('goes by rank at first, and stays whatever the rank becomes', () => {
    const colors = new NameColors();
    colors.learn(ranked(names).periods.last30Days.byModel);
    colors.learn(ranked([...names].reverse()).periods.last30Days.byModel);
    assert.deepEqual(
      names.map((name) => colors.slotOf(name)),
      [0, 1, 2, 3, 4, 5, null, null],
    );
    assert.equal(colors.names.length, coloredCount);
  });

  it('is shared by those that have none of their own, on top of the bar, with nothing lost', () => {
    const colors = new NameColors();
    colors.learn(ranked(names).periods.last30Days.byModel);
    const parts = new Map(names.map((name, index) => [name, spend(index + 1, name === 'h' ? 1 : 0)]));
    const segments = segmentsOf({ bucket: '', total: noMeasures(), parts }, colors, 'cost');
    assert.deepEqual(
      segments.map(({ slot, value }) => [slot, value]),
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
        [null, 15],
      ],
    );
    assert.equal(segments.at(-1)!.unpriced, true);
  });
});
