import type { LimitState, LimitThreshold } from '../model/limit';
import type { CivilDay } from '../model/time';
import type { Role } from './engine';

/** Where notices are remembered: the ledger's own settings, so that all windows and later runs know of them. */
export interface NoticeStore {
  meta(key: string): string | undefined;
  putMeta(key: string, value: string): void;
}

const metaKey = 'limitNotices';

/** What was said about one limit in one period. */
interface Notice {
  readonly limit: string;
  readonly from: CivilDay;
  readonly to: CivilDay;
  readonly told: LimitThreshold | null;
  readonly muted: boolean;
}

export interface LimitNoticesOptions {
  readonly store: NoticeStore;
  /** How a limit stands, in the period that began on `from`; undefined if that is not the present one. */
  readonly stateOf: (limit: string, from: CivilDay) => LimitState | undefined;
  /** A limit was muted: surfaces show it. */
  readonly onMute: () => void;
  /** Writes the store, so that no other window, and no later run, tells people a second time. */
  readonly save: () => Promise<void>;
}

/** Which limits people have been told of, and which they want to hear no more of until the period ends. */
export class LimitNotices {
  readonly #options: LimitNoticesOptions;

  constructor(options: LimitNoticesOptions) {
    this.#options = options;
  }

  readonly calls: Pick<Role['calls'], 'claimLimitNotice' | 'muteLimit'> = {
    claimLimitNotice: async ({ limit, from, threshold }) => {
      const state = this.#options.stateOf(limit, from);
      const granted = state !== undefined && this.#claim(state, threshold);
      if (granted) await this.#options.save();
      return { granted };
    },
    muteLimit: async ({ limit, from }) => {
      const state = this.#options.stateOf(limit, from);
      if (state === undefined) return null;
      this.#put({ limit, from, to: state.to, told: this.#find(limit, from)?.told ?? null, muted: true });
      this.#options.onMute();
      await this.#options.save();
      return null;
    },
  };

  isMuted(limit: string, from: CivilDay): boolean {
    return this.#find(limit, from)?.muted === true;
  }

  /** True for the first who asks, once a threshold and period; after the hard one the soft one is no news. */
  #claim({ limit, from, to, reached, muted }: LimitState, threshold: LimitThreshold): boolean {
    if (reached === null || (threshold === 'hard' && reached === 'soft') || muted) return false;
    const told = this.#find(limit.id, from)?.told ?? null;
    if (told === threshold || told === 'hard') return false;
    this.#put({ limit: limit.id, from, to, told: threshold, muted: false });
    return true;
  }

  #find(limit: string, from: CivilDay): Notice | undefined {
    return this.#all().find((notice) => notice.limit === limit && notice.from === from);
  }

  /** Notices of periods that are over are forgotten. */
  #put(notice: Notice): void {
    const others = this.#all().filter(
      ({ limit, from, to }) => !(limit === notice.limit && from === notice.from) && to >= notice.from,
    );
    this.#options.store.putMeta(metaKey, JSON.stringify([...others, notice]));
  }

  #all(): readonly Notice[] {
    return JSON.parse(this.#options.store.meta(metaKey) ?? '[]') as readonly Notice[];
  }
}
