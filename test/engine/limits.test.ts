import assert from 'node:assert/strict';
import type { Limit } from '../../src/model/limit';
import { text } from '../sources/claude/transcriptFixtures';
import { engineStart, message, type TestEngine, writeTranscript } from './engineFixture';
import { TestEngines } from './testEngines';
import { appendFileSync } from 'node:fs';

describe('limits and blocks of the engine', function () {
  this.timeout(30_000);
  const engines = new TestEngines();

  const month: Limit = { id: 'month', period: 'month', softNanoDollars: 1, hardNanoDollars: 1_000_000_000 };
  const now = (id: string): ReturnType<typeof message> =>
    message(id, { line: { timestamp: new Date().toISOString() } });

  function run(limits: readonly Limit[] = [month]): TestEngine {
    const start = engineStart([engines.at('claude')], { storageFolder: engines.at('storage') });
    return engines.start({ ...start, settings: { ...start.settings, limits } });
  }

  it('grants a notice once for each threshold and period, to one of all windows and of all runs', async () => {
    writeTranscript(engines.at('claude'), 'one', now('a'));
    const first = run();
    const { limits } = await first.messages(1);
    const state = limits![0]!;
    assert.equal(state.reached, 'soft');
    assert.ok(state.spentNanoDollars > 0);
    const second = run();
    await second.messages(1);
    const soft = { limit: 'month', from: state.from, threshold: 'soft' } as const;
    const answers = await Promise.all(
      [first, second, first, second].map((engine) => engine.client.call('claimLimitNotice', soft)),
    );
    assert.equal(answers.filter(({ granted }) => granted).length, 1);
    const claim = async (engine: TestEngine, changes: object = {}): Promise<boolean> =>
      (await engine.client.call('claimLimitNotice', { ...soft, ...changes })).granted;
    assert.equal(await claim(first, { threshold: 'hard' }), false, 'it is not reached');
    assert.equal(await claim(first, { from: '2020-01-01' }), false, 'that period is over');
    assert.equal(await claim(first, { limit: 'other' }), false, 'there is no such limit');
    await first.stop();
    await second.stop();

    const third = run([{ ...month, hardNanoDollars: 2 }]);
    await third.messages(1);
    assert.equal(await claim(third), false, 'an earlier run has told it');
    assert.equal(await claim(third, { threshold: 'hard' }), true);
    assert.equal(await claim(third, { threshold: 'hard' }), false);
    await third.stop();
  });

  it('says nothing of a soft threshold after the hard one, and nothing at all once it is muted', async () => {
    writeTranscript(engines.at('claude'), 'one', now('a'));
    const hard = { ...month, hardNanoDollars: 2 };
    const engine = run([hard, { ...hard, id: 'quiet' }]);
    const { limits } = await engine.messages(1);
    const { from } = limits![0]!;
    const claim = async (limit: string, threshold: 'soft' | 'hard'): Promise<boolean> =>
      (await engine.client.call('claimLimitNotice', { limit, from, threshold })).granted;
    assert.equal(await claim('month', 'hard'), true);
    assert.equal(await claim('month', 'soft'), false);
    await engine.client.call('muteLimit', { limit: 'quiet', from });
    assert.deepEqual((await engine.until((each) => each.limits![1]!.muted)).limits![0]!.muted, false);
    assert.equal(await claim('quiet', 'soft'), false);
    assert.equal(await claim('quiet', 'hard'), false);
  });

  it('tells the block that is running, the blocks of the past, and the figures of the minutes before', async () => {
    const path = writeTranscript(engines.at('claude'), 'one', message('a', { minute: 10 }), now('b'));
    const engine = run([]);
    const before = await engine.messages(2);
    assert.equal(before.block?.total.messages, 1);
    assert.deepEqual(before.limits, []);
    const blocks = await engine.client.call('blocks', {});
    assert.deepEqual(
      blocks.map(({ startEpochMs }) => startEpochMs),
      [Date.UTC(2026, 1, 3), before.block.startEpochMs],
    );
    appendFileSync(path, text(now('c')));
    const after = await engine.messages(3);
    assert.equal(after.block?.total.messages, 2);
    assert.equal((await engine.client.call('blocks', {})).at(-1)?.total.messages, 2);
    const points = await engine.client.call('history', { fromEpochMs: 0, toEpochMs: Date.now() });
    assert.equal(points[0]?.allTimeNanoDollars, after.periods.allTime.total.costNanoDollars);
    assert.ok(points.some((point) => point.epochMs === before.takenEpochMs));
  });
});
