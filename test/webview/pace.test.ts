import assert from 'node:assert/strict';
import type { BreakdownRow } from '../../src/model/query';
import { paceOf, paceQuery } from '../../src/webview/pace';
import { measures } from './fixtures';

const row = (bucket: string, costNanoDollars: number): BreakdownRow => ({
  bucket,
  names: {},
  total: measures({ messages: 1, costNanoDollars }),
});

describe('The month added up', () => {
  it('asks for this month and the one before, over the turn of the year too', () => {
    assert.deepEqual(paceQuery('2026-01-15', {}).filter, { from: '2025-12-01', to: '2026-01-15' });
    assert.deepEqual(paceQuery('2026-11-24', { user: ['ada'] }).filter.only, { user: ['ada'] });
  });

  it('adds up day by day, days without usage too', () => {
    const rows = [row('2026-02-02', 10), row('2026-02-04', 5), row('2026-01-31', 7)];
    const { current, previous } = paceOf(rows, '2026-02-05', 0.5);
    assert.deepEqual(current.sums, [0, 10, 10, 15, 15]);
    assert.equal(current.days, 28);
    assert.equal(previous.sums.length, 31);
    assert.equal(previous.sums.at(-1), 7);
  });

  it('projects by the days that are over, today in part', () => {
    const rows = [row('2026-04-01', 60), row('2026-04-02', 30)];
    // 90 in a day and a half: 60 a day, 30 days.
    assert.equal(paceOf(rows, '2026-04-02', 0.5).projectedNanoDollars, 1_800);
  });

  it('projects nothing from less than a day', () => {
    assert.equal(paceOf([row('2026-04-01', 60)], '2026-04-01', 0.9).projectedNanoDollars, null);
  });
});
