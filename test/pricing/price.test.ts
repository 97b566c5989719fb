import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RateCard, Rates } from '../../src/model/rates';
import type { TokenCounts } from '../../src/model/tokens';
import { noTokens, promptTokens } from '../../src/model/tokens';
import type { Priceable } from '../../src/pricing/price';
import { priceRecord } from '../../src/pricing/price';
import { anyTime } from '../../src/pricing/periods';
import { fromUsd } from '../../src/pricing/rateConversion';

const sonnet = fromUsd({ input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 });
const sonnetLong = fromUsd({ input: 6, output: 22.5, cacheRead: 0.6, cacheWrite5m: 7.5, cacheWrite1h: 12 });

function card(base: Rates | null, more: Partial<RateCard> = {}): RateCard {
  return {
    model: 'm',
    provider: 'p',
    ...anyTime,
    base,
    longContext: [],
    webSearch: 10_000_000,
    fastMultiplier: 1,
    usMultiplier: 1,
    assumed: false,
    origin: 'test',
    ...more,
  };
}

function record(tokens: Partial<TokenCounts>, more: Partial<Priceable> = {}): Priceable {
  return {
    tokens: { ...noTokens, ...tokens },
    fast: false,
    usOnly: false,
    reportedCost: null,
    unfinished: false,
    contentCharacters: 0,
    ...more,
  };
}

const cost = (of: Priceable, by: RateCard | null) => priceRecord(of, by, 'auto').cost;

