import assert from 'node:assert/strict';
import { TieredPrices } from '@pydantic/genai-prices';
import { pricesOf } from '../../src/pricing/library';

describe('pricesOf', () => {
  it('puts the largest limit first and keeps untiered classes at their rate', () => {
    const prices = pricesOf(
      {
        input_mtok: new TieredPrices({
          base: 1,
          tiers: [
            { start: 100, price: 2 },
            { start: 300, price: 4 },
          ],
        }),
        output_mtok: new TieredPrices({ base: 10, tiers: [{ start: 200, price: 20 }] }),
        cache_read_mtok: 0.5,
      },
      false,
    );
    assert.deepEqual(
      prices?.longContext.map(({ abovePromptTokens, rates }) => [
        abovePromptTokens,
        rates.input / 1e9,
        rates.output / 1e9,
        rates.cacheRead / 1e9,
        rates.cacheWrite5m / 1e9,
      ]),
      [
        [300, 4, 20, 0.5, 4],
        [200, 2, 20, 0.5, 2],
        [100, 2, 10, 0.5, 2],
      ],
    );
  });

  it('knows no token price of what is priced otherwise, and no output of an embedding', () => {
    assert.equal(pricesOf({ audio_hours: 0.1 }, false), null);
    assert.equal(pricesOf({ input_mtok: 0.1 }, false)?.base?.output, 0);
  });

  it('assumes the price where requests or kinds of output cost extra that is not counted', () => {
    assert.equal(pricesOf({ input_mtok: 1, output_mtok: 1, requests_kcount: 5 }, false)?.assumed, true);
    assert.equal(pricesOf({ input_mtok: 1, output_mtok: 1 }, false)?.assumed, false);
  });

  it('takes searches on Claude at the list price where the data is silent, elsewhere at none', () => {
    assert.equal(pricesOf({ input_mtok: 1, output_mtok: 1 }, true)?.webSearch, 10_000_000);
    assert.equal(pricesOf({ input_mtok: 1, output_mtok: 1 }, false)?.webSearch, 0);
    assert.equal(pricesOf({ input_mtok: 1, web_searches_kcount: 35 }, false)?.webSearch, 35_000_000);
  });
});
