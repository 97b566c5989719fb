import type { Attention } from '../model/attention';
import type { Aggregator } from './aggregator';

/** While no window has the focus, nobody waits for news: the pauses between sweeps are so many times as long. */
const slowdown = 4;

/** What people look at, in all windows together, sets the pace of the sweeps. */
export class AttentionKeeper {
  readonly #aggregator: Pick<Aggregator, 'wake' | 'setSlowdown'>;
  readonly #attention = new Map<string, Attention>();

  constructor(aggregator: Pick<Aggregator, 'wake' | 'setSlowdown'>) {
    this.#aggregator = aggregator;
  }

  told(attention: Attention): void {
    const before = this.#attention.get(attention.windowId);
    this.#attention.set(attention.windowId, attention);
    this.#setPace();
    const news =
      (attention.focused && before?.focused !== true) ||
      (attention.panelShown && before?.panelShown !== true);
    if (news) this.#aggregator.wake();
  }

  gone(windowId: string): void {
    if (this.#attention.delete(windowId)) this.#setPace();
  }

  #setPace(): void {
    const windows = [...this.#attention.values()];
    // A window that has said nothing yet may well have the focus.
    const watched = windows.length === 0 || windows.some(({ focused }) => focused);
    this.#aggregator.setSlowdown(watched ? 1 : slowdown);
  }
}
