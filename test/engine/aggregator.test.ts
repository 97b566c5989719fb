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

  it('waits longer while nobody looks, and looks at once when somebody does', async () => {
    let sweeps = 0;
    const runs = aggregator(
      () => {
        sweeps++;
        return Promise.resolve(true);
      },
      { min: 100, max: 300 },
    );
    runs.setSlowdown(4);
    runs.start();
    await wait(30);
    assert.equal(sweeps, 1);
    const due = runs.nextSweepEpochMs!;
    assert.equal(runs.intervalMs, 400);
    runs.setSlowdown(1);
    assert.equal(runs.intervalMs, 100);
    assert.ok(runs.nextSweepEpochMs! < due - 200);
    runs.setSlowdown(40);
    await wait(150);
    assert.equal(sweeps, 1, 'nobody looks');
    runs.setSlowdown(1);
    await wait(20);
    assert.equal(sweeps, 2, 'it was overdue');
    await runs.stop();
    assert.equal(runs.nextSweepEpochMs, null);
  });

  it('forgets how long nothing has changed when somebody looks', async () => {
    const runs = aggregator(() => Promise.resolve(false), { min: 20, max: 100_000 });
    runs.start();
    await wait(400);
    const before = runs.intervalMs;
    assert.ok(before > 100, `${before} ms`);
    runs.wake();
    assert.ok(runs.intervalMs <= before / 4, `${runs.intervalMs} ms after ${before} ms`);
    await runs.stop();
  });

  it('does not wait for longer than a while where changes are not told', async () => {
    const runs = aggregator(() => Promise.resolve(false), { min: 1, max: 100_000 });
    runs.setCeiling(30);
    runs.start();
    await wait(300);
    const limited = runs.intervalMs;
    runs.setCeiling(Infinity);
    assert.ok(limited >= 30 && runs.intervalMs > limited, `${limited} ms, then ${runs.intervalMs} ms`);
    await runs.stop();
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
