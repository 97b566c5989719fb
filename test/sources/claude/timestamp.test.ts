import assert from 'node:assert/strict';
import { parseTimestamp } from '../../../src/sources/claude/timestamp';

describe('parseTimestamp', () => {
  const good: readonly [string, string][] = [
    ['2026-02-03T04:05:06.789Z', '2026-02-03T04:05:06.789Z'],
    ['2026-02-03T04:05:06Z', '2026-02-03T04:05:06.000Z'],
    ['2026-02-03T04:05:06.5Z', '2026-02-03T04:05:06.500Z'],
    ['2025-07-03T15:50:07.875917Z', '2025-07-03T15:50:07.875Z'],
    ['2026-02-03T04:05:06.789+05:45', '2026-02-02T22:20:06.789Z'],
    ['2026-02-03T04:05:06-0330', '2026-02-03T07:35:06.000Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
  ];
  for (const [text, time] of good) {
    it(`reads ${text}`, () => {
      assert.equal(parseTimestamp(text), Date.parse(time));
    });
  }

  const bad: readonly unknown[] = [
    '',
    'yesterday',
    '2026-02-03',
    '2026-02-03T04:05:06',
    '2026-02-03 04:05:06Z',
    '2026-02-30T04:05:06Z',
    '2025-02-29T04:05:06Z',
    '2026-13-01T04:05:06Z',
    '2026-00-01T04:05:06Z',
    '2026-02-03T24:00:00Z',
    '2026-02-03T04:60:06Z',
    '2026-02-03T04:05:60Z',
    '2026-02-03T04:05:06+24:00',
    '1970-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
    ' 2026-02-03T04:05:06Z',
    1_770_000_000_000,
    null,
    undefined,
    {},
  ];
  for (const value of bad) {
    it(`refuses ${value === undefined ? 'undefined' : JSON.stringify(value)}`, () => {
      assert.equal(parseTimestamp(value), null);
    });
  }
});
