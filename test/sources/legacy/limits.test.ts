import assert from 'node:assert/strict';
import { readLimits } from '../../../src/sources/legacy/limits';

const dollar = 1_000_000_000;

function told(document: unknown): string[] {
  return readLimits(document).map(({ period, user, project, softNanoDollars, hardNanoDollars }) =>
    [
      period,
      user === undefined ? '' : `user ${user}`,
      project === undefined ? '' : `project ${project}`,
      softNanoDollars === null ? '' : softNanoDollars / dollar,
      hardNanoDollars / dollar,
    ].join('|'),
  );
}

describe('spending limits of old files', () => {
  it('are read by user, for all, and by project', () => {
    assert.deepEqual(
      told({
        global: { daily_limit: 10 },
        bob: { monthly_limit: 100, warning_threshold: 80 },
        projects: { '/work/app': { weekly: { limit: 20, soft: 15 } } },
        users: { eve: { daily: 3 } },
      }),
      ['day||||10', 'month|user bob||80|100', 'week||project /work/app|15|20', 'day|user eve|||3'],
    );
  });

  it('are read from a list, and a project says more than its user', () => {
    assert.deepEqual(
      told([
        { period: 'daily', amount: 5, user_id: 'bob' },
        { period: 'month', hard: 50, warning: 40, project: '/work/app', user: 'bob' },
        { period: 'weekly', limit: '$7.50' },
      ]),
      ['day|user bob|||5', 'month||project /work/app|40|50', 'week||||7.5'],
    );
  });

  it('are left out where they are none', () => {
    assert.deepEqual(
      told([
        { period: 'year', amount: 5 },
        { period: 'day', amount: -5 },
        { period: 'day' },
        'x',
        null,
        { daily: 0 },
      ]),
      [],
    );
  });

  it('have no early warning that is none', () => {
    assert.deepEqual(told({ period: 'day', limit: 5, soft: 6 }), ['day||||5']);
  });
});