describe('priceRecord', () => {
  const tiered = card(sonnet, { longContext: [{ abovePromptTokens: 200_000, rates: sonnetLong }] });

  it('bills a long request at the premium as a whole: 10 input, 250,000 cache read, 1,000 output are $0.17256', () => {
    assert.equal(cost(record({ input: 10, cacheRead: 250_000, output: 1000 }), tiered), 172_560_000);
  });

  it('begins the premium above the limit, not at it, and counts every class of the prompt', () => {
    assert.equal(cost(record({ input: 200_000 }), tiered), 600_000_000);
    assert.equal(cost(record({ input: 200_001 }), tiered), 1_200_006_000);
    const writes = record({ input: 1, cacheRead: 66_667, cacheWrite5m: 66_667, cacheWrite1h: 66_667 });
    assert.equal(cost(writes, tiered), 6_000 + 66_667 * (600 + 7500 + 12_000));
    assert.equal(cost(record({ output: 300_000 }), tiered), 4_500_000_000, 'output is no prompt');
  });

  it('lets the average decide where only the sum of several requests is known', () => {
    assert.equal(cost(record({ input: 300_000 }, { requests: 2 }), tiered), 900_000_000);
    assert.equal(cost(record({ input: 500_000 }, { requests: 2 }), tiered), 3_000_000_000);
  });

  it('takes the highest of several tiers that the prompt exceeds', () => {
    const three = card(sonnet, {
      longContext: [
        { abovePromptTokens: 500_000, rates: { ...sonnet, input: 9_000_000_000 } },
        { abovePromptTokens: 200_000, rates: sonnetLong },
      ],
    });
    assert.equal(cost(record({ input: 300_000 }), three), 1_800_000_000);
    assert.equal(cost(record({ input: 600_000 }), three), 5_400_000_000);
  });

  it('prices each token class at its own rate', () => {
    const each: [Partial<TokenCounts>, number][] = [
      [{ input: 1000 }, 3_000_000],
      [{ output: 1000 }, 15_000_000],
      [{ cacheRead: 1000 }, 300_000],
      [{ cacheWrite5m: 1000 }, 3_750_000],
      [{ cacheWrite1h: 1000 }, 6_000_000],
      [{ webSearches: 3 }, 30_000_000],
    ];
    for (const [tokens, nanoDollars] of each) assert.equal(cost(record(tokens), card(sonnet)), nanoDollars);
  });

  it('rounds once a message, half up', () => {
    const dust = card({ ...sonnet, input: 500_000, output: 300_000 });
    assert.equal(cost(record({ input: 1 }), dust), 1);
    assert.equal(cost(record({ output: 1 }), dust), 0);
    assert.equal(cost(record({ input: 1, output: 1 }), dust), 1, 'not 1 + 0 from two roundings of 0.8');
    assert.equal(cost(record({ input: 1, output: 3 }), dust), 1, '1.4');
    assert.equal(cost(record({ input: 1, output: 4 }), dust), 2, '1.7');
  });

  it('stays exact where doubles are not', () => {
    // The sum ends in 499,999 and is no double: the nearest one ends in 500,000 and would round up.
    const huge = card({ ...sonnet, input: 9_000_000_000_000_000, output: 7_199_255_499_999 });
    assert.equal(cost(record({ input: 1, output: 1 }), huge), 9_007_199_255);
  });

  it('multiplies fast mode and the United States without dust, on tokens and not on searches', () => {
    const multiplied = card(sonnet, { fastMultiplier: 6, usMultiplier: 1.1 });
    const tokens = { input: 1, output: 7, cacheRead: 11, webSearches: 1 };
    const base = 3000 + 7 * 15_000 + 11 * 300;
    assert.equal(cost(record(tokens, { fast: true }), multiplied), base * 6 + 10_000_000);
    assert.equal(cost(record(tokens, { usOnly: true }), multiplied), (base * 11) / 10 + 10_000_000);
    assert.equal(
      cost(record(tokens, { fast: true, usOnly: true }), multiplied),
      (base * 66) / 10 + 10_000_000,
    );
    // 1.1 as a double is a little too much: on this many tokens it would show.
    const many = record({ input: 3_000_000_000_001 }, { usOnly: true });
    assert.equal(cost(many, card({ ...sonnet, input: 1_000_000 }, { usMultiplier: 1.1 })), 3_300_000_000_001);
  });

  it('says null, not zero, when nobody knows the price', () => {
    for (const unknown of [null, card(null)]) {
      const price = priceRecord(record({ input: 5, cacheRead: 5 }), unknown, 'auto');
      assert.deepEqual(price, {
        cost: null,
        assumed: false,
        missingOutputTokens: 0,
        missingCost: 0,
        cacheReadSaved: 0,
        cacheWriteExtra: 0,
      });
    }
  });

  it('uses a cost that the source states as the mode says', () => {
    const reported = record({ input: 1000 }, { reportedCost: 42 });
    const silent = record({ input: 1000 });
    const guess = card(sonnet, { assumed: true });
    const seen = (['auto', 'calculate', 'reported'] as const).map((mode) => [
      priceRecord(reported, guess, mode).cost,
      priceRecord(reported, guess, mode).assumed,
      priceRecord(silent, guess, mode).cost,
      priceRecord(silent, guess, mode).assumed,
      priceRecord(reported, null, mode).cost,
    ]);
    assert.deepEqual(seen, [
      [42, false, 3_000_000, true, 42],
      [3_000_000, true, 3_000_000, true, null],
      [42, false, null, false, 42],
    ]);
    assert.equal(priceRecord(record({ input: 1000 }, { reportedCost: 0 }), guess, 'auto').cost, 0);
  });

  it('marks the price as assumed when a multiplier is guessed or missing, and only when it is used', () => {
    const assumed = (more: Partial<Priceable>, by: Partial<RateCard>) =>
      priceRecord(record({ input: 1 }, more), card(sonnet, by), 'auto').assumed;
    assert.equal(assumed({}, { usMultiplier: 1.1 }), false);
    assert.equal(assumed({ usOnly: true }, { usMultiplier: 1.1 }), true);
    assert.equal(assumed({ usOnly: true }, {}), false, 'a model without a surcharge');
    assert.equal(assumed({ fast: true }, { fastMultiplier: 6 }), false);
    assert.equal(assumed({ fast: true }, {}), true, 'fast, but at what multiple?');
    assert.equal(assumed({}, { assumed: true }), true);
  });

  it('estimates from below what an unfinished message did not record', () => {
    const unfinished = { unfinished: true, contentCharacters: 4003 };
    const price = priceRecord(record({ output: 8 }, unfinished), card(sonnet), 'auto');
    assert.equal(price.missingOutputTokens, 992);
    assert.equal(price.missingCost, 992 * 15_000);
    assert.equal(price.cost, 8 * 15_000, 'the cost stays as recorded');
    assert.equal(
      priceRecord(record({ output: 1001 }, unfinished), card(sonnet), 'auto').missingOutputTokens,
      0,
    );
    assert.equal(
      priceRecord(record({ output: 8 }, { contentCharacters: 4003 }), card(sonnet), 'auto').missingCost,
      0,
    );
    const premium = record({ input: 300_000, output: 8 }, unfinished);
    assert.equal(priceRecord(premium, tiered, 'auto').missingCost, 992 * 22_500);
    assert.equal(priceRecord(record({}, unfinished), null, 'auto').missingOutputTokens, 1000);
  });

  it('says what caching saved and cost, whatever the source reports, multipliers included', () => {
    const cached = record(
      { cacheRead: 1000, cacheWrite5m: 100, cacheWrite1h: 10 },
      { reportedCost: 1, fast: true },
    );
    const price = priceRecord(cached, card(sonnet, { fastMultiplier: 6 }), 'auto');
    assert.equal(price.cost, 1);
    assert.equal(price.cacheReadSaved, 6 * 1000 * 2700);
    assert.equal(price.cacheWriteExtra, 6 * (100 * 750 + 10 * 3000));
    const cheaperWrites = card({ ...sonnet, cacheWrite5m: 0 });
    assert.equal(
      priceRecord(record({ cacheWrite5m: 1 }), cheaperWrites, 'auto').cacheWriteExtra,
      -3000,
      'a saving is a negative extra',
    );
    assert.ok(Object.is(priceRecord(record({ cacheWrite5m: 1 }), card(sonnet), 'auto').missingCost, 0));
  });

  describe('for any tokens and rates', () => {
    const count = fc.oneof(fc.nat(2000), fc.nat(5_000_000), fc.integer({ min: 0, max: 1_000_000_000_000 }));
    const rate = fc.oneof(fc.nat(2_000_000), fc.integer({ min: 0, max: 75_000_000_000 }));
    const anyTokens: fc.Arbitrary<TokenCounts> = fc.record({
      input: count,
      output: count,
      cacheRead: count,
      cacheWrite5m: count,
      cacheWrite1h: count,
      webSearches: fc.nat(1000),
    });
    const anyRates: fc.Arbitrary<Rates> = fc.record({
      input: rate,
      output: rate,
      cacheRead: rate,
      cacheWrite5m: rate,
      cacheWrite1h: rate,
    });
    const multiples = fc.record({
      fast: fc.boolean(),
      usOnly: fc.boolean(),
      fastMultiplier: fc.constantFrom(1, 2, 6, 2.5),
      usMultiplier: fc.constantFrom(1, 1.1),
    });

    it('the cost is the one of unbounded integers', () => {
      fc.assert(
        fc.property(anyTokens, anyRates, anyRates, multiples, (tokens, base, long, m) => {
          const by = card(base, {
            longContext: [{ abovePromptTokens: 200_000, rates: long }],
            fastMultiplier: m.fastMultiplier,
            usMultiplier: m.usMultiplier,
          });
          const rates = promptTokens(tokens) > 200_000 ? long : base;
          let sum = 0n;
          for (const name of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
            sum += BigInt(tokens[name]) * BigInt(rates[name]);
          }
          const tenths =
            BigInt((m.fast ? m.fastMultiplier : 1) * 10) * (m.usOnly && m.usMultiplier !== 1 ? 11n : 10n);
          const expected =
            (sum * tenths + 50_000_000n) / 100_000_000n + BigInt(tokens.webSearches) * 10_000_000n;
          const got = cost(record(tokens, { fast: m.fast, usOnly: m.usOnly }), by)!;
          if (expected <= BigInt(Number.MAX_SAFE_INTEGER)) assert.equal(BigInt(got), expected);
          else assert.ok(got >= Number.MAX_SAFE_INTEGER);
        }),
        { numRuns: 3000 },
      );
    });

    it('two messages cost what their tokens cost together, but for one rounding each', () => {
      fc.assert(
        fc.property(anyTokens, anyTokens, anyRates, (a, b, base) => {
          const by = card(base);
          const both: Partial<TokenCounts> = {
            input: a.input + b.input,
            output: a.output + b.output,
            cacheRead: a.cacheRead + b.cacheRead,
            cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
            cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
            webSearches: a.webSearches + b.webSearches,
          };
          const sum = cost(record(a), by)! + cost(record(b), by)!;
          const together = cost(record(both), by)!;
          if (together > 2 ** 52) return;
          assert.ok(Math.abs(together - sum) <= 1, `${together} and ${sum}`);
        }),
      );
    });

    it('uncached, the prompt would have cost the savings more', () => {
      fc.assert(
        fc.property(anyTokens, (tokens) => {
          const price = priceRecord(record(tokens), card(sonnet), 'auto');
          const uncached = record({
            input: promptTokens(tokens),
            output: tokens.output,
            webSearches: tokens.webSearches,
          });
          const difference = cost(uncached, card(sonnet))! - price.cost!;
          if (Math.max(cost(uncached, card(sonnet))!, price.cost!) > 2 ** 52) return;
          assert.ok(Math.abs(difference - (price.cacheReadSaved - price.cacheWriteExtra)) <= 2);
        }),
      );
    });
  });
});
