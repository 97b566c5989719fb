import { LedgerError } from '../model/errors';
import type { RateCard, UserPrice } from '../model/rates';
import type { EpochMs } from '../model/time';
import { CardIndex } from './cardIndex';
import type { LibraryAnswer } from './library';
import { askLibrary, libraryModels, libraryOrigin, sellsClaudeAtListPrice } from './library';
import type { CanonicalName } from './modelName';
import { canonicalModelName, isClaude } from './modelName';
import { anyTime, periodAt } from './periods';
import { fromUsd, noRates, searchPrice } from './rateConversion';
import type { SupplementRow } from './supplement';
import { claudeWebSearchUsdPerThousand, fastMultipliers, supplement, usMultiplier } from './supplement';
import { UserPrices } from './userPrices';

export interface RateCardsOptions {
  readonly userPrices: readonly UserPrice[];
  /** false leaves out the price data: only the supplement and the user's own prices count. */
  readonly usePriceData?: boolean;
  /** Names come from data: whatever they are, memory stays bounded. Past this many, all is resolved anew. */
  readonly maximumCards?: number;
}

const preloadedProviders = ['anthropic', 'openai', 'google'];

/**
 * What is known about prices. Who says it first, wins: the user, the price data where it knows this very model (except
 * where the supplement corrects it), the supplement, the price data where it merely found something similar (assumed).
 * Otherwise the card has no rates. Holds the price data, so only the engine has one; the host gets the cards.
 */
export class RateCards {
  readonly #usePriceData: boolean;
  readonly #cards = new CardIndex();
  readonly #maximumCards: number;
  #count = 0;
  #userPrices: UserPrices;

  /** @throws LedgerError `invalid` for a user price that is no price. */
  constructor(options: RateCardsOptions) {
    this.#usePriceData = options.usePriceData ?? true;
    this.#maximumCards = options.maximumCards ?? 20_000;
    this.#userPrices = new UserPrices(options.userPrices);
  }

  /** The card that holds at that instant. Resolved once for each model, provider and price period. */
  cardFor(model: string, provider: string, epochMs: EpochMs): RateCard {
    const known = this.#cards.find(model, provider, epochMs);
    if (known !== null) return known;
    if (!(Math.abs(epochMs) < anyTime.to)) throw new LedgerError('invalid', `No time: ${String(epochMs)}`);
    const card = this.#resolve(model, provider, epochMs);
    if (this.#count >= this.#maximumCards) this.#forget();
    this.#cards.add(card);
    this.#count++;
    return card;
  }

  /** Resolves the cards of the models that are most likely to be recorded, so that a host has them at hand. */
  preload(epochMs: EpochMs): void {
    if (this.#usePriceData)
      for (const provider of preloadedProviders)
        for (const model of libraryModels(provider)) this.cardFor(model, provider, epochMs);
    for (const { model } of supplement) this.cardFor(model, 'anthropic', epochMs);
  }

  /** Every card resolved so far, for a host that prices without the price data. */
  known(): RateCard[] {
    return this.#cards.all();
  }

  /** The cards of one model that hold in a stretch of time (`to` is exclusive), in its order. */
  cardsBetween(model: string, provider: string, from: EpochMs, to: EpochMs): RateCard[] {
    const cards: RateCard[] = [];
    for (let at = from; at < to; at = cards.at(-1)!.to) cards.push(this.cardFor(model, provider, at));
    return cards;
  }

  /**
   * Replaces the user's own prices. What was known is resolved anew, so that `known()` has current cards at once.
   * @throws LedgerError `invalid` for a price that is none; then nothing changes.
   */
  setUserPrices(prices: readonly UserPrice[]): void {
    this.#userPrices = new UserPrices(prices);
    const before = this.known();
    this.#forget();
    // At the end of each period: where periods have merged or split, the latest one is the one in use.
    for (const card of before) this.cardFor(card.model, card.provider, card.to - 1);
  }

  #forget(): void {
    this.#cards.clear();
    this.#count = 0;
  }

  #resolve(model: string, provider: string, epochMs: EpochMs): RateCard {
    const name = canonicalModelName(model);
    const shell = { model, provider, ...anyTime, ...multipliersOf(name) };
    // Claude Code writes it on messages that no model made.
    if (name.name === '<synthetic>') {
      return { ...shell, ...plain, base: noRates, assumed: false, origin: 'no model' };
    }
    const webSearch = isClaude(name) ? searchPrice(claudeWebSearchUsdPerThousand) : 0;
    const own = this.#userPrices.find(model, name);
    if (own !== null) return { ...shell, ...plain, webSearch, base: own, assumed: false, origin: 'settings' };

    const library = this.#usePriceData ? askLibrary(name, model, provider, epochMs) : null;
    const rows = supplement.filter((row) => row.model === name.name);
    const days = rows.map((row) => Date.parse(row.from));
    const period = periodAt(epochMs, days, library?.period ?? anyTime);
    const row = rowAt(rows, epochMs);
    const listed = sellsClaudeAtListPrice(provider);
    if (library !== null && !overrules(row, library, listed, epochMs)) {
      return { ...shell, ...period, ...library.prices, origin: libraryOrigin };
    }
    if (row !== null) return { ...shell, ...period, webSearch, ...fromRow(row, listed, epochMs) };
    return { ...shell, ...period, ...plain, webSearch, base: null, assumed: false, origin: 'unknown' };
  }
}

const plain = { longContext: [], webSearch: 0 };

/** A model's first row also serves earlier days (a preview, a clock that is off), as an assumption. */
function rowAt(rows: readonly SupplementRow[], epochMs: EpochMs): SupplementRow | null {
  return rows.findLast((row) => Date.parse(row.from) <= epochMs) ?? rows[0] ?? null;
}

/** The supplement lists Anthropic's prices: it corrects no other seller's. */
function overrules(
  row: SupplementRow | null,
  library: LibraryAnswer,
  listed: boolean,
  epochMs: EpochMs,
): boolean {
  if (row === null) return false;
  if (!library.exact) return true;
  return listed && row.corrects !== undefined && Date.parse(row.from) <= epochMs;
}

function fromRow(
  row: SupplementRow,
  listed: boolean,
  epochMs: EpochMs,
): Pick<RateCard, 'base' | 'longContext' | 'assumed' | 'origin'> {
  return {
    base: fromUsd(row.rates),
    longContext:
      row.longContext === undefined
        ? []
        : [
            {
              abovePromptTokens: row.longContext.abovePromptTokens,
              rates: fromUsd(row.longContext.rates),
            },
          ],
    assumed: row.standing === 'assumed' || !listed || Date.parse(row.from) > epochMs,
    origin: `${row.source} (read ${row.read})`,
  };
}

/** They belong to the model, whoever says what its tokens cost. */
function multipliersOf(name: CanonicalName): Pick<RateCard, 'fastMultiplier' | 'usMultiplier'> {
  const fast = fastMultipliers.find((entry) => entry.model === name.name);
  return {
    fastMultiplier: fast?.multiplier ?? 1,
    usMultiplier: isFromVersion(name, usMultiplier.fromVersion) ? usMultiplier.multiplier : 1,
  };
}

function isFromVersion(name: CanonicalName, [major, minor]: readonly [number, number]): boolean {
  const version = /^claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(name.name);
  if (version === null) return false;
  const [ownMajor, ownMinor] = [Number(version[1]), Number(version[2] ?? 0)];
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
