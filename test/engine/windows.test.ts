import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openToOthers, readLedger, remains } from '../chaos/remains';
import type { WindowOrder, WindowStats } from '../chaos/window';
import { openWindow, WindowProcess } from '../chaos/windows';
import { TestFolder, text } from '../sources/claude/transcriptFixtures';
import { message, writeTranscript } from './engineFixture';

/** The minute is shortened where nobody asks for it. */
const idleSeconds = Number(process.env['USAGE_LEDGER_IDLE_SECONDS'] ?? 3);
const windowCount = 10;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[numbers.length >> 1]!;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

class Desk {
  readonly folder = new TestFolder();
  readonly windows: WindowProcess[] = [];

  get order(): WindowOrder {
    return { storage: this.storage, temporary: this.folder.at(), root: this.root };
  }

  get storage(): string {
    return this.folder.at('global', 'storage');
  }

  get root(): string {
    return this.folder.at('claude');
  }

  async open(name: string): Promise<WindowProcess> {
    const opened = await openWindow(name, this.order);
    this.windows.push(opened);
    await opened.ask('snapshot', null);
    return opened;
  }

  async leaderOf(windows = this.windows): Promise<WindowProcess> {
    const stats = await Promise.all(windows.map((each) => each.ask('stats', null)));
    const leaders = windows.filter((_, index) => stats[index]!.role === 'leader');
    assert.equal(leaders.length, 1, `leaders: ${leaders.map(({ name }) => name).join(', ')}`);
    return leaders[0]!;
  }

  /** Every window, sooner or later, shows so many messages. */
  async shows(messages: number, windows = this.windows): Promise<void> {
    await Promise.all(
      windows.map((each) => each.until(`${messages} messages`, (shown) => shown.messages === messages)),
    );
  }

  async end(): Promise<void> {
    for (const each of this.windows) {
      each.resume();
      await each.kill();
    }
    this.folder.remove();
  }
}

