import type { RateCard } from '../model/rates';
import type { EpochMs } from '../model/time';

/**
 * Rate cards by provider, model and time, without any price data: the engine fills one from the price data, the host
 * from the cards that the engine sends.
 */
export class CardIndex {
  readonly #providers = new Map<string, Map<string, RateCard[]>>();

  constructor(cards: readonly RateCard[] = []) {
    for (const card of cards) this.add(card);
  }

  /** The card that holds at that instant, or null. Names are taken as they were asked for, letter by letter. */
  find(model: string, provider: string, epochMs: EpochMs): RateCard | null {
    const cards = this.#providers.get(provider)?.get(model);
    if (cards === undefined) return null;
    const card = cards[indexAt(cards, epochMs)];
    return card !== undefined && epochMs < card.to ? card : null;
  }

  /** A card for the same model, provider and beginning replaces the one before. */
  add(card: RateCard): void {
    let models = this.#providers.get(card.provider);
    if (models === undefined) this.#providers.set(card.provider, (models = new Map<string, RateCard[]>()));
    const cards = models.get(card.model);
    if (cards === undefined) {
      models.set(card.model, [card]);
      return;
    }
    const index = indexAt(cards, card.from);
    if (cards[index]?.from === card.from) cards[index] = card;
    else cards.splice(index + 1, 0, card);
  }

  all(): RateCard[] {
    return [...this.#providers.values()].flatMap((models) => [...models.values()].flat());
  }

  clear(): void {
    this.#providers.clear();
  }
}

/** Index of the last card that begins at or before that instant, −1 if none does. */
function indexAt(cards: readonly RateCard[], epochMs: EpochMs): number {
  let low = 0;
  let high = cards.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cards[middle]!.from <= epochMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
