import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { Aggregator, type SweepScope } from '../../src/engine/aggregator';

function aggregator(
  sweep: (scope: SweepScope) => Promise<boolean>,
  intervals: { min?: number; max?: number } = {},
): Aggregator {
  return new Aggregator({
    sweep,
    minIntervalMs: intervals.min ?? 10_000,
    maxIntervalMs: intervals.max ?? 60_000,
    log: () => undefined,
  });
}

describe('the aggregator', () => {
  it('never overlaps runs, and gathers what is asked during one into the next', async () => {
    const scopes: SweepScope[] = [];
    let running = 0;
    const runs = aggregator(async (scope) => {
      assert.equal(++running, 1);
      scopes.push(scope);
      await wait(20);
      running--;
      return true;
    });
    await Promise.all([runs.request(['a']), runs.request(['b']), runs.request(['c']), runs.request(['b'])]);
    assert.deepEqual(scopes, [['a'], ['b', 'c']]);
    await Promise.all([
      runs.request(['a']),
      runs.request(['b']),
      runs.request('everything'),
      runs.request(['c']),
    ]);
    assert.deepEqual(scopes.slice(2), [['a'], 'everything']);
    await runs.stop();
  });

  it('answers a request only with a run that began after it', async () => {
    let value = 0;
    const seen: number[] = [];
    const runs = aggregator(async () => {
      seen.push(value);
      await wait(15);
      return false;
    });
    const first = runs.request('everything');
    value = 1;
    await runs.request('everything');
    await first;
    assert.deepEqual(seen, [0, 1]);
    await runs.stop();
  });

  it('doubles its pause when nothing has changed, and comes back when asked', async () => {
    const runs = aggregator(() => Promise.resolve(false), { min: 1000, max: 5000 });
    assert.equal(runs.intervalMs, 1000);
    for (let round = 0; round < 3; round++) {
      await runs.request('everything');
      assert.equal(runs.intervalMs, 2000);
    }
    await runs.stop();
  });

  it('sweeps by its timer ever more rarely while nothing changes', async () => {
    const times: number[] = [];
    const runs = aggregator(
      () => {
        times.push(performance.now());
        return Promise.resolve(false);
      },
      { min: 20, max: 10_000 },
    );
    runs.start();
    await wait(400);
    await runs.stop();
    assert.ok(times.length >= 3, `only ${times.length} sweeps`);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    for (let index = 1; index < pauses.length; index++)
      assert.ok(pauses[index]! > pauses[index - 1]! * 1.3, pauses.join(', '));
  });

  it('survives a failing run: the caller hears of it, the next one runs', async () => {
    let fail = true;
    const runs = aggregator(() => (fail ? Promise.reject(new Error('disk on fire')) : Promise.resolve(true)));
    await assert.rejects(runs.request('everything'), /disk on fire/);
    fail = false;
    await runs.request('everything');
    await runs.stop();
    await assert.rejects(runs.request('everything'), /stopped/);
  });
});
