import assert from 'node:assert/strict';
import { noMeasures } from '../../src/model/measures';
import type { PeriodMeasures, Snapshot } from '../../src/model/snapshot';
import { SnapshotRing } from '../../src/stats/snapshotRing';

function snapshot(epochMs: number): Snapshot {
  const period = (cost: number): PeriodMeasures => ({
    from: '2026-03-02',
    to: '2026-03-02',
    total: { ...noMeasures(), costNanoDollars: cost, inputTokens: 1, cacheReadTokens: epochMs },
    byModel: [],
    byProject: [],
  });
  return {
    format: 1,
    generation: epochMs,
    takenEpochMs: epochMs,
    timeZone: 'UTC',
    periods: { today: period(epochMs * 2), allTime: period(epochMs * 3) } as Snapshot['periods'],
    days: [],
    unpricedModels: [],
    scan: {} as Snapshot['scan'],
  };
}

describe('the snapshot ring', () => {
  it('gives the snapshots of a range, newest first', () => {
    const ring = new SnapshotRing(10);
    for (let epochMs = 1; epochMs <= 5; epochMs++) ring.add(snapshot(epochMs));
    assert.deepEqual(
      ring.between(2, 4).map(({ epochMs }) => epochMs),
      [4, 3, 2],
    );
    assert.deepEqual(ring.between(5, 5), [
      { epochMs: 5, todayNanoDollars: 10, todayTokens: 6, allTimeNanoDollars: 15, allTimeTokens: 6 },
    ]);
    assert.deepEqual(ring.between(6, 9), []);
  });

  it('lets the oldest drop out, in memory that does not grow', () => {
    const ring = new SnapshotRing();
    const { bytes, capacity } = ring.size;
    assert.equal(capacity, 3_600);
    for (let epochMs = 1; epochMs <= 10_000; epochMs++) ring.add(snapshot(epochMs));
    assert.deepEqual(ring.size, { entries: 3_600, capacity: 3_600, bytes });
    const all = ring.between(0, Infinity);
    assert.deepEqual([all.length, all[0]?.epochMs, all.at(-1)?.epochMs], [3_600, 10_000, 6_401]);
  });

  it('finds what was told while the clock was wrong', () => {
    const ring = new SnapshotRing(3);
    for (const epochMs of [100, 900, 101, 102]) ring.add(snapshot(epochMs));
    assert.deepEqual(
      ring.between(0, 200).map(({ epochMs }) => epochMs),
      [102, 101],
    );
  });
});
