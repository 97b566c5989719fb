import assert from 'node:assert/strict';
import { profileLine } from '../../src/host/profileLines';
import { measures } from '../webview/fixtures';

describe('A user profile', () => {
  it('is one line of JSON, with exact money', () => {
    const line = profileLine({
      user: 'a\nb',
      firstSeenEpochMs: 0,
      lastSeenEpochMs: 900_000,
      activeDays: 1,
      total: measures({ messages: 3, costNanoDollars: 1_234_567_890 }),
      favouriteModels: [{ name: 'opus', messages: 3, tokens: 9, costNanoDollars: 1, share: 1 }],
      favouriteProjects: [],
      messagesByHour: Array<number>(24).fill(0),
      limits: [
        {
          limit: {
            id: 'day',
            period: 'day',
            user: 'a\nb',
            softNanoDollars: null,
            hardNanoDollars: 2_000_000_000,
          },
          from: '2026-11-24',
          to: '2026-11-24',
          spentNanoDollars: 5,
          reached: null,
          muted: false,
        },
      ],
    });
    assert.ok(!line.includes('\n'));
    const read = JSON.parse(line) as Record<string, unknown>;
    assert.equal(read['user'], 'a\nb');
    assert.equal(read['cost_usd'], '1.234567890');
    assert.equal(read['last_seen'], '1970-01-01T00:15:00.000Z');
    assert.deepEqual(read['limits'], [
      {
        period: 'day',
        soft_usd: null,
        hard_usd: '2.000000000',
        from: '2026-11-24',
        to: '2026-11-24',
        spent_usd: '0.000000005',
        reached: null,
      },
    ]);
  });
});
