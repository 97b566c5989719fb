import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Handlers } from '../protocol/endpoint';
import type { EngineCalls, EngineEvents, EngineSettings, EngineStart } from '../protocol/engineApi';
import type { Lease } from '../ledger/lease';
import { LeaseWaiter } from '../ledger/leaseWaiter';
import { Follower } from './follower';
import { Leader } from './leader';
import { LinkServer } from './linkServer';
import { ledgerFolderOf, schemaVersion } from './storage';

/** What an engine tells its window. */
export type Tell = <Name extends keyof EngineEvents>(name: Name, data: EngineEvents[Name]) => void;

/** What leading and following have in common: both answer every call. */
export interface Role {
  readonly calls: Omit<Handlers<EngineCalls>, 'shutdown'>;
  stop(): Promise<void>;
}

/**
 * One window's engine: it leads if it can and follows otherwise, and changes over by itself. Calls that arrive during a
 * change wait for the new role.
 */
export class Engine {
  readonly #start: EngineStart;
  readonly #tell: Tell;
  readonly #log: Log;
  #settings: EngineSettings;
  #role: Role | null = null;
  #roleChange = deferred<Role>();
  #waiter: LeaseWaiter | null = null;
  #stopped: Promise<void> | null = null;

  constructor(start: EngineStart, tell: Tell) {
    this.#start = start;
    this.#settings = start.settings;
    this.#tell = tell;
    this.#log = (level, message, data) =>
      tell('log', { level, epochMs: Date.now(), message, ...(data === undefined ? {} : { data }) });
    // Nobody may be waiting when the engine stops.
    this.#roleChange.promise.catch(() => undefined);
    void this.#run();
  }

  readonly calls: Handlers<EngineCalls> = {
    snapshot: async (params) => (await this.#currentRole()).calls.snapshot(params),
    refresh: async (params) => (await this.#currentRole()).calls.refresh(params),
    flush: async (params) => (await this.#currentRole()).calls.flush(params),
    breakdown: async (params) => (await this.#currentRole()).calls.breakdown(params),
    openMessages: async (params) => (await this.#currentRole()).calls.openMessages(params),
    nextMessages: async (params) => (await this.#currentRole()).calls.nextMessages(params),
    closeMessages: async (params) => (await this.#currentRole()).calls.closeMessages(params),
    rateCards: async (params) => (await this.#currentRole()).calls.rateCards(params),
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
    const role = this.#role;
    this.#setRole(null);
    this.#roleChange.reject(new LedgerError('closed', 'the engine has been shut down'));
    await role?.stop();
  }

  #currentRole(): Promise<Role> {
    return this.#role === null ? this.#roleChange.promise : Promise.resolve(this.#role);
  }

  #setRole(role: Role | null): void {
    this.#role = role;
    if (role !== null) {
      this.#roleChange.resolve(role);
      this.#roleChange = deferred();
      this.#roleChange.promise.catch(() => undefined);
    }
  }

  async #run(): Promise<void> {
    if (this.#start.storageFolder === null) {
      await this.#lead(null);
      return;
    }
    while (this.#stopped === null) {
      try {
        await this.#followThenLead(ledgerFolderOf(this.#start.storageFolder));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#log('error', 'the engine cannot use the ledger; it tries again', { error: message });
        this.#tell('unavailable', { reason: LedgerError.is(error) ? error.reason : 'unexpected', message });
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
    }
  }

  /** Follows until the lease is ours, then leads until it is lost. */
  async #followThenLead(folder: string): Promise<void> {
    const lost = deferred<LedgerError>();
    const waiter = new LeaseWaiter({ folder, schemaVersion, onLost: lost.resolve });
    this.#waiter = waiter;
    const follower = new Follower({
      folder,
      windowId: this.#start.windowId,
      tell: this.#tell,
      log: this.#log,
      onLeaderGone: () => waiter.nudge(),
    });
    let lease: Lease | null;
    try {
      // Most often nobody leads, or the leader answers at once: whichever comes first is the role.
      void follower.connected.then(() => {
        if (this.#waiter === waiter && this.#stopped === null && this.#role === null) this.#setRole(follower);
      });
      lease = await waiter.lease;
    } finally {
      if (this.#role === follower) this.#setRole(null);
      await follower.stop();
    }
    if (lease === null) return;
    try {
      await this.#lead(lease, lost.promise);
    } finally {
      await lease.release();
    }
  }

  async #lead(lease: Lease | null, lost?: Promise<LedgerError>): Promise<void> {
    let server: LinkServer | null = null;
    const leader = await Leader.open({
      start: { ...this.#start, settings: this.#settings },
      lease,
      log: this.#log,
      tell: (name, data) => {
        this.#tell(name, data);
        if (name !== 'log') server?.broadcast(name, data);
      },
    });
    if (this.#stopped !== null) {
      await leader.stop();
      return;
    }
    if (lease !== null && this.#start.storageFolder !== null) {
      server = await this.#openLink(ledgerFolderOf(this.#start.storageFolder), lease, leader);
    }
    this.#log('info', 'this window leads', { epoch: lease?.epoch ?? 0 });
    const ended = deferred<null>();
    this.#setRole({
      calls: leader.calls,
      stop: async () => {
        try {
          await leader.stop();
        } finally {
          await lease?.release();
          await server?.close();
          ended.resolve(null);
        }
      },
    });
    leader.begin();
    const error = await (lost === undefined ? ended.promise : Promise.race([ended.promise, lost]));
    if (error === null) return;
    // Another process may lead by now: what is in memory is forgotten, not written.
    this.#log('warn', 'the lease was lost; this window follows from now on', { reason: error.message });
    this.#setRole(null);
    leader.abandon();
    await server?.close();
  }

  async #openLink(folder: string, lease: Lease, leader: Leader): Promise<LinkServer | null> {
    try {
      return await LinkServer.start({
        folder,
        lease,
        schemaVersion,
        handlers: () => ({ ...leader.calls, configure: () => null, shutdown: () => null }),
        onConnection: (endpoint) => endpoint.tell('snapshot', leader.snapshot),
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
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
