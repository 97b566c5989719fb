import type { Attention } from '../model/attention';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { Snapshot } from '../model/snapshot';
import type { EngineCalls } from '../protocol/engineApi';
import type { Role, Tell } from './engine';
import { LinkClient } from './linkClient';
import { passOn, repeatable } from './passedCalls';
import type { FollowerEndpoint } from './linkHello';
import { linkChangedMs, readLinkRecord } from './linkPlace';

export interface FollowerOptions {
  /** The ledger's folder, where the leader says how it is reached. */
  readonly folder: string;
  readonly windowId: string;
  readonly schemaVersion: number;
  readonly tell: Tell;
  readonly log: Log;
  /** As this window told it last, for a leader that is met anew. */
  readonly attention: () => Attention | null;
  /** The connection to the leader ended, or there is nobody to connect to. */
  readonly onLeaderGone: () => void;
  /** There is a leader, but it and we do not understand each other: `newer-schema` or `unavailable`. */
  readonly onRefused: (error: LedgerError) => void;
}

/** Pause before the next try to reach a leader, in milliseconds; doubles up to the second figure. */
const firstPauseMs = 100;
const longestPauseMs = 3_000;
/** How often a follower looks whether its leader is still the leader, in milliseconds. */
const leaderCheckMs = 3_000;
/** How long a call waits for a leader to be there, in milliseconds: longer than a takeover after a kill takes. */
const leaderWaitMs = 15_000;
/** The same for a flush, which has an answer without a leader too. */
const flushWaitMs = 3_000;

/** A window that does not lead: holds no ledger, scans nothing, and passes every question on to the leader. */
export class Follower implements Role {
  readonly #options: FollowerOptions;
  /** Resolves when a leader has been reached for the first time. */
  readonly connected: Promise<void>;
  #endpoint: FollowerEndpoint | null = null;
  /** Calls that wait for a leader. */
  readonly #waiting = new Set<{
    readonly reached: (endpoint: FollowerEndpoint) => void;
    readonly gone: (error: Error) => void;
  }>();
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    let reached!: () => void;
    this.connected = new Promise((resolve) => (reached = resolve));
    void this.#stayConnected(reached);
  }

  get reachesLeader(): boolean {
    return this.#endpoint !== null;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  readonly calls: Role['calls'] = {
    ...passOn((name, params) => this.#ask(name, params)),
    snapshot: async () => asFollower(await this.#ask('snapshot', null)),
    refresh: async () => asFollower(await this.#ask('refresh', null)),
    flush: async (params) => {
      try {
        return await this.#ask('flush', params, flushWaitMs);
      } catch (error) {
        if (!LedgerError.is(error, 'no-leader')) throw error;
        // What was recorded is in the journal; whoever leads next folds it.
        return { durable: 'journal', records: 0 };
      }
    },
    attention: () => {
      if (this.#endpoint !== null) this.#tellAttention(this.#endpoint);
      return null;
    },
    configure: () => null,
  };

  stop(): Promise<void> {
    this.#stopped = true;
    this.#endpoint?.close();
    for (const { gone } of [...this.#waiting]) gone(new LedgerError('closed', 'this window follows no more'));
    this.#wake();
    return Promise.resolve();
  }

  /** When the leader goes before it has answered, the next one is asked. */
  async #ask<Name extends keyof EngineCalls>(
    name: Name,
    params: EngineCalls[Name]['params'],
    waitMs = leaderWaitMs,
  ): Promise<EngineCalls[Name]['result']> {
    for (;;) {
      const endpoint = this.#endpoint ?? (await this.#nextLeader(waitMs));
      try {
        return await endpoint.call(name, params);
      } catch (error) {
        // A leader that steps down says so before its connections end.
        const over =
          endpoint.closed || LedgerError.is(error, 'lease-lost') || LedgerError.is(error, 'closed');
        if (!over || this.#isStopped() || !repeatable.has(name)) throw error;
        this.#leave(endpoint);
      }
    }
  }

  #leave(endpoint: FollowerEndpoint): void {
    endpoint.close();
    if (this.#endpoint === endpoint) this.#endpoint = null;
  }

  #nextLeader(waitMs: number): Promise<FollowerEndpoint> {
    if (this.#stopped) return Promise.reject(new LedgerError('closed', 'this window follows no more'));
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        settle();
      };
      const waiting = {
        reached: (endpoint: FollowerEndpoint) => end(() => resolve(endpoint)),
        gone: (error: Error) => end(() => reject(error)),
      };
      const timer = setTimeout(
        () => waiting.gone(new LedgerError('no-leader', 'no window leads just now')),
        waitMs,
      );
      this.#waiting.add(waiting);
      // Whoever asks wants to know soon.
      this.#wake();
    });
  }

  async #stayConnected(reached: () => void): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#stopped) {
      try {
        const endpoint = await LinkClient.connect({
          folder: this.#options.folder,
          windowId: this.#options.windowId,
          schemaVersion: this.#options.schemaVersion,
        });
        pauseMs = firstPauseMs;
        await this.#attend(endpoint, reached);
      } catch (error) {
        if (LedgerError.is(error, 'newer-schema') || LedgerError.is(error, 'unavailable')) {
          this.#options.onRefused(error);
        } else if (!LedgerError.is(error, 'no-leader')) {
          this.#options.log('warn', 'the leading window cannot be reached', { error: String(error) });
        }
      }
      if (this.#isStopped()) return;
      this.#options.onLeaderGone();
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  /** Passes on what the leader tells, until the connection ends. */
  async #attend({ endpoint, epoch }: LinkClient, reached: () => void): Promise<void> {
    if (this.#stopped) {
      endpoint.close();
      return;
    }
    this.#endpoint = endpoint;
    const { tell } = this.#options;
    endpoint.on('snapshot', (snapshot) => tell('snapshot', asFollower(snapshot)));
    endpoint.on('progress', (progress) => tell('progress', progress));
    endpoint.on('rateCards', (cards) => tell('rateCards', cards));
    endpoint.on('importProgress', (progress) => tell('importProgress', progress));
    endpoint.on('repriced', (repriced) => tell('repriced', repriced));
    this.#tellAttention(endpoint);
    reached();
    for (const waiting of [...this.#waiting]) waiting.reached(endpoint);
    // A leader that was suspended keeps its connections, but by then another one may lead.
    let seenMs = 0;
    const look = setInterval(() => {
      const changedMs = linkChangedMs(this.#options.folder);
      if (changedMs === seenMs) return;
      seenMs = changedMs;
      const link = readLinkRecord(this.#options.folder);
      if (link !== null && link.epoch !== epoch) endpoint.close();
    }, leaderCheckMs);
    await new Promise<void>((resolve) => endpoint.onClose(() => resolve()));
    clearInterval(look);
    if (this.#endpoint === endpoint) this.#endpoint = null;
    if (!this.#isStopped()) this.#options.log('info', 'the leading window has gone');
  }

  /** Nobody waits for it: a leader that goes meanwhile is followed by one that is told anew. */
  #tellAttention(endpoint: FollowerEndpoint): void {
    const attention = this.#options.attention();
    if (attention === null) return;
    endpoint.call('attention', attention).catch((error: unknown) => {
      this.#options.log('debug', 'the leading window was not told who looks', { error: String(error) });
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function asFollower(snapshot: Snapshot): Snapshot {
  return { ...snapshot, scan: { ...snapshot.scan, role: 'follower' } };
}
