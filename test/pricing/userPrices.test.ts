import assert from 'node:assert/strict';
import { LedgerError } from '../../src/model/errors';
import type { UserPrice } from '../../src/model/rates';
import { RateCards } from '../../src/pricing/rateCards';
import { cards, cost, now, on, usd } from './cards';

describe('RateCards with prices of the user', () => {
  const own = { model: 'claude-opus-4-5', input: 7, output: 9 };

  it('takes them before all others, for every date and wrapper, and fills in the usual ratios', () => {
    for (const model of [
      'claude-opus-4-5',
      'us.anthropic.claude-opus-4-5-20251101-v1:0',
      'Claude-Opus-4.5',
    ]) {
      const card = cards(own).cardFor(model, 'anthropic', now);
      assert.deepEqual(usd(card.base), [7, 9, 0.7, 8.75, 14], model);
      assert.deepEqual([card.assumed, card.origin], [false, 'settings']);
    }
    const full = { ...own, cacheRead: 1, cacheWrite5m: 2, cacheWrite1h: 0 };
    assert.deepEqual(usd(cards(full).cardFor('claude-opus-4-5', 'x', now).base), [7, 9, 1, 2, 0]);
    assert.deepEqual(usd(cards(own).cardFor('claude-opus-4-6', 'anthropic', now).base)?.[0], 5);
  });

  it('lets the more exact name win', () => {
    const dated = { model: 'claude-opus-4-5-20251101', input: 1, output: 1 };
    const all = cards(own, dated, {
      model: 'us.anthropic.claude-opus-4-5-20251101-v1:0',
      input: 2,
      output: 2,
    });
    const inputs = [
      'claude-opus-4-5',
      'claude-opus-4-5@20251101',
      'us.anthropic.claude-opus-4-5-20251101-v1:0',
      'claude-opus-4-5-20260101',
    ].map((model) => usd(all.cardFor(model, '', now).base)?.[0]);
    assert.deepEqual(inputs, [7, 1, 2, 7]);
    assert.equal(usd(cards(dated).cardFor('claude-opus-4-5', '', now).base)?.[0], 5);
  });

  it('prices what nobody else can, in retrospect, too', () => {
    const all = cards();
    assert.equal(all.cardFor('house-model', 'ollama', now).base, null);
    all.setUserPrices([{ model: 'house-model', input: 0, output: 0 }]);
    assert.equal(cost(all.cardFor('house-model', 'ollama', now), { input: 5 }), 0);
    all.setUserPrices([]);
    assert.equal(all.cardFor('house-model', 'ollama', now).base, null);
  });

  it('has current cards to hand out as soon as the prices change', () => {
    const all = cards();
    all.cardFor('claude-sonnet-5-5', 'anthropic', on('2026-10-01'));
    all.cardFor('claude-sonnet-5-5', 'anthropic', now);
    all.cardFor('claude-opus-4-5', 'anthropic', now);
    const handedOut = () =>
      all
        .known()
        .map((card) => `${card.model} ${card.base!.input / 1e9} ${card.base!.cacheRead / 1e9}`)
        .sort();
    const before = handedOut();
    all.setUserPrices([own]);
    assert.deepEqual(handedOut(), [
      'claude-opus-4-5 7 0.7',
      'claude-sonnet-5-5 2 0.1',
      'claude-sonnet-5-5 2 0.2',
    ]);
    all.setUserPrices([]);
    assert.deepEqual(handedOut(), before);
  });

  it('gives all cards of a stretch of time, without a gap', () => {
    const [from, to] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1)];
    const between = cards().cardsBetween('claude-sonnet-5-5', 'anthropic', from, to);
    assert.deepEqual(
      between.map(({ base }) => base?.cacheRead),
      [200_000_000, 100_000_000],
    );
    assert.ok(between[0]!.from <= from && between[0]!.to === between[1]!.from && between[1]!.to >= to);
    const own = cards({ model: 'claude-sonnet-5-5', input: 1, output: 1 }).cardsBetween(
      'claude-sonnet-5-5',
      'anthropic',
      from,
      to,
    );
    assert.equal(own.length, 1);
  });

  it('refuses what is no price, names the field, and keeps what it had', () => {
    const all = cards(own);
    for (const [bad, field] of [
      [{ model: 'm', input: -1, output: 1 }, 'input'],
      [{ model: 'm', input: 1, output: Number.NaN }, 'output'],
      [{ model: 'm', input: 1 }, 'output'],
      [{ model: 'm', input: 1, output: 1, cacheRead: '3' }, 'cacheRead'],
      [{ model: 'm', input: 1, output: 1e9 }, 'output'],
      [{ model: ' ', input: 1, output: 1 }, 'model'],
    ] as unknown as [UserPrice, string][]) {
      assert.throws(
        () => all.setUserPrices([bad]),
        (error) => LedgerError.is(error, 'invalid') && error.message.includes(field),
      );
    }
    assert.equal(usd(all.cardFor('claude-opus-4-5', '', now).base)?.[0], 7);
  });

  it('works without the price data, with the supplement alone', () => {
    const lean = new RateCards({ userPrices: [own], usePriceData: false });
    assert.equal(usd(lean.cardFor('claude-opus-4-5', '', now).base)?.[0], 7);
    assert.equal(lean.cardFor('claude-opus-4-6', '', now).base, null);
    assert.equal(usd(lean.cardFor('claude-haiku-5-5', '', now).base)?.[0], 0.1);
  });
});
