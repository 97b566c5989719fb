import assert from 'node:assert/strict';
import { limitsOf, withLimit, withoutLimit } from '../../src/host/limitSettings';

describe('The setting of limits', () => {
  let logged: number;
  const read = (raw: unknown): ReturnType<typeof limitsOf> => {
    logged = 0;
    return limitsOf(raw, () => logged++);
  };

  it('becomes limits of everything, of a project, of a user', () => {
    assert.deepEqual(
      read([
        { period: 'day', soft: 1.5, hard: 2 },
        { period: 'week', project: '/home/ada/app', hard: 10 },
        { period: 'month', user: 'ada', hard: 100 },
      ]),
      [
        { id: 'day:all', period: 'day', softNanoDollars: 1_500_000_000, hardNanoDollars: 2_000_000_000 },
        {
          id: 'week:project:/home/ada/app',
          period: 'week',
          project: '/home/ada/app',
          softNanoDollars: null,
          hardNanoDollars: 10_000_000_000,
        },
        {
          id: 'month:user:ada',
          period: 'month',
          user: 'ada',
          softNanoDollars: null,
          hardNanoDollars: 100_000_000_000,
        },
      ],
    );
    assert.equal(logged, 0);
  });

  it('leaves out, and names, what is no limit', () => {
    const bad = [
      null,
      5,
      {},
      { period: 'year', hard: 1 },
      { period: 'day' },
      { period: 'day', hard: 0 },
      { period: 'day', hard: '5' },
      { period: 'day', hard: Infinity },
      { period: 'day', soft: 5, hard: 5 },
      { period: 'day', soft: -1, hard: 5 },
      { period: 'day', project: '', hard: 5 },
      { period: 'day', project: '/a', user: 'ada', hard: 5 },
    ];
    for (const entry of bad) {
      assert.deepEqual(
        read([entry, { period: 'week', hard: 1 }]).map(({ id }) => id),
        ['week:all'],
      );
      assert.equal(logged, 1, JSON.stringify(entry));
    }
    assert.deepEqual(read('nonsense'), []);
  });

  it('takes the last of two for the same period and scope', () => {
    const [only, ...others] = read([
      { period: 'day', hard: 1 },
      { period: 'day', hard: 2 },
    ]);
    assert.equal(only?.hardNanoDollars, 2_000_000_000);
    assert.equal(others.length, 0);
  });

  it('is changed in one place, and keeps what else stands in it', () => {
    const before = [{ period: 'day', hard: 1 }, 'a note', { period: 'week', hard: 5 }];
    const after = withLimit(before, { period: 'day', hard: 3 });
    assert.deepEqual(after, ['a note', { period: 'week', hard: 5 }, { period: 'day', hard: 3 }]);
    assert.deepEqual(withoutLimit(after, 'week:all'), ['a note', { period: 'day', hard: 3 }]);
    assert.deepEqual(withLimit(undefined, { period: 'day', hard: 3 }), [{ period: 'day', hard: 3 }]);
  });
});
