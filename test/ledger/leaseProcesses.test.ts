import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { LedgerError } from '../../src/model/errors';
import { LeaseWaiter } from '../../src/ledger/leaseWaiter';
import type { HolderOrder, HolderReport } from './leaseHolder';
import {
  newFolder,
  lockOf,
  isLost,
  acquire,
  tryAcquire,
  Holder,
  audit,
  leaderAndWaiter,
  removeLeases,
} from './leaseFixture';

describe('a lease among processes', function () {
  this.timeout(40_000);
  after(removeLeases);

  // Waiting for a lease to run out takes seconds; so all of it is under way at once, and each test awaits its own.
  const short = { staleMs: 3_000, updateMs: 1_000 };
  const scenarios = {
    killed: async (nudge: boolean) => {
      const { leader, waiter } = await leaderAndWaiter({});
      leader.child.kill('SIGKILL');
      const start = performance.now();
      await once(leader.child, 'exit');
      // What the closing of the leader's socket does.
      if (nudge) waiter.child.send('nudge');
      await waiter.hears('leading');
      return performance.now() - start;
    },

    released: async () => {
      const { folder, leader, waiter } = await leaderAndWaiter({});
      leader.child.send('release');
      await leader.hears('released');
      const start = performance.now();
      waiter.child.send('nudge');
      await waiter.hears('leading');
      const ms = performance.now() - start;
      return { ms, staleMs: 5_000, locked: existsSync(lockOf(folder)) };
    },

    suspended: async () => {
      const { folder, leader, waiter } = await leaderAndWaiter({ ...short, pollMs: 250 });
      leader.child.kill('SIGSTOP');
      await waiter.hears('leading');
      await pause(200);
      const before = audit(folder).lastIndexOf('write second');
      leader.child.kill('SIGCONT');
      const refused = await leader.hears('refused');
      const lost = await leader.hears('lost');
      await pause(1_500);
      return { refused, lost, lines: audit(folder), before, secondLost: !waiter.hearsNot('lost') };
    },

    suspendedAlone: async () => {
      const folder = newFolder();
      const leader = new Holder({ mode: 'hold', name: 'only', folder, audit: `${folder}.audit`, ...short });
      await leader.hears('leading');
      await pause(200);
      leader.child.kill('SIGSTOP');
      await pause(3_600);
      const written = audit(folder).length;
      leader.child.kill('SIGCONT');
      const refused = await leader.hears('refused');
      return { refused, written, writtenAfter: audit(folder).length };
    },

    deletedUnderLive: async () => {
      const { folder, leader, waiter } = await leaderAndWaiter({ ...short, pollMs: 250 });
      rmdirSync(lockOf(folder));
      await waiter.hears('leading');
      const refused = await leader.hears('refused');
      await pause(1_300);
      return { refused, secondLost: !waiter.hearsNot('lost'), lines: audit(folder) };
    },

    contended: async () => {
      const folder = newFolder();
      const path = `${folder}.audit`;
      const names = ['a', 'b', 'c', 'd', 'e'];
      const holders = names.map(
        (name) => new Holder({ mode: 'contend', name, folder, audit: path, pollMs: 60, ...short }),
      );
      const [victim] = holders;
      await victim!.hears('leading');
      victim!.child.kill('SIGKILL');
      await once(victim!.child, 'exit');
      appendFileSync(path, 'killed a\n');
      const deadline = performance.now() + 20_000;
      const entries = (): string[] => audit(folder).filter((line) => line.startsWith('enter '));
      while (entries().length < 25 && performance.now() < deadline) await pause(100);
      for (const { child } of holders) child.kill('SIGKILL');
      return { lines: audit(folder), entries: entries() };
    },

    heartbeat: async () => {
      const lease = await acquire(newFolder(), short);
      const start = performance.now();
      while (performance.now() - start < 4_500) {
        lease.check();
        await pause(50);
      }
      await lease.release();
      return true;
    },

    /** A holder that writes nothing just now, and so asks nothing. */
    heartbeatFinds: async (damage: 'time' | 'holder') => {
      const folder = newFolder();
      const losses: LedgerError[] = [];
      let aheadMs = 0;
      const now = (): number => Date.now() + aheadMs;
      const lease = await acquire(folder, { ...short, now, onLost: (error) => losses.push(error) });
      const file = join(folder, 'lease.json');
      const record = readFileSync(file, 'utf8');
      if (damage === 'time') aheadMs = 3_500;
      else writeFileSync(file, record.replace(/"holder":"./, '"holder":"-'));
      const heartbeat = statSync(lockOf(folder)).mtimeMs;
      await pause(1_500);
      const beatAgain = statSync(lockOf(folder)).mtimeMs !== heartbeat;
      await lease.release();
      return { reasons: losses.map((loss) => loss.reason), beatAgain };
    },

    fromTheFuture: async () => {
      const folder = newFolder();
      const dead = await acquire(folder);
      const inAnHour = new Date(Date.now() + 3_600_000);
      utimesSync(lockOf(folder), inAnHour, inAnHour);
      assert.throws(() => dead.check(), isLost);
      await dead.release();
      const atOnce = await tryAcquire(folder, short);
      await pause(3_100);
      const later = await tryAcquire(folder, short);
      await later?.release();
      return { atOnce, later };
    },

    thread: async (how: 'exit' | 'terminate') => {
      const folder = newFolder();
      const order: HolderOrder = { mode: 'hold', name: 'thread', folder, audit: `${folder}.audit`, ...short };
      const worker = new Worker(join(__dirname, 'leaseHolder.js'), { workerData: order });
      for await (const [report] of on(worker)) if (report.kind === 'leading') break;
      const ended = once(worker, 'exit');
      if (how === 'exit') worker.postMessage('exit');
      else void worker.terminate();
      await ended;
      const locked = existsSync(lockOf(folder));
      const waiter = new LeaseWaiter({ folder, onLost: () => undefined, pollMs: 250, ...short });
      const lease = await waiter.lease;
      await lease?.release();
      return { locked, lease };
    },
  };
  type Results = {
    killed: number;
    killedUnnoticed: number;
    released: Awaited<ReturnType<typeof scenarios.released>>;
    suspended: Awaited<ReturnType<typeof scenarios.suspended>>;
    suspendedAlone: Awaited<ReturnType<typeof scenarios.suspendedAlone>>;
    deletedUnderLive: Awaited<ReturnType<typeof scenarios.deletedUnderLive>>;
    contended: Awaited<ReturnType<typeof scenarios.contended>>;
    heartbeat: boolean;
    heartbeatTime: Awaited<ReturnType<typeof scenarios.heartbeatFinds>>;
    heartbeatHolder: Awaited<ReturnType<typeof scenarios.heartbeatFinds>>;
    fromTheFuture: Awaited<ReturnType<typeof scenarios.fromTheFuture>>;
    threadExit: Awaited<ReturnType<typeof scenarios.thread>>;
    threadTerminate: Awaited<ReturnType<typeof scenarios.thread>>;
  };
  let running: { [Name in keyof Results]: Promise<Results[Name]> };

  before(() => {
    running = {
      killed: scenarios.killed(true),
      killedUnnoticed: scenarios.killed(false),
      released: scenarios.released(),
      suspended: scenarios.suspended(),
      suspendedAlone: scenarios.suspendedAlone(),
      deletedUnderLive: scenarios.deletedUnderLive(),
      contended: scenarios.contended(),
      heartbeat: scenarios.heartbeat(),
      heartbeatTime: scenarios.heartbeatFinds('time'),
      heartbeatHolder: scenarios.heartbeatFinds('holder'),
      fromTheFuture: scenarios.fromTheFuture(),
      threadExit: scenarios.thread('exit'),
      threadTerminate: scenarios.thread('terminate'),
    };
    // Each failure belongs to the test that awaits it.
    for (const each of Object.values(running)) each.catch(() => undefined);
  });

  it('passes on at once after a clean release', async () => {
    const { ms, staleMs } = await running.released;
    console.log(`      taken over ${ms.toFixed(0)} ms after the release`);
    assert.ok(ms < staleMs / 2, 'nobody waited for a lease to run out');
  });

  it('stays with a holder that keeps working for longer than a lease lasts', async () => {
    assert.equal(await running.heartbeat, true);
  });

  it('is lost at the next heartbeat when it ran out or went to another, and that heartbeat is not given', async () => {
    for (const each of [running.heartbeatTime, running.heartbeatHolder])
      assert.deepEqual(await each, { reasons: ['lease-lost'], beatAgain: false });
  });

  it('stops a suspended holder before it writes, and leaves the new one alone', async () => {
    const { refused, lost, lines, before, secondLost } = await running.suspended;
    assert.deepEqual(refused, { kind: 'refused', reason: 'lease-lost' });
    assert.deepEqual(lost, { kind: 'lost', reason: 'lease-lost' });
    assert.ok(before >= 0, 'the second one wrote while the first was suspended');
    assert.ok(!lines.slice(before).includes('write first'), 'the first one wrote nothing more');
    assert.ok(lines.slice(before + 1).length > 10, 'the second one went on writing');
    assert.equal(secondLost, false);
  });

  it('stops a suspended holder also when nobody took over', async () => {
    const { refused, written, writtenAfter } = await running.suspendedAlone;
    assert.deepEqual(refused, { kind: 'refused', reason: 'lease-lost' });
    assert.ok(written > 0);
    assert.equal(writtenAfter, written);
  });

  it('stops a live holder whose lock was deleted, and the new one stays', async () => {
    const { refused, secondLost, lines } = await running.deletedUnderLive;
    assert.deepEqual(refused, { kind: 'refused', reason: 'lease-lost' });
    assert.equal(secondLost, false);
    const second = lines.indexOf('write second');
    assert.ok(second > 0 && !lines.slice(second).includes('write first'));
  });

  it('is held by exactly one of five that compete, one of which is killed', async () => {
    const { lines, entries } = await running.contended;
    let holder: string | null = null;
    const epochs: number[] = [];
    for (const line of lines) {
      const [what, name = '', epoch] = line.split(' ');
      if (what === 'enter') {
        assert.equal(holder, null, `${name} entered while ${holder} was inside`);
        holder = name;
        epochs.push(Number(epoch));
      } else if (what === 'killed') {
        if (holder === name) holder = null;
      } else {
        assert.equal(holder, name, line);
        if (what === 'leave') holder = null;
      }
    }
    const names = new Set(entries.map((line) => line.split(' ')[1]));
    console.log(`      ${entries.length} leaderships of ${names.size} processes, ${lines.length} lines`);
    assert.ok(entries.length >= 25 && names.size === 5, entries.join());
    assert.ok(
      epochs.every((epoch, i) => i === 0 || epoch > epochs[i - 1]!),
      'the numbers grow',
    );
  });

  it('passes on although a clock set back left the last heartbeat in the future', async () => {
    const { atOnce, later } = await running.fromTheFuture;
    assert.equal(atOnce, null);
    assert.ok(later !== null);
  });

  it('ends with a thread that exits; with one that is terminated when its time has run out', async () => {
    const exited = await running.threadExit;
    assert.equal(exited.locked, false);
    const terminated = await running.threadTerminate;
    assert.equal(terminated.locked, true);
    assert.ok(terminated.lease !== null);
  });

  it('passes on within 10 s after its holder was killed', async () => {
    const [noticed, unnoticed] = await Promise.all([running.killed, running.killedUnnoticed]);
    const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
    console.log(
      `      taken over ${seconds(noticed)} s after a kill that was noticed, ${seconds(unnoticed)} s after one that was not`,
    );
    assert.ok(Math.max(noticed, unnoticed) < 10_000);
  });
});

/** The reports of a thread, until the loop is left. */
async function* on(worker: Worker): AsyncGenerator<[HolderReport]> {
  for (;;) yield (await once(worker, 'message')) as [HolderReport];
}