describe('ten windows', function () {
  this.timeout(120_000 + idleSeconds * 1_000);
  let desk: Desk;
  let transcript: string;
  let total = 0;
  const engineBytes: { rss: number; private: number | null }[] = [];

  const stats = (): Promise<WindowStats[]> =>
    Promise.all(desk.windows.map((each) => each.ask('stats', null)));

  before(async () => {
    desk = new Desk();
    total = 300;
    const lines = Array.from({ length: total }, (_, index) =>
      message(`m${index}`, { minute: index, output: index }),
    );
    transcript = writeTranscript(desk.root, 'one', ...lines);
    await desk.open('w0');
    await Promise.all(
      Array.from({ length: windowCount - 1 }, async (_, index) => {
        const opened = new WindowProcess(`w${index + 1}`, desk.order);
        desk.windows.push(opened);
        await opened.ready;
        await pause(300);
        const without = await opened.ask('stats', null);
        await opened.ask('start', null);
        await opened.ask('snapshot', null);
        await pause(1_000);
        const having = await opened.ask('stats', null);
        engineBytes.push({
          rss: having.rssBytes - without.rssBytes,
          private:
            having.privateBytes === null || without.privateBytes === null
              ? null
              : having.privateBytes - without.privateBytes,
        });
      }),
    );
    await desk.shows(total);
  });

  after(() => desk.end());

  it('have one leader, which alone scans', async () => {
    const leader = await desk.leaderOf();
    await leader.ask('refresh', null);
    const counts = (await stats()).map(({ role, sweeps }) => ({ role, scans: sweeps > 0 }));
    assert.deepEqual(
      counts.filter(({ scans }) => scans).map(({ role }) => role),
      ['leader'],
    );
  });

  it('all show a line that is appended to a transcript within 2 s', async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const began = Date.now();
      appendFileSync(transcript, text(message(`a${round}`)));
      total++;
      const shown = await Promise.all(
        desk.windows.map((each) => each.until('the new line', ({ messages }) => messages === total)),
      );
      times.push(Math.max(...shown.map(({ epochMs }) => epochMs)) - began);
    }
    console.log(`      a line was shown in all windows after ${times.join(', ')} ms`);
    assert.ok(median(times) <= 2_000, `took ${times.join(', ')} ms`);
  });

  it('all show what one of them records within 2 s, without anybody asking', async () => {
    const times: number[] = [];
    for (const [round, each] of desk.windows.slice(0, 5).entries()) {
      const began = Date.now();
      await each.ask('record', { name: `burst${round}`, from: 0, to: 10 });
      total += 10;
      const shown = await Promise.all(
        desk.windows.map((window) => window.until('the records', ({ messages }) => messages === total)),
      );
      times.push(Math.max(...shown.map(({ epochMs }) => epochMs)) - began);
    }
    console.log(`      ten records were shown in all windows after ${times.join(', ')} ms`);
    assert.ok(median(times) <= 2_000, `took ${times.join(', ')} ms`);
  });

  it('resolve a flush when the leader has folded what that window recorded', async () => {
    for (const each of desk.windows) {
      await each.ask('record', { name: each.name, from: 0, to: 3 });
      total += 3;
      assert.equal((await each.ask('flush', { save: false })).durable, 'ledger');
      const snapshot = await each.ask('snapshot', null);
      assert.equal(snapshot.periods.allTime.total.messages, total);
    }
  });

  it('count what one process would have counted', async () => {
    const alone = new Desk();
    try {
      const single = await openWindow('single', { ...alone.order, root: desk.root });
      alone.windows.push(single);
      for (let round = 0; round < 5; round++)
        await single.ask('record', { name: `burst${round}`, from: 0, to: 10 });
      for (const { name } of desk.windows) await single.ask('record', { name, from: 0, to: 3 });
      await single.ask('flush', { save: true });
      const expected = await single.ask('refresh', null);
      const snapshots = await Promise.all(desk.windows.map((each) => each.ask('snapshot', null)));
      for (const { periods } of snapshots)
        assert.deepEqual(periods.allTime.total, expected.periods.allTime.total);
      assert.equal(new Set(snapshots.map(({ periods, days }) => JSON.stringify([periods, days]))).size, 1);
    } finally {
      await alone.end();
    }
  });

  it('cost no CPU that can be measured while they are idle and follow', async () => {
    const reference = new WindowProcess('without engine', desk.order);
    desk.windows.push(reference);
    await reference.ready;
    await pause(2_000);
    const before = await stats();
    await pause(idleSeconds * 1_000);
    const after = await stats();
    desk.windows.pop();
    await reference.kill();
    const used = (index: number): number => after[index]!.cpuMs - before[index]!.cpuMs;
    const followers = before.flatMap(({ role }, index) => (role === 'follower' ? [used(index)] : []));
    const share = (median(followers) - used(windowCount)) / (idleSeconds * 1_000);
    console.log(
      `      in ${idleSeconds} s a follower used ${median(followers).toFixed(1)} ms of CPU (the most: ` +
        `${Math.max(...followers).toFixed(1)}), a window without an engine ${used(windowCount).toFixed(1)} ms`,
    );
    assert.equal(followers.length, windowCount - 1);
    // In a few seconds a heartbeat more or less shows; the long run tells.
    const limit = idleSeconds < 30 ? 0.05 : 0.01;
    assert.ok(share < limit, `${(share * 100).toFixed(2)} % of a core`);
    assert.deepEqual(after.map(({ sweeps, role }) => role === 'follower' && sweeps > 0).filter(Boolean), []);
  });

  it('pay less than 20 MB for an engine that follows', () => {
    const rss = median(engineBytes.map((each) => each.rss));
    const own = engineBytes.flatMap((each) => (each.private === null ? [] : [each.private]));
    console.log(
      `      an engine that follows takes ${megabytes(rss)} of resident memory` +
        (own.length === 0 ? '' : `, ${megabytes(median(own))} of it private`),
    );
    // Pages that all processes share cost nothing more for another window.
    const cost = own.length === 0 ? rss : median(own);
    assert.ok(cost < 20e6, megabytes(cost));
  });

  it('open nothing to other users while they run', () => {
    assert.deepEqual(openToOthers(desk.storage), []);
  });

  it('leave a ledger that adds up, and nothing else, when they are closed', async () => {
    await Promise.all(desk.windows.map((each) => each.close()));
    const { messages, differences } = await readLedger(desk.storage);
    assert.deepEqual(differences, []);
    assert.equal(messages.size, total);
    assert.deepEqual(remains(desk.storage, desk.folder.at()), []);
  });
});

