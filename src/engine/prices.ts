import type { RateCard } from '../model/rates';
import type { PricedRecord, UsageRecord } from '../model/usageRecord';
import type { EngineSettings } from '../protocol/engineApi';
import { priceRecord } from '../pricing/price';
import { RateCards } from '../pricing/rateCards';
import { withPrice } from '../sources/recorded/completeEntry';

type PriceSettings = Pick<EngineSettings, 'userPrices' | 'costMode'>;

/** What messages cost by the settings of now; the rate cards that this needs are told to whoever prices by them. */
export class Prices {
  readonly cards: RateCards;
  readonly #tell: (cards: readonly RateCard[]) => void;
  #settings: PriceSettings;
  #told = 0;

  constructor(settings: PriceSettings, tell: (cards: readonly RateCard[]) => void) {
    this.cards = new RateCards({ userPrices: settings.userPrices });
    this.#settings = settings;
    this.#tell = tell;
  }

  get costMode(): EngineSettings['costMode'] {
    return this.#settings.costMode;
  }

  price(record: UsageRecord): PricedRecord {
    const card = this.cards.cardFor(record.model, record.provider, record.epochMs);
    return withPrice(record, priceRecord(record, card, this.costMode));
  }

  /** Tells the cards made so far, if there are others than were told last. */
  tellCards(): void {
    const cards = this.cards.known();
    if (cards.length === this.#told) return;
    this.#told = cards.length;
    this.#tell(cards);
  }

  /** @returns whether messages may cost something else now, those of the past too. */
  configure(settings: PriceSettings): boolean {
    const before = this.#settings;
    this.#settings = settings;
    const sameCards = JSON.stringify(before.userPrices) === JSON.stringify(settings.userPrices);
    if (sameCards && before.costMode === settings.costMode) return false;
    this.cards.setUserPrices(settings.userPrices);
    // As many cards as before, but others.
    this.#told = 0;
    return true;
  }
}
