import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { LedgerError } from '../../src/model/errors';
import type { MessageRow } from '../../src/model/query';
import { readMessages } from '../../src/host/messageSource';
import { TestFolder, text } from '../sources/claude/transcriptFixtures';
import { engineStart, message, TestEngine, writeTranscript } from './engineFixture';

/** Messages in the long transcript: more than two chunks. */
const many = 2_500;

describe('questions to the engine', function () {
  this.timeout(60_000);
  let folder: TestFolder;
  let leader: TestEngine;
  let follower: TestEngine;
  let longPath: string;

  before(async () => {
    folder = new TestFolder();
    const root = folder.at('claude');
    longPath = writeTranscript(
      root,
      'long',
      ...Array.from({ length: many }, (_, index) => message(`m${index}`, { minute: index, output: 10 })),
    );
    writeTranscript(root, 'short', message('s', { minute: 5, output: 7, line: { sessionId: 'short' } }));
    const start = (windowId: string) =>
      engineStart([root], { storageFolder: folder.at('storage'), windowId });
    leader = new TestEngine(start('1-1-leader'));
    await leader.messages(many + 1);
    follower = new TestEngine(start('1-2-follower'));
    await follower.messages(many + 1);
  });

  after(async () => {
    await follower.stop();
    await leader.stop();
    folder.remove();
  });

  const openStreams = async (): Promise<number> => (await leader.client.call('health', null)).openStreams;

  it('stream messages to a window that only follows, a chunk at a time', async () => {
    const chunks: (readonly MessageRow[])[] = [];
    for await (const chunk of readMessages(follower.client, {})) chunks.push(chunk);
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [1_000, 1_000, 501],
    );
    const times = chunks.flat().map(({ epochMs }) => epochMs);
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
    assert.equal(await openStreams(), 0);
  });

  it('read no further than they are asked to, and free everything when the reader stops early', async () => {
    for (const client of [leader.client, follower.client]) {
      let seen = 0;
      for await (const chunk of readMessages(client, {})) {
        seen += chunk.length;
        assert.equal(await openStreams(), 1);
        break;
      }
      assert.equal(seen, 1_000);
      assert.equal(await openStreams(), 0, 'left by break');
    }
    await assert.rejects(async () => {
      for await (const { length } of readMessages(follower.client, {}))
        throw new Error(`${length} is enough`);
    }, /enough/);
    assert.equal(await openStreams(), 0, 'left by an error');
  });

  it('find the messages of a session, by day and by name', async () => {
    const rows = async (filter: Parameters<typeof readMessages>[1]): Promise<number> => {
      let count = 0;
      for await (const chunk of readMessages(follower.client, filter)) count += chunk.length;
      return count;
    };
    assert.equal(await rows({ sessions: ['short'] }), 1);
    assert.equal(await rows({ from: '2026-02-04', to: '2026-02-04' }), many - 1_440);
    assert.equal(await rows({ from: '2026-02-04', sessions: ['short'] }), 0);
    assert.equal(await rows({ only: { user: ['nobody'] } }), 0);
  });

  it('list sessions with their transcripts, whose titles are read when they are asked for', async () => {
    const sessions = await follower.client.call('sessions', {});
    assert.equal(sessions.length, 2);
    const long = sessions.find(({ total }) => total.messages === many);
    assert.equal(long?.transcriptPath, longPath);
    assert.equal(long.endEpochMs - long.startEpochMs, (many - 1) * 60_000);
    const title = () => follower.client.call('sessionTitle', { transcriptPath: longPath });
    assert.equal(await title(), null);
    appendFileSync(longPath, text({ type: 'custom-title', customTitle: 'The long one', sessionId: 'x' }));
    assert.deepEqual(await title(), { title: 'The long one', from: 'custom' });
    assert.equal(await follower.client.call('sessionTitle', { transcriptPath: '/etc/passwd.jsonl' }), null);
    for (const engine of [leader, follower])
      assert.ok(!engine.log.some((line) => line.includes('The long one')), 'titles are not logged');
    rmSync(longPath);
    assert.equal(await title(), null);
  });

  it('tell patterns and profiles', async () => {
    const patterns = await follower.client.call('patterns', {});
    assert.equal(patterns.total.messages, many + 1);
    assert.equal(patterns.activeDays, 2);
    const profiles = await follower.client.call('profiles', {});
    assert.deepEqual(
      profiles.map(({ user, total }) => [user, total.messages]),
      [['someone', many + 1]],
    );
  });

  it('refuse what they cannot answer with a reason', async () => {
    await assert.rejects(
      follower.client.call('breakdown', { filter: { sessions: ['short'] }, grain: 'day', by: [] }),
      (error: unknown) => LedgerError.is(error, 'invalid'),
    );
  });
});
