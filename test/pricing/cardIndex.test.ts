import assert from 'node:assert/strict';
import type { RateCard } from '../../src/model/rates';
import { CardIndex } from '../../src/pricing/cardIndex';

function card(model: string, provider: string, from: number, to: number): RateCard {
  return {
    model,
    provider,
    from,
    to,
    base: null,
    longContext: [],
    webSearch: 0,
    fastMultiplier: 1,
    usMultiplier: 1,
    assumed: false,
    origin: `${model} ${from}`,
  };
}

describe('CardIndex', () => {
  const cards = [
    card('m', 'p', 200, 300),
    card('m', 'p', 0, 100),
    card('m', 'q', 0, 1000),
    card('m', 'p', 100, 200),
  ];
  const index = new CardIndex(cards);

  it('finds the card whose period holds, the beginning included and the end not', () => {
    const found = [-1, 0, 99, 100, 199, 200, 299, 300].map((at) => index.find('m', 'p', at)?.from ?? null);
    assert.deepEqual(found, [null, 0, 0, 100, 100, 200, 200, null]);
  });

  it('keeps providers and models apart', () => {
    assert.equal(index.find('m', 'q', 250)?.provider, 'q');
    assert.equal(index.find('n', 'p', 250), null);
    assert.equal(index.find('__proto__', 'constructor', 250), null);
  });

  it('leaves a hole a hole, and gives back all cards', () => {
    const holed = new CardIndex([card('m', 'p', 0, 100), card('m', 'p', 200, 300)]);
    assert.equal(holed.find('m', 'p', 150), null);
    assert.equal(index.all().length, 4);
    index.add(card('m', 'p', 100, 200));
    assert.equal(index.all().length, 4, 'the same period again');
  });

  it('survives JSON', () => {
    const copy = new CardIndex(JSON.parse(JSON.stringify(index.all())) as RateCard[]);
    assert.deepEqual(copy.find('m', 'p', 150), index.find('m', 'p', 150));
  });
});
