import type { Attention } from '../model/attention';
import { LedgerError, toErrorMessage } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Handlers } from '../protocol/endpoint';
import type {
  EngineCalls,
  EngineEvents,
  EngineSettings,
  EngineStart,
  FlushResult,
} from '../protocol/engineApi';
import type { Lease } from '../ledger/lease';
import { LeaseWaiter } from '../ledger/leaseWaiter';
import { deferred } from './deferred';
import { Follower } from './follower';
// A type only: the leader's code is evaluated when this window leads. A follower needs neither SQL nor prices.
import type { Leader } from './leader';
import { LinkServer } from './linkServer';
import { passOn, repeatable } from './passedCalls';
import { ledgerFolderOf, schemaVersion } from './storage';
import { sweepLeftovers } from './sweepLeftovers';

/** What an engine tells its window. */
export type Tell = <Name extends keyof EngineEvents>(name: Name, data: EngineEvents[Name]) => void;

/** What leading and following have in common: both answer every call. */
export interface Role {
  readonly calls: Omit<Handlers<EngineCalls>, 'shutdown'>;
  stop(): Promise<void>;
}

/** Pause before the next try to use a ledger that cannot be used now. */
const retryMs = 5_000;
/**
 * A window that does not lead waits so long for its records to be folded, then it says that they are in its journal.
 * Shorter than the writer's own patience, so that this counts as an answer.
 */
const flushLimitMs = 8_000;
/** A window that was killed looks alive for a moment after its connection has ended. */
const windowGoneMs = 500;
const inJournal: FlushResult = { durable: 'journal', records: 0 };

/**
 * One window's engine: it leads if it can and follows otherwise, and changes over by itself. Calls that arrive during a
 * change wait for the new role, and those that were under way are asked again in it.
 */
export class Engine {
  readonly #start: EngineStart;
  readonly #tell: Tell;
  readonly #log: Log;
  readonly #running: Promise<void>;
  #settings: EngineSettings;
  /** As this window told it last, for the next leader. */
  #attention: Attention | null = null;
  #role: Role | null = null;
  #leads = false;
  #roleChange = deferred<Role>();
  /** Calls that the present role works on; each is told when it is the present role no more. */
  readonly #underWay = new Set<() => void>();
  #waiter: LeaseWaiter | null = null;
  #stopped: Promise<void> | null = null;
  #wake: () => void = () => undefined;
  /** Why there is no role, and none can be expected soon; it has been told. */
  #refusal: LedgerError | null = null;

  constructor(start: EngineStart, tell: Tell) {
    this.#start = start;
    this.#settings = start.settings;
    this.#tell = tell;
    this.#log = (level, message, data) =>
      tell('log', { level, epochMs: Date.now(), message, ...(data === undefined ? {} : { data }) });
    // Nobody may be waiting when the engine stops.
    this.#roleChange.promise.catch(() => undefined);
    this.#running = this.#run();
  }