describe('when the leader goes', function () {
  this.timeout(90_000);
  let desk: Desk;
  let leader: WindowProcess;
  let others: WindowProcess[];

  beforeEach(async () => {
    desk = new Desk();
    writeTranscript(desk.root, 'one', message('a'));
    leader = await desk.open('first');
    others = [await desk.open('second'), await desk.open('third')];
    await desk.shows(1);
    assert.equal(await desk.leaderOf(), leader);
  });

  afterEach(() => desk.end());

  async function nextLeader(): Promise<{ readonly name: string; readonly epochMs: number }> {
    const end = Date.now() + 30_000;
    for (;;) {
      for (const { name, led } of others) if (led.length > 0) return { name, epochMs: led[0]! };
      assert.ok(Date.now() < end, 'nobody leads');
      await pause(20);
    }
  }

  it('another window leads at once after it was closed', async () => {
    await leader.ask('close', null);
    const began = Date.now();
    const { epochMs } = await nextLeader();
    console.log(`      taken over ${epochMs - began} ms after the end of a clean close`);
    assert.ok(epochMs - began < 3_000, 'sooner than a lease runs out');
    appendFileSync(desk.folder.at('claude', 'projects', '-work-app', 'one.jsonl'), text(message('b')));
    await desk.shows(2, others);
  });

  it('another window leads within 10 s after it was killed, and nothing recorded is lost', async () => {
    await leader.ask('record', { name: 'leader', from: 0, to: 7 });
    await pause(200);
    await leader.kill();
    const began = Date.now();
    const { epochMs } = await nextLeader();
    console.log(`      taken over ${epochMs - began} ms after a kill`);
    assert.ok(epochMs - began < 10_000);
    await desk.shows(8, others);
  });

  it('the journal of a follower that was killed is folded without anybody asking', async () => {
    const [victim, witness] = others as [WindowProcess, WindowProcess];
    await victim.ask('record', { name: 'victim', from: 0, to: 7 });
    await pause(200);
    await victim.kill();
    await desk.shows(8, [leader, witness]);
  });

  it('questions that a suspended leader does not answer are answered by the next', async () => {
    leader.suspend();
    const answers = await Promise.all(others.map((each) => each.ask('refresh', null)));
    assert.deepEqual(
      answers.map(({ periods }) => periods.allTime.total.messages),
      [1, 1],
    );
    appendFileSync(desk.folder.at('claude', 'projects', '-work-app', 'one.jsonl'), text(message('b')));
    await desk.shows(2, others);
    leader.resume();
    await leader.until('what the others show', ({ messages }) => messages === 2);
    assert.equal((await desk.leaderOf()).name, (await nextLeader()).name, 'it follows now');
    const { log } = await leader.ask('stats', null);
    assert.deepEqual(
      log.filter((line) => line.includes('ledger file could not be written')),
      [],
    );
  });

  it('a flush that was under way ends, and its records are in the ledger once', async () => {
    const [one, other] = others as [WindowProcess, WindowProcess];
    await one.ask('record', { name: 'one', from: 0, to: 5 });
    await other.ask('record', { name: 'other', from: 0, to: 5 });
    leader.suspend();
    await Promise.all(others.map((each) => each.ask('flush', { save: true })));
    await leader.kill();
    await desk.shows(11, others);
    await Promise.all(others.map((each) => each.close()));
    const { messages, differences } = await readLedger(desk.storage);
    assert.deepEqual([messages.size, differences], [11, []]);
    assert.deepEqual(remains(desk.storage, desk.folder.at()), []);
  });
});
