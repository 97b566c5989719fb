import type { UsageFilter } from '../model/query';
import type { Endpoint } from '../protocol/endpoint';
import type { AskedCall, PanelCalls, PanelEvents } from '../protocol/panelApi';
import { afterAnswer, type ToldSessions } from './toldSessions';

type Host = Pick<Endpoint<PanelCalls, PanelEvents>, 'call'>;

export interface Entry {
  readonly name: AskedCall;
  readonly params: unknown;
  result: { readonly value: unknown } | null;
  error: string | null;
  /** How many snapshots there had been when it was last asked. */
  asked: number;
  /** Ends when the newest question has its answer; null: none is open. */
  asking: Promise<void> | null;
  readonly listeners: Set<() => void>;
}

/** More than one page ever shows at a time; what nobody looks at goes first. */
const mostEntries = 60;
/** Nothing waits longer than this for answers that are to be drawn together with it. */
const longestHoldMs = 100;

/**
 * What the page has asked the engine, by question. An answer stays until a newer one is there; a question is never
 * under way twice.
 */
export class Answers {
  readonly #host: Host;
  readonly #entries = new Map<string, Entry>();
  /** Answers that have come while others are still waited for. */
  readonly #held = new Set<Entry>();
  #holds = 0;
  /** How many snapshots there have been: an answer of before is asked for again. */
  #version = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  entry(name: AskedCall, params: unknown): Entry {
    const key = keyOf(name, params);
    let entry = this.#entries.get(key);
    // Last in the map is what was used last.
    if (entry !== undefined) this.#entries.delete(key);
    else entry = { name, params, result: null, error: null, asked: -1, asking: null, listeners: new Set() };
    this.#entries.set(key, entry);
    this.#forget();
    return entry;
  }

  /**
   * Asks again what is looked at, since figures have changed. Who looks hears of the answers when all of them are there,
   * together with what `show` does, so that a change of figures is one drawing; only what takes long comes later.
   */
  async refresh(show: () => void): Promise<void> {
    this.#version++;
    const looked = [...this.#entries.values()].filter(({ listeners }) => listeners.size > 0);
    this.#holds++;
    const inTime = new Promise((resolve) => setTimeout(resolve, longestHoldMs));
    await Promise.race([Promise.all(looked.map((entry) => this.want(entry))), inTime]);
    this.#holds--;
    show();
    const come = [...this.#held];
    this.#held.clear();
    for (const entry of come) tell(entry);
  }

  /** Asks, unless an answer of now is there; ends when it is. */
  async want(entry: Entry): Promise<void> {
    if (entry.asked < this.#version) {
      entry.asked = this.#version;
      entry.asking ??= this.#ask(entry);
    }
    await entry.asking;
  }

  /** Asks again after a failure. */
  retry(entry: Entry): void {
    entry.asking ??= this.#ask(entry);
  }

  async #ask(entry: Entry): Promise<void> {
    for (let goesOn = true; goesOn;) {
      const version = entry.asked;
      const first = entry.result === null;
      try {
        entry.result = { value: await this.#answer(entry) };
        entry.error = null;
      } catch (error) {
        entry.error = error instanceof Error ? error.message : String(error);
      }
      goesOn = entry.asked !== version && entry.listeners.size > 0;
      if (!goesOn) entry.asking = null;
      if (this.#holds > 0 && !first) this.#held.add(entry);
      else tell(entry);
    }
  }

  /** Of sessions only those travel that have changed. */
  async #answer({ name, params, result }: Entry): Promise<unknown> {
    if (name !== 'packedSessions') return this.#host.call(name, params as never);
    const before = result?.value as ToldSessions | undefined;
    const since = before === undefined ? {} : { since: before.token };
    return afterAnswer(before, await this.#host.call(name, { ...(params as UsageFilter), ...since }));
  }

  #forget(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= mostEntries) return;
      if (entry.listeners.size === 0 && entry.asking === null) this.#entries.delete(key);
    }
  }
}

function tell({ listeners }: Entry): void {
  for (const listener of [...listeners]) listener();
}

function keyOf(name: AskedCall, params: unknown): string {
  return `${name} ${JSON.stringify(params)}`;
}
