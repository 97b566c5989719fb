import assert from 'node:assert/strict';
import type { UsageBlock } from '../../src/model/block';
import { drillFrom, drillIntoBucket, runsWithin } from '../../src/webview/drill';
import { blockDays } from '../../src/webview/rhythm/blockRows';
import { weekHours } from '../../src/webview/rhythm/weekHours';
import { measures } from './fixtures';

const at = (text: string): number => Date.parse(`${text}Z`);
const hourOf = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 13);
const session = (from: string, to: string): { startEpochMs: number; endEpochMs: number } => ({
  startEpochMs: at(from),
  endEpochMs: at(to),
});

describe('A drill', () => {
  it('goes from a bar to its month, its day, or its hour', () => {
    assert.deepEqual(drillIntoBucket('2026-02', '').span, { from: '2026-02-01', to: '2026-02-28' });
    assert.deepEqual(drillIntoBucket('2026-02-03', '').span, { from: '2026-02-03', to: '2026-02-03' });
    const { span, within } = drillIntoBucket('2026-02-03T09', '');
    assert.deepEqual(span, { from: '2026-02-03', to: '2026-02-03' });
    assert.deepEqual(within, { kind: 'hour', hour: '2026-02-03T09' });
  });

  it('finds the sessions that were running in an hour', () => {
    const within = { kind: 'hour', hour: '2026-02-03T09' } as const;
    assert.equal(runsWithin(session('2026-02-03T08:50:00', '2026-02-03T10:05:00'), within, hourOf), true);
    assert.equal(runsWithin(session('2026-02-03T09:59:00', '2026-02-03T11:00:00'), within, hourOf), true);
    assert.equal(runsWithin(session('2026-02-03T10:00:00', '2026-02-03T11:00:00'), within, hourOf), false);
    assert.equal(runsWithin(session('2026-02-03T07:00:00', '2026-02-03T08:59:00'), within, hourOf), false);
  });

  it('finds those that ran in an hour of the week, over midnight and over a week', () => {
    // 2026-11-23 is a Monday.
    const within = { kind: 'weekdayHour', weekdayHour: '1T01' } as const;
    assert.equal(runsWithin(session('2026-11-22T23:00:00', '2026-11-23T01:10:00'), within, hourOf), true);
    assert.equal(runsWithin(session('2026-11-23T02:00:00', '2026-11-29T23:00:00'), within, hourOf), false);
    assert.equal(runsWithin(session('2026-11-23T02:00:00', '2026-11-30T01:00:00'), within, hourOf), true);
  });

  it('survives a reload, and nonsense does not', () => {
    const drill = { ...drillIntoBucket('2026-02-03T09', 'nine'), only: { model: ['m'] } };
    assert.deepEqual(drillFrom(JSON.parse(JSON.stringify(drill))), drill);
    assert.equal(drillFrom('x'), null);
    assert.equal(
      drillFrom({ label: 'x', only: {}, within: { kind: 'weekdayHour', weekdayHour: '9T1' } })?.within,
      null,
    );
  });
});

describe('The week', () => {
  it('has 168 hours, the dearest at the highest level, and nothing shown as nothing', () => {
    const hours = weekHours(
      [
        { bucket: '1T13', names: {}, total: measures({ messages: 1, costNanoDollars: 100 }) },
        { bucket: '7T23', names: {}, total: measures({ messages: 1, costNanoDollars: 1 }) },
      ],
      'cost',
    );
    assert.equal(hours.length, 168);
    assert.equal(hours[13]!.level, 5);
    assert.equal(hours[167]!.level, 1);
    assert.equal(hours.filter(({ level }) => level === 0).length, 166);
  });
});

describe('The days of the blocks', () => {
  it('have a block over midnight on both, its figures on the first', () => {
    const block: UsageBlock = {
      startEpochMs: at('2026-11-23T22:00:00'),
      endEpochMs: at('2026-11-24T03:00:00'),
      firstEpochMs: at('2026-11-23T22:15:00'),
      lastEpochMs: at('2026-11-24T01:30:00'),
      total: measures({}),
    };
    const clockOf = (epochMs: number): { day: string; hour: number; minute: number } => {
      const text = new Date(epochMs).toISOString();
      return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)), minute: Number(text.slice(14, 16)) };
    };
    const days = blockDays([block], clockOf);
    assert.deepEqual(
      days.map(({ day, pieces }) => [
        day,
        pieces[0]!.fromHour,
        pieces[0]!.toHour,
        pieces[0]!.used,
        pieces[0]!.first,
      ]),
      [
        ['2026-11-24', 0, 3, { fromHour: 0, toHour: 1.5 }, false],
        ['2026-11-23', 22, 24, { fromHour: 22.25, toHour: 24 }, true],
      ],
    );
  });
});
