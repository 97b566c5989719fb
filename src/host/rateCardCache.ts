import { readFile } from 'node:fs/promises';
import { errorCode } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { RateCard } from '../model/rates';
import type { EpochMs } from '../model/time';
import { CardIndex } from '../pricing/cardIndex';
import { canonicalModelName } from '../pricing/modelName';

/**
 * The rate cards that the engine has made, so that a record can be priced at once without the price data: those of its
 * last run until it has sent new ones.
 */
export class RateCardCache {
  #cards = new CardIndex();
  #current = false;

  /** Reads what the last engine left; a file that cannot be used is as good as none. */
  async load(path: string, log: Log): Promise<void> {
    try {
      const cards: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (!this.#current && Array.isArray(cards)) this.#cards = new CardIndex(cards as RateCard[]);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT')
        log('warn', 'The last prices could not be read', { error: String(error) });
    }
  }

  accept(cards: readonly RateCard[]): void {
    this.#cards = new CardIndex(cards);
    this.#current = true;
  }

  /** The card of a model, also under one of its other names; null until the engine has met the model. */
  find(model: string, provider: string, epochMs: EpochMs): RateCard | null {
    return (
      this.#cards.find(model, provider, epochMs) ??
      this.#cards.find(canonicalModelName(model).name, provider, epochMs)
    );
  }
}
