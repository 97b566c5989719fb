import assert from 'node:assert/strict';
import { crashStorm, type CrashStormResult } from './crashStorm';

/** The full run is `npm run test:crash`, which sets this. */
const rounds = Number(process.env['USAGE_LEDGER_CRASH_ROUNDS'] ?? 15);

function assertNothingLost(result: CrashStormResult): void {
  const { recorded, acknowledged, lostAcknowledged, lostOlderThan50Ms, wrong, badLines, leftSegments } =
    result;
  assert.ok(recorded > 0 && acknowledged > 0, 'the storm took place');
  assert.deepEqual(
    { lostAcknowledged, lostOlderThan50Ms, wrong, badLines, leftSegments },
    { lostAcknowledged: 0, lostOlderThan50Ms: 0, wrong: 0, badLines: 0, leftSegments: 0 },
  );
}

describe('a window that is killed', () => {
  it('has lost nothing that was acknowledged, and nothing older than 50 ms', async () => {
    const result = await crashStorm({ rounds, windows: 3, durability: 'grouped' });
    console.log(`      ${JSON.stringify(result)}`);
    assertNothingLost(result);
  }).timeout(rounds * 5_000);

  it('has lost nothing at all of earlier turns with immediate durability', async () => {
    const result = await crashStorm({ rounds: Math.ceil(rounds / 5), windows: 2, durability: 'immediate' });
    assertNothingLost(result);
    assert.equal(result.oldestLostMs, 0);
  }).timeout(rounds * 5_000);
});