  readonly calls: Handlers<EngineCalls> = {
    ...passOn((name, params) => this.#ask(name, params)),
    flush: (params) => this.#flush(params),
    attention: async (attention) => {
      this.#attention = attention;
      await this.#role?.calls.attention(attention);
      return null;
    },
    configure: async (settings) => {
      this.#settings = settings;
      await this.#role?.calls.configure(settings);
      return null;
    },
    shutdown: async () => {
      await this.stop();
      return null;
    },
  };

  /** Saves, hands over and ends. Safe to call twice. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#waiter?.cancel();
    this.#wake();
    const role = this.#role;
    this.#setRole(null);
    this.#roleChange.reject(new LedgerError('closed', 'the engine has been shut down'));
    try {
      await role?.stop();
    } finally {
      // A lease that was being taken is given back before this ends, so that another window can lead at once.
      await this.#running;
    }
  }

  #isStopped(): boolean {
    return this.#stopped !== null;
  }

  #currentRole(): Promise<Role> {
    if (this.#role !== null) return Promise.resolve(this.#role);
    return this.#refusal === null ? this.#roleChange.promise : Promise.reject(this.#refusal);
  }

  #setRole(role: Role | null, leads = false): void {
    this.#role = role;
    this.#leads = leads;
    for (const ended of [...this.#underWay]) ended();
    if (role === null) return;
    this.#refusal = null;
    this.#roleChange.resolve(role);
    this.#renewRoleChange();
  }

  #renewRoleChange(): void {
    this.#roleChange = deferred();
    this.#roleChange.promise.catch(() => undefined);
  }

  async #ask<Name extends keyof Role['calls']>(
    name: Name,
    params: EngineCalls[Name]['params'],
  ): Promise<EngineCalls[Name]['result']> {
    for (;;) {
      const role = await this.#currentRole();
      const ask = role.calls[name] as (
        params: EngineCalls[Name]['params'],
      ) => Promise<EngineCalls[Name]['result']> | EngineCalls[Name]['result'];
      try {
        return await this.#whileRoleLasts(async () => ask(params));
      } catch (error) {
        // The loss is found out by whoever writes; the role ends with the next turn.
        if (LedgerError.is(error, 'lease-lost')) await new Promise((resolve) => setImmediate(resolve));
        if (this.#role === role || this.#isStopped() || !repeatable.has(name)) throw error;
      }
    }
  }

  /** Rejects with `closed` when the role ends first: a leader that stepped down may never answer. */
  #whileRoleLasts<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new LedgerError('closed', 'another window leads now'));
      this.#underWay.add(ended);
      work()
        .then(resolve, reject)
        .finally(() => this.#underWay.delete(ended));
    });
  }

  /** What was recorded is in the journal before anybody asks for this: without a leader that is the answer. */
  async #flush(params: EngineCalls['flush']['params']): Promise<FlushResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<FlushResult>((resolve) => {
      timer = setTimeout(() => {
        if (!this.#leads) resolve(inJournal);
      }, flushLimitMs);
    });
    try {
      return await Promise.race([this.#ask('flush', params), late]);
    } catch (error) {
      if (this.#leads || this.#isStopped()) throw error;
      return inJournal;
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(): Promise<void> {
    const { storageFolder } = this.#start;
    if (storageFolder === null) {
      await this.#lead(null);
      return;
    }
    while (!this.#isStopped()) {
      try {
        await this.#followThenLead(storageFolder);
      } catch (error) {
        this.#unavailable(error);
        await this.#pause(retryMs);
      }
    }
  }

  /** Said once for each reason; whoever waits for an answer, or asks from now on, gets the reason instead. */
  #unavailable(error: unknown): void {
    const { reason, message } = toErrorMessage(error);
    const refusal = new LedgerError(reason, message, { cause: error });
    if (this.#refusal?.message !== message) {
      this.#log('error', 'the engine cannot use the ledger; it tries again', { reason, error: message });
      this.#tell('unavailable', { reason, message });
    }
    this.#refusal = refusal;
    if (this.#role !== null || this.#isStopped()) return;
    this.#roleChange.reject(refusal);
    this.#renewRoleChange();
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Follows until the lease is ours, then leads until it is lost. */
  async #followThenLead(storageFolder: string): Promise<void> {
    const folder = ledgerFolderOf(storageFolder);
    const lost = deferred<LedgerError>();
    const follower = new Follower({
      folder,
      windowId: this.#start.windowId,
      schemaVersion,
      tell: this.#tell,
      log: this.#log,
      attention: () => this.#attention,
      onLeaderGone: () => this.#waiter?.nudge(),
      onRefused: (error) => this.#unavailable(error),
    });
    let lease: Lease | null;
    try {
      // Most often nobody leads, or the leader answers at once: whichever comes first is the role.
      void follower.connected.then(() => {
        if (!follower.stopped && !this.#isStopped() && this.#role === null) this.#setRole(follower);
      });
      lease = await this.#waitForLease(folder, follower, lost.resolve);
    } finally {
      if (this.#role === follower) this.#setRole(null);
      await follower.stop();
    }
    if (lease === null) return;
    this.#log('debug', 'this window has the lease', { epoch: lease.epoch });
    try {
      if (!this.#isStopped()) await this.#lead(lease, lost.promise);
    } finally {
      await lease.release();
    }
  }

  /** An extension that is too old to lead goes on following a newer one, for as long as that understands it. */
  async #waitForLease(
    folder: string,
    follower: Follower,
    onLost: (error: LedgerError) => void,
  ): Promise<Lease | null> {
    for (;;) {
      const waiter = new LeaseWaiter({ folder, schemaVersion, onLost });
      this.#waiter = waiter;
      if (this.#isStopped()) waiter.cancel();
      try {
        return await waiter.lease;
      } catch (error) {
        if (!LedgerError.is(error, 'newer-schema')) throw error;
        // The leader may be just about to answer.
        if (!follower.reachesLeader) await this.#pause(1_000);
        if (!follower.reachesLeader) this.#unavailable(error);
        await this.#pause(retryMs);
        if (this.#isStopped()) return null;
      }
    }
  }

  async #lead(lease: Lease | null, lost?: Promise<LedgerError>): Promise<void> {
    const { storageFolder } = this.#start;
    if (storageFolder !== null) sweepLeftovers(storageFolder, this.#log);
    let server: LinkServer | null = null;
    let abandoned = false;
    const { Leader } = await import('./leader');
    const leader = await Leader.open({
      start: { ...this.#start, settings: this.#settings },
      lease,
      log: this.#log,
      tell: (name, data) => {
        // What ends late in a leader that has stepped down is no news.
        if (abandoned && name !== 'log') return;
        this.#tell(name, data);
        if (name !== 'log') server?.broadcast(name, data);
      },
    });
    if (this.#isStopped()) {
      await leader.stop();
      return;
    }
    try {
      if (lease !== null && storageFolder !== null) {
        server = await this.#openLink(ledgerFolderOf(storageFolder), lease, leader);
      }
      this.#log('info', 'this window leads', { epoch: lease?.epoch ?? 0 });
      const ended = deferred<null>();
      const stop = async (): Promise<void> => {
        try {
          await leader.stop();
        } finally {
          await lease?.release();
          await server?.close();
          ended.resolve(null);
        }
      };
      if (this.#isStopped()) {
        await stop();
        return;
      }
      this.#setRole({ calls: leader.calls, stop }, true);
      if (this.#attention !== null) void leader.calls.attention(this.#attention);
      leader.begin();
      const loss = await (lost === undefined ? ended.promise : Promise.race([ended.promise, lost]));
      if (loss === null) return;
      throw loss;
    } catch (error) {
      // Another process may lead by now: what is in memory is forgotten, not written.
      abandoned = true;
      this.#setRole(null);
      leader.abandon();
      await server?.close();
      if (!LedgerError.is(error, 'lease-lost')) throw error;
      this.#log('warn', 'the lease was lost; this window follows from now on', { reason: error.message });
    }
  }

  async #openLink(folder: string, lease: Lease, leader: Leader): Promise<LinkServer | null> {
    try {
      return await LinkServer.start({
        folder,
        lease,
        schemaVersion,
        handlers: () => ({ ...leader.calls, configure: () => null, shutdown: () => null }),
        onConnection: (endpoint, { windowId }) => {
          endpoint.tell('snapshot', leader.snapshot);
          endpoint.tell('rateCards', leader.rateCards);
          endpoint.onClose(() => {
            leader.windowGone(windowId);
            this.#foldLater(windowId, leader);
          });
        },
        onProblem: (error) =>
          this.#log('warn', 'a connection to this window failed', { error: error.message }),
      });
    } catch (error) {
      if (LedgerError.is(error, 'lease-lost')) throw error;
      // Without a socket the other windows still show latest.json; this one works as ever.
      this.#log('error', 'other windows cannot reach this one', { error: String(error) });
      return null;
    }
  }

  /** A window that has gone flushes no more: what its journal holds would wait for the next sweep. */
  #foldLater(windowId: string, leader: Leader): void {
    setTimeout(() => {
      if (!this.#leads || this.#isStopped()) return;
      Promise.resolve(leader.calls.flush({ windowId, save: false })).catch((error: unknown) =>
        this.#log('warn', 'the journal of a window that has gone waits for the next sweep', {
          error: String(error),
        }),
      );
    }, windowGoneMs).unref();
  }
}
