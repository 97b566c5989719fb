import assert from 'node:assert/strict';
import { msUntilNextDay } from '../../src/host/dayChange';

const hour = 3_600_000;

describe('The next day', () => {
  const cases: [string, number, string, number][] = [
    ['begins at midnight', Date.UTC(2026, 10, 24, 14, 30), 'UTC', 9.5 * hour],
    ['begins by the clock of its zone', Date.UTC(2026, 10, 24, 14, 30), 'Europe/Berlin', 8.5 * hour],
    ['begins on quarter hours too', Date.UTC(2026, 10, 24, 14, 30), 'Asia/Kathmandu', 3.75 * hour],
    ['comes an hour later in autumn', Date.UTC(2026, 9, 24, 22, 0), 'Europe/Berlin', 25 * hour],
    ['comes an hour sooner in spring', Date.UTC(2026, 2, 28, 23, 0), 'Europe/Berlin', 23 * hour],
    ['is a whole day away at midnight', Date.UTC(2026, 10, 24), 'UTC', 24 * hour],
  ];
  for (const [what, now, zone, wait] of cases) it(what, () => assert.equal(msUntilNextDay(now, zone), wait));
});
