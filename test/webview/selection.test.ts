import assert from 'node:assert/strict';
import type { Snapshot } from '../../src/model/snapshot';
import { changeOf, previousQuery, previousTotal } from '../../src/webview/comparison';
import { pageStateOf, keptOf } from '../../src/webview/pageState';
import {
  filterOf,
  previousSpan,
  type RangeName,
  resolved,
  type Selection,
  selectionOf,
  spanOf,
  withOnly,
} from '../../src/webview/selection';
import { civilDay, emptySnapshot, measures, period, snapshotOf } from './fixtures';

const selection = (range: RangeName, parts: Partial<Selection> = {}): Selection => ({
  range,
  custom: null,
  only: {},
  here: false,
  ...parts,
});
const snapshot = emptySnapshot();

describe('The selection', () => {
  it('covers 90 days up to today, and the days that were chosen by hand', () => {
    assert.deepEqual(spanOf(selection('last90Days'), snapshot), { from: civilDay(89), to: civilDay(0) });
    const custom = { from: '2026-02-27', to: '2026-03-02' };
    assert.deepEqual(spanOf(selection('custom', { custom }), snapshot), custom);
  });

  it('asks for the names that are kept, and for nothing more when the filter is lifted', () => {
    const filtered = withOnly(selection('today'), 'model', ['a', 'b']);
    assert.deepEqual(filterOf(filtered, snapshot).only, { model: ['a', 'b'] });
    assert.equal('only' in filterOf(withOnly(filtered, 'model', []), snapshot), false);
  });

  it('takes "this project" as the workspace’s folders with everything inside them', () => {
    const projects = ['/home/ada/app', '/home/ada/app/web', '/home/ada/apple', '/home/ada/other'];
    const known = snapshotOf(() => [{ name: 'm', total: measures({ costNanoDollars: 100 }) }], projects);
    const here = selection('month', { here: true, only: { model: ['m'], project: ['/home/ada/other'] } });
    assert.deepEqual(resolved(here, ['/home/ada/app'], known).only, {
      model: ['m'],
      project: ['/home/ada/app', '/home/ada/app/web'],
    });
    assert.deepEqual(
      resolved(here, ['/home/ada/new'], known).only.project,
      ['/home/ada/new'],
      'a workspace without usage has none, rather than everybody’s',
    );
    assert.equal(resolved(here, [], known), here, 'without a workspace it means nothing');
  });

  it('comes back from what a page kept, and from nonsense as the last 30 days', () => {
    const custom = { from: '2026-02-01', to: '2026-02-03' };
    const state = pageStateOf({
      tab: 'rhythm',
      range: 'custom',
      ...custom,
      only: { user: ['ada'] },
      here: true,
    });
    assert.deepEqual(state.selection, { range: 'custom', custom, only: { user: ['ada'] }, here: true });
    assert.deepEqual(pageStateOf(keptOf(state)), state);
    const nonsense = { range: 'custom', from: 'x', only: { model: 'm' as never, nothing: [] }, tab: 'x' };
    assert.deepEqual(selectionOf(nonsense), selection('last30Days'));
    assert.equal(pageStateOf(nonsense).tab, 'overview');
  });
});

describe('The comparison with the time before', () => {
  const before = (range: RangeName, at: Snapshot = snapshot): unknown =>
    previousSpan({ range }, spanOf(selection(range), at));

  it('takes as many days right before', () => {
    assert.deepEqual(before('today'), { from: civilDay(1), to: civilDay(1) });
    assert.deepEqual(before('last7Days'), { from: civilDay(13), to: civilDay(7) });
    assert.equal(before('allTime'), null);
  });

  it('takes the same days of the month before, as far as that month has them', () => {
    const on = (to: string): Snapshot => ({
      ...snapshot,
      periods: { ...snapshot.periods, month: period(`${to.slice(0, 7)}-01`, to) },
    });
    assert.deepEqual(before('month', on('2026-11-24')), { from: '2026-10-01', to: '2026-10-24' });
    assert.deepEqual(before('month', on('2026-03-31')), { from: '2026-02-01', to: '2026-02-28' });
  });

  it('compares an unfinished day with yesterday up to the same time', () => {
    const query = previousQuery(selection('today'), snapshot)!;
    assert.equal(query.grain, 'hour');
    const rows = [13, 14, 15].map((hour) => ({
      bucket: `${civilDay(1)}T${hour}`,
      names: {},
      total: measures({ messages: 4, costNanoDollars: 100 }),
    }));
    const total = previousTotal(rows, query, { hour: 14, minute: 30 });
    assert.equal(total.costNanoDollars, 150);
    assert.equal(total.messages, 6);
  });

  it('keeps to the filters', () => {
    const filtered = withOnly(selection('last7Days'), 'branch', ['main']);
    assert.deepEqual(previousQuery(filtered, snapshot)?.filter.only, { branch: ['main'] });
  });

  it('has no change to tell where there was nothing', () => {
    assert.equal(changeOf(5, 0), null);
    assert.equal(changeOf(5, 4), 0.25);
    assert.equal(changeOf(3, 4), -0.25);
  });
});
