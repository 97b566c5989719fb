import { civilDayOf } from '../model/format';
import type { LimitState, LimitThreshold } from '../model/limit';
import type { Log } from '../model/logRecord';
import type { EngineCalls } from '../protocol/engineApi';
import type { PanelView } from '../protocol/panelApi';

/** The window that somebody looks at goes first; the others tell only if there is none. */
const unfocusedDelayMs = 3_000;

export type ReachedLimit = LimitState & { readonly reached: LimitThreshold };

export interface LimitNoticesOptions {
  /** Granted to one window of all, once for a threshold and period. */
  readonly claim: (
    notice: EngineCalls['claimLimitNotice']['params'],
  ) => Promise<EngineCalls['claimLimitNotice']['result']>;
  readonly tell: (state: ReachedLimit) => void;
  readonly focused: () => boolean;
  readonly log: Log;
  readonly delayMs?: number;
}

/** Sees to it that a limit that is reached is told: once, in one window. */
export class LimitNotices {
  readonly #options: LimitNoticesOptions;
  /** What this window has claimed, or waits to claim, of the limits that are reached now. */
  readonly #seen = new Map<string, NodeJS.Timeout | null>();

  constructor(options: LimitNoticesOptions) {
    this.#options = options;
  }

  update({ snapshot, origin, nowEpochMs }: PanelView): void {
    if (snapshot === null || origin !== 'engine') return;
    const today = civilDayOf(nowEpochMs, snapshot.timeZone);
    const reached = new Map(
      (snapshot.limits ?? [])
        .filter((state): state is ReachedLimit => state.reached !== null && !state.muted && state.to >= today)
        .map((state) => [JSON.stringify([state.limit.id, state.from, state.reached]), state]),
    );
    for (const [key, timer] of this.#seen)
      if (!reached.has(key)) {
        if (timer !== null) clearTimeout(timer);
        this.#seen.delete(key);
      }
    const { focused, delayMs = unfocusedDelayMs } = this.#options;
    for (const [key, state] of reached) {
      if (this.#seen.has(key)) continue;
      if (focused()) void this.#claim(key, state);
      else
        this.#seen.set(
          key,
          setTimeout(() => void this.#claim(key, state), delayMs),
        );
    }
  }

  dispose(): void {
    for (const timer of this.#seen.values()) if (timer !== null) clearTimeout(timer);
    this.#seen.clear();
  }

  async #claim(key: string, state: ReachedLimit): Promise<void> {
    const { claim, tell, log } = this.#options;
    this.#seen.set(key, null);
    const { limit, from, reached } = state;
    try {
      const { granted } = await claim({ limit: limit.id, from, threshold: reached });
      if (granted) tell(state);
    } catch (error) {
      log('warn', 'A limit could not be told of; the next figures try again', { error: String(error) });
      this.#seen.delete(key);
    }
  }
}
