import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../model/logRecord';
import type { CostMode, RateCard } from '../model/rates';
import { type EpochMs, type Month, monthBounds, type QuarterHour } from '../model/time';
import type { Price, PricedRecord } from '../model/usageRecord';
import type { Ledger } from '../ledger/ledger';
import { pricingRules } from '../pricing/price';
import type { Repriced } from '../protocol/engineApi';

export interface RepricingOptions {
  readonly ledger: Pick<Ledger, 'months' | 'namesIn' | 'repricing' | 'meta' | 'putMeta'>;
  readonly cardsBetween: (model: string, provider: string, from: EpochMs, to: EpochMs) => readonly RateCard[];
  readonly costMode: () => CostMode;
  readonly priceOf: (record: PricedRecord) => Price;
  /** Sums of these quarter hours have moved. */
  readonly onChange: (quarters: ReadonlySet<QuarterHour>) => void;
  /** All months have the prices of now, and this is what that has changed. */
  readonly onDone: (repriced: Repriced) => void;
  /** Writes the ledger's files; what is saved need not be kept in memory. */
  readonly save: () => Promise<void>;
  readonly log: Log;
}

const metaKey = 'prices';
/** After a failure to save, the rest is tried again so much later, in milliseconds. */
const retryMs = 60_000;

/**
 * Prices the past anew when prices have changed: by a setting, or with an update of the price data. It runs in the
 * background, month by month, newest first. The ledger remembers by which prices each month was summed up, so nothing
 * is opened whose prices are those of now, and an end at any moment is made good by the next run.
 */
export class Repricing {
  readonly #options: RepricingOptions;
  /** Months that may have messages with other prices than those of now. */
  #doubtful: Set<Month>;
  readonly #digests = new Map<Month, { readonly names: number; readonly digest: string }>();
  /** Grows when prices change. */
  #round = 0;
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;
  #sum = noChange();

  constructor(options: RepricingOptions) {
    this.#options = options;
    this.#doubtful = new Set(options.ledger.months());
  }

  /** Looks for months that were priced otherwise, and prices them; resolves when there are none, or it has failed. */
  start(): Promise<void> {
    if (this.#stopped || this.#doubtful.size === 0) return this.#running ?? Promise.resolve();
    clearTimeout(this.#retry);
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Prices are others from now on; `start` does the rest. */
  pricesChanged(): void {
    this.#round++;
    this.#digests.clear();
    this.#doubtful = new Set(this.#options.ledger.months());
    this.#forgetOtherPrices();
  }

  /** What the ledger remembers of the prices of these months cannot be trusted; `start` looks at every message. */
  distrust(months: readonly Month[] = this.#options.ledger.months()): void {
    const noted = Object.entries(this.#noted()).filter(([month]) => !months.includes(month));
    this.#options.ledger.putMeta(metaKey, JSON.stringify(Object.fromEntries(noted)));
    this.#round++;
    for (const month of months) {
      this.#digests.delete(month);
      this.#doubtful.add(month);
    }
  }

  /** Lets the ledger remember by which prices its months were summed up. To be called before it is saved. */
  note(): void {
    const { ledger } = this.#options;
    const noted = this.#noted();
    const months = ledger
      .months()
      .map((month) => [month, this.#doubtful.has(month) ? noted[month] : this.#digest(month)]);
    ledger.putMeta(metaKey, JSON.stringify(Object.fromEntries(months)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      this.#forgetOtherPrices();
      for (;;) {
        const month = [...this.#doubtful].sort().at(-1);
        if (month === undefined || this.#stopped) break;
        await this.#settle(month);
      }
    } catch (error) {
      if (this.#stopped) return;
      this.#options.log('warn', 'pricing the past anew has failed; it is tried again', {
        error: String(error),
      });
      this.#retry = setTimeout(() => void this.start(), retryMs).unref();
      return;
    }
    if (this.#sum.messages === 0 || this.#stopped) return;
    const { messages, beforeNanoDollars, afterNanoDollars, models } = this.#sum;
    this.#sum = noChange();
    this.#options.onDone({ messages, beforeNanoDollars, afterNanoDollars, models: [...models].sort() });
  }

  async #settle(month: Month): Promise<void> {
    const { ledger, priceOf, onChange, save } = this.#options;
    const round = this.#round;
    if (this.#noted()[month] === this.#digest(month)) {
      this.#doubtful.delete(month);
      return;
    }
    let changed = false;
    for (const slice of ledger.repricing(month, priceOf)) {
      if (slice.messages > 0) {
        this.#sum.messages += slice.messages;
        this.#sum.beforeNanoDollars += slice.beforeNanoDollars;
        this.#sum.afterNanoDollars += slice.afterNanoDollars;
        for (const model of slice.models) this.#sum.models.add(model);
        onChange(slice.quarters);
        changed = true;
      }
      await nextTurn();
      // Prices have changed again: from the newest month once more.
      if (this.#stopped || round !== this.#round) return;
    }
    this.#doubtful.delete(month);
    // One month at a time is in memory for this, however many there are.
    if (changed) await save();
  }

  /**
   * From now on months with other prices get messages with prices of now: should the old prices come back before all is
   * done, they must not be taken for what the months were summed up by.
   */
  #forgetOtherPrices(): void {
    const noted = Object.entries(this.#noted()).filter(
      ([month, digest]) => !this.#doubtful.has(month) || digest === this.#digest(month),
    );
    this.#options.ledger.putMeta(metaKey, JSON.stringify(Object.fromEntries(noted)));
  }

  #noted(): Readonly<Record<Month, string>> {
    return JSON.parse(this.#options.ledger.meta(metaKey) ?? '{}') as Record<Month, string>;
  }

  /** Says by which prices the messages of a month are summed up: the same digest, the same prices. */
  #digest(month: Month): string {
    const { ledger, cardsBetween, costMode } = this.#options;
    const sets = ledger.namesIn(month);
    const known = this.#digests.get(month);
    if (known?.names === sets.length) return known.digest;
    const { from, to } = monthBounds(month);
    const models = new Map(
      sets.map(({ model, provider }) => [JSON.stringify([provider, model]), { model, provider }]),
    );
    const said = [...models.keys()].sort().map((key) => {
      const { model, provider } = models.get(key)!;
      // Where a price comes from is no part of it.
      return cardsBetween(model, provider, from, to).map((card) => ({
        ...card,
        origin: '',
        from: Math.max(card.from, from),
        to: Math.min(card.to, to),
      }));
    });
    const text = JSON.stringify([pricingRules, costMode(), said]);
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
    this.#digests.set(month, { names: sets.length, digest });
    return digest;
  }
}

function noChange(): {
  messages: number;
  beforeNanoDollars: number;
  afterNanoDollars: number;
  readonly models: Set<string>;
} {
  return { messages: 0, beforeNanoDollars: 0, afterNanoDollars: 0, models: new Set() };
}
