import assert from 'node:assert/strict';
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { MessageRow } from '../../src/model/query';
import { text } from '../sources/claude/transcriptFixtures';
import { engineStart, message, type TestEngine, writeTranscript } from './engineFixture';
import { TestEngines } from './testEngines';

describe('the engine', function () {
  this.timeout(30_000);
  const engines = new TestEngines();

  const root = (): string => engines.at('claude');
  const storage = (): string => engines.at('storage');

  function run(changes: Parameters<typeof engineStart>[1] = {}): TestEngine {
    return engines.start(engineStart([root()], { storageFolder: storage(), ...changes }));
  }

  it('reads the transcripts that are there, and tells of a line that is appended', async () => {
    const path = writeTranscript(
      root(),
      'one',
      message('a', { output: 5 }),
      message('a', { output: 100 }),
      message('b'),
    );
    const engine = run();
    const first = await engine.messages(2);
    assert.equal(first.periods.allTime.total.outputTokens, 120);
    assert.equal(first.scan.state, 'ready');
    appendFileSync(path, text(message('c')));
    await engine.messages(3);
    const appended = Buffer.byteLength(text(message('c')));
    await engine.until(({ scan }) => scan.filesRead === 1 && scan.bytesRead === appended);
  });

  it('tells a small change once, however long the last one is past', async () => {
    const path = writeTranscript(root(), 'one', message('a'), message('b'));
    const engine = run();
    await engine.until(({ scan }) => scan.complete);
    await wait(1_200);
    appendFileSync(path, text(message('c')));
    const appended = Buffer.byteLength(text(message('c')));
    await engine.until(({ scan }) => scan.bytesRead === appended);
    const told = engine.snapshots.filter(({ periods }) => periods.allTime.total.messages === 3);
    assert.equal(told.length, 1);
  });

  it('says that it found nothing, and where it looked', async () => {
    const engine = run();
    const snapshot = await engine.until(({ scan }) => scan.complete);
    assert.equal(snapshot.scan.state, 'empty');
    assert.deepEqual(snapshot.scan.roots, [{ path: root(), exists: false }]);
  });

  it('finds a root that appears later', async () => {
    const engine = run();
    await engine.until(({ scan }) => scan.complete);
    writeTranscript(root(), 'one', message('a'));
    await engine.messages(1);
  });

  it('opens no file that has not changed, also after a restart', async () => {
    for (const name of ['one', 'two', 'three']) writeTranscript(root(), name, message(name));
    const engine = run();
    await engine.messages(3);
    const again = await engine.client.call('refresh', null);
    assert.deepEqual([again.scan.filesRead, again.scan.filesSkipped, again.scan.bytesRead], [0, 3, 0]);
    await engine.stop();
    const restarted = run({ background: false });
    const before = await restarted.client.call('snapshot', null);
    assert.equal(before.periods.allTime.total.messages, 3, 'the ledger knows before anything was read');
    const after = await restarted.client.call('refresh', null);
    assert.deepEqual([after.scan.filesRead, after.scan.filesSkipped], [0, 3]);
    assert.ok(after.generation > again.generation);
  });

  it('keeps the last snapshot for the next window', async () => {
    writeTranscript(root(), 'one', message('a'));
    const engine = run();
    await engine.messages(1);
    await engine.stop();
    const latest = JSON.parse(readFileSync(engines.at('storage', 'latest.json'), 'utf8')) as {
      periods: { allTime: { total: { messages: number } } };
    };
    assert.equal(latest.periods.allTime.total.messages, 1);
    assert.equal(statSync(engines.at('storage', 'latest.json')).mode & 0o777, 0o600);
  });

  it('keeps what was counted when a file is deleted, truncated or replaced', async () => {
    const one = writeTranscript(root(), 'one', message('a'), message('b'));
    const two = writeTranscript(root(), 'two', message('c'));
    const three = writeTranscript(root(), 'three', message('d'));
    const engine = run();
    await engine.messages(4);
    rmSync(two);
    truncateSync(one, Buffer.byteLength(text(message('a'))));
    appendFileSync(one, text(message('e')));
    writeFileSync(`${three}.new`, text(message('f'), message('g')));
    renameSync(`${three}.new`, three);
    const snapshot = await engine.client.call('refresh', null);
    assert.equal(snapshot.periods.allTime.total.messages, 7);
    const again = await engine.client.call('refresh', null);
    assert.equal(again.scan.filesRead, 0);
  });

  it('reads a torn last line again when it has grown, and counts it as bad until then', async () => {
    const whole = text(message('a'));
    const path = writeTranscript(root(), 'one');
    writeFileSync(path, text(message('z')) + whole.slice(0, 100));
    const engine = run();
    const torn = await engine.messages(1);
    assert.equal(torn.scan.badLines, 1);
    appendFileSync(path, whole.slice(100));
    // Figures may be told between a record and the cursor that says that nothing is torn any more.
    await engine.until(({ periods, scan }) => periods.allTime.total.messages === 2 && scan.badLines === 0);
  });

  it('counts bad lines with file and offset, and nothing else suffers', async () => {
    const good = text(message('a'));
    const path = writeTranscript(root(), 'one');
    writeFileSync(
      path,
      `${good}{"type":"assistant","message":{"usage":{"input_tokens":-1}}}\n${text(message('b'))}`,
    );
    const engine = run();
    const { scan } = await engine.messages(2);
    assert.equal(scan.badLines, 1);
    assert.equal(scan.badLineExamples[0]!.path, path);
    assert.equal(scan.badLineExamples[0]!.offset, Buffer.byteLength(good));
  });

  it('streams every counted message, and they add up to the snapshot', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) =>
      message(`m${index}`, { minute: index, output: index }),
    );
    writeTranscript(root(), 'one', ...lines);
    const engine = run();
    const snapshot = await engine.messages(2_500);
    const { stream } = await engine.client.call('openMessages', {});
    const rows: MessageRow[] = [];
    for (;;) {
      const chunk = await engine.client.call('nextMessages', { stream });
      if (chunk.length === 0) break;
      assert.ok(chunk.length <= 1_000);
      rows.push(...chunk);
    }
    const { total } = snapshot.periods.allTime;
    const sum = (name: 'costNanoDollars' | 'outputTokens'): number =>
      rows.reduce((soFar, row) => soFar + row.total[name], 0);
    assert.equal(sum('outputTokens'), total.outputTokens);
    assert.equal(sum('costNanoDollars'), total.costNanoDollars);
    await assert.rejects(engine.client.call('nextMessages', { stream }), { reason: 'not-found' });
    assert.equal(rows[0]!.session, '11111111-aaaa');
  });

  it('answers a breakdown by day and model that adds up to the snapshot', async () => {
    writeTranscript(
      root(),
      'one',
      message('a', { minute: 0 }),
      message('b', { minute: 24 * 60, message: { model: 'claude-opus-4-6' } }),
      message('c', { minute: 24 * 60 + 1 }),
    );
    const engine = run();
    await engine.messages(3);
    const rows = await engine.client.call('breakdown', {
      filter: { from: '2026-02-04' },
      grain: 'day',
      by: ['model'],
    });
    assert.deepEqual(
      rows.map(({ bucket, names, total }) => [bucket, names.model, total.messages]),
      [
        ['2026-02-04', 'claude-opus-4-6', 1],
        ['2026-02-04', 'claude-sonnet-4-5-20250929', 1],
      ],
    );
  });

  it('prices in retrospect what gets a price by a setting', async () => {
    writeTranscript(root(), 'one', message('a', { message: { model: 'some-new-model' } }), message('b'));
    const start = engineStart([root()], { storageFolder: storage() });
    const engine = run();
    const before = await engine.messages(2);
    assert.equal(before.periods.allTime.total.unpricedMessages, 1);
    assert.deepEqual(before.unpricedModels, [{ model: 'some-new-model', messages: 1 }]);
    await engine.client.configure({
      ...start.settings,
      userPrices: [{ model: 'some-new-model', input: 1, output: 10 }],
    });
    const after = await engine.until(({ periods }) => periods.allTime.total.unpricedMessages === 0);
    const added = after.periods.allTime.total.costNanoDollars - before.periods.allTime.total.costNanoDollars;
    assert.ok(added > 0);
    await engine.stop();
    const restarted = run({ background: false });
    const kept = await restarted.client.call('snapshot', null);
    assert.equal(kept.periods.allTime.total.costNanoDollars, after.periods.allTime.total.costNanoDollars);
  });

  it('changes the days with the time zone', async () => {
    writeTranscript(root(), 'one', message('a', { minute: 23 * 60 }));
    const start = engineStart([root()]);
    const engine = run();
    await engine.messages(1);
    await engine.client.configure({ ...start.settings, timeZone: 'Asia/Tokyo' });
    const rows = await engine.client.call('breakdown', { filter: {}, grain: 'day', by: [] });
    assert.deepEqual(
      rows.map(({ bucket }) => bucket),
      ['2026-02-04'],
    );
  });

  it('shows the same in a second window, which scans nothing and takes over when the first one closes', async () => {
    const path = writeTranscript(root(), 'one', message('a'));
    const first = run();
    await first.messages(1);
    const second = run();
    const seen = await second.messages(1);
    assert.equal(seen.scan.role, 'follower');
    appendFileSync(path, text(message('b')));
    const [led, followed] = await Promise.all([first.messages(2), second.messages(2)]);
    assert.deepEqual(followed.periods, led.periods);
    assert.deepEqual(await second.client.call('breakdown', { filter: {}, grain: 'total', by: [] }), [
      { bucket: '', names: {}, total: led.periods.allTime.total },
    ]);
    await first.stop();
    const leading = await second.until(({ scan }) => scan.role === 'leader');
    assert.equal(leading.periods.allTime.total.messages, 2);
    appendFileSync(path, text(message('c')));
    await second.messages(3);
  });

  it('tells how it is: runs, cache, watcher, ledger and lease, in every window the same', async () => {
    const path = writeTranscript(root(), 'one', message('a'), 'no JSON');
    const first = run();
    await first.messages(1);
    appendFileSync(path, text(message('b')));
    await first.messages(2);
    await first.client.call('snapshot', null);
    const second = run();
    await second.messages(2);
    const health = await second.client.call('health', null);
    // The system may tell of one change twice: then the last run has found nothing more.
    const appended = health.runs.filter(
      ({ bytesRead }) => bytesRead === Buffer.byteLength(text(message('b'))),
    );
    assert.deepEqual(
      appended.map(({ filesRead, error }) => [filesRead, error]),
      [[1, null]],
    );
    assert.equal(health.runs.at(-1)!.scope, 'everything');
    assert.equal(health.scan.badLineExamples.length, 1);
    assert.deepEqual([health.watcher.mode, health.watcher.reason], ['events', null]);
    assert.ok(health.watcher.folders >= 2, `${health.watcher.folders} folders`);
    assert.ok(health.cache.hits >= 1 && health.nextSweepEpochMs! > Date.now());
    assert.equal(health.ledger.months, 1);
    assert.ok(health.ledger.checkpoints >= 1 && health.ledger.lastCheckpointBytes > 0);
    assert.ok(health.lease!.epoch >= 1 && health.memoryBytes > 0);
    assert.deepEqual(await first.client.call('health', null).then(({ lease }) => lease), health.lease);
  });

  it('counts every question: answered from memory, or with an answer that had to be made', async () => {
    const path = writeTranscript(root(), 'one', message('a'));
    const { client } = run({ background: false });
    await client.call('refresh', null);
    const counted = async (ask: () => Promise<unknown>): Promise<readonly [hits: number, misses: number]> => {
      const { cache: before } = await client.call('health', null);
      await ask();
      const { cache } = await client.call('health', null);
      return [cache.hits - before.hits, cache.misses - before.misses];
    };
    const fromMemory = [1, 0] as const;
    const made = [0, 1] as const;
    assert.deepEqual(await counted(() => client.call('snapshot', null)), fromMemory);
    assert.deepEqual(await counted(() => client.call('rateCards', null)), fromMemory);
    const always = { fromEpochMs: 0, toEpochMs: Date.now() + 1_000 };
    assert.deepEqual(await counted(() => client.call('history', always)), fromMemory);
    assert.deepEqual(await counted(() => client.call('blocks', {})), made);
    assert.deepEqual(await counted(() => client.call('blocks', {})), fromMemory);
    const query = { filter: {}, grain: 'day', by: [] } as const;
    assert.deepEqual(await counted(() => client.call('breakdown', query)), made);
    assert.deepEqual(await counted(() => client.call('sessions', {})), made);
    assert.deepEqual(await counted(() => client.call('patterns', {})), made);
    assert.deepEqual(await counted(() => client.call('profiles', {})), made);
    const read = async (): Promise<void> => {
      const { stream } = await client.call('openMessages', {});
      while ((await client.call('nextMessages', { stream })).length > 0);
    };
    assert.deepEqual(await counted(read), made, 'one question, however many chunks its answer has');
    appendFileSync(path, text(message('b')));
    assert.deepEqual(await counted(() => client.call('refresh', null)), [0, 0], 'an order, no question');
    assert.deepEqual(await counted(() => client.call('blocks', {})), made, 'there is a message more');
  });

  it('keeps the last twenty runs', async () => {
    const engine = run({ background: false });
    for (let count = 0; count < 23; count++) await engine.client.call('refresh', null);
    const { runs, scan } = await engine.client.call('health', null);
    assert.deepEqual([runs.length, scan.runs], [20, 23]);
    assert.ok(runs[0]!.startedEpochMs >= runs[19]!.startedEpochMs);
  });

  it('looks more rarely when no window has the focus, also after another one leads', async () => {
    const first = run();
    await first.until(({ scan }) => scan.complete);
    const second = run();
    await second.until(({ scan }) => scan.complete);
    // The shortest of three pauses: a sweep of nobody's asking in between makes one twice as long.
    const due = async (engine: TestEngine): Promise<number> => {
      let shortest = Infinity;
      for (let count = 0; count < 3; count++) {
        await engine.client.call('refresh', null);
        const { nextSweepEpochMs, scan } = await engine.client.call('health', null);
        shortest = Math.min(shortest, nextSweepEpochMs! - scan.lastFinishedEpochMs!);
      }
      return shortest;
    };
    const focused = await due(first);
    await first.client.call('attention', { windowId: 'first', focused: false, panelShown: false });
    await second.client.call('attention', { windowId: 'second', focused: false, panelShown: true });
    const away = await due(second);
    assert.ok(away > focused * 3.5, `${away} ms instead of ${focused} ms`);
    await first.client.call('attention', { windowId: 'first', focused: true, panelShown: true });
    await first.stop();
    await second.until(({ scan }) => scan.role === 'leader');
    const after = await due(second);
    assert.ok(after > focused * 3.5, `${after} ms instead of ${focused} ms`);
  });

  it('knows after a refresh all that was written before it, also to files that had long been left alone', async () => {
    const paths = ['one', 'two', 'three'].map((name) => writeTranscript(root(), name, message(name)));
    const long = new Date(Date.UTC(2026, 1, 4));
    for (const path of paths) utimesSync(path, long, long);
    const engine = run();
    await engine.messages(3);
    await engine.client.call('refresh', null);
    for (let count = 0; count < 30; count++) {
      const path = paths[count % 3]!;
      appendFileSync(path, text(message(`later-${count}`)));
      utimesSync(path, long, new Date(long.getTime() + count * 1_000));
      const { periods } = await engine.client.call('refresh', null);
      assert.equal(periods.allTime.total.messages, 4 + count);
    }
  });

  it('notices by its timer what no event tells', async () => {
    const path = writeTranscript(root(), 'one', message('a'));
    const start = engineStart([root()]);
    const engine = run({ settings: { ...start.settings, minIntervalMs: 200, maxIntervalMs: 400 } });
    await engine.messages(1);
    const { mtimeMs } = statSync(path);
    appendFileSync(path, text(message('b')));
    utimesSync(path, mtimeMs / 1000 + 5, mtimeMs / 1000 + 5);
    await engine.messages(2);
  });
});
