import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tokenSum } from '../../../src/model/tokens';
import { BadEntryError, fieldsOf } from '../../../src/sources/legacy/fields';
import { beyond, nothing, plus } from '../../../src/sources/legacy/records';
import { readSplit, type Split } from '../../../src/sources/legacy/usage';

const dollar = 1_000_000_000;
const split = (entry: Record<string, unknown>): Split => readSplit(fieldsOf(entry));

function parts({ parts: all }: Split): [string, number, number, number | null][] {
  return all.map(({ model, requests, tokens, cost }) => [
    model,
    requests,
    tokenSum(tokens),
    cost === null ? null : cost / dollar,
  ]);
}

describe('usage in old files', () => {
  it('is understood under many names', () => {
    for (const entry of [
      { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 3, total_cost: 0.5, requests: 2 },
      { inputTokens: 10, outputTokens: 5, cachedTokens: 3, costUSD: 0.5, requestCount: 2 },
      { prompt_tokens: '10', 'completion-tokens': '5', cache_read: '3', cost: '$0.50', calls: '2' },
      { tokens: { input: 10, output: 5, cache_read: 3 }, cost: { total: 0.5 }, message_count: 2 },
      {
        token_usage: { prompt: 10, completion: 5, cache_read_tokens: 3 },
        spend: 0.5,
        messages: 2,
        content: [],
      },
    ]) {
      const { total } = split(entry);
      const { input, output, cacheRead } = total.tokens;
      assert.deepEqual([input, output, cacheRead], [10, 5, 3], JSON.stringify(entry));
      assert.deepEqual([total.requests, total.cost], [2, dollar / 2], JSON.stringify(entry));
    }
  });

  it('counts tokens that only a total knows of as input, and none twice', () => {
    assert.equal(split({ total_tokens: 100 }).total.tokens.input, 100);
    assert.equal(split({ total_tokens: 100, output_tokens: 30 }).total.tokens.input, 70);
    assert.equal(tokenSum(split({ total_tokens: 5, input_tokens: 10 }).total.tokens), 10);
    assert.equal(tokenSum(split({ tokens: { total: 9, output: 4 } }).total.tokens), 9);
  });

  it('is refused where a number cannot be', () => {
    for (const entry of [
      { tokens: -1 },
      { input_tokens: 1.5 },
      { cost: -0.1 },
      { cost: 1e12 },
      { requests: 1e15 },
    ])
      assert.throws(() => split(entry), BadEntryError, JSON.stringify(entry));
  });

  it('belongs to the one model that is named, and to none where several are', () => {
    assert.deepEqual(parts(split({ model: 'o3', tokens: 9, cost: 1 })), [['o3', 1, 9, 1]]);
    assert.deepEqual(parts(split({ models: ['o3'], tokens: 9, cost: 1, requests: 3 })), [['o3', 3, 9, 1]]);
    assert.deepEqual(parts(split({ models: { o3: 4 }, tokens: 9, requests: 4 })), [['o3', 4, 9, null]]);
    assert.deepEqual(parts(split({ models: ['o3', 'o4'], tokens: 9, cost: 1 })), [['unattributed', 1, 9, 1]]);
    assert.deepEqual(parts(split({ tokens: 0, cost: 0 })), []);
  });

  it('is split by model, its rest is unattributed, and a cost stated as a whole is shared out', () => {
    const models = { o3: { tokens: 60, cost: 2 }, o4: { tokens: 20, cost: 1 } };
    assert.deepEqual(parts(split({ models, tokens: 100, cost: 4, requests: 9 })), [
      ['o3', 1, 60, 2],
      ['o4', 1, 20, 1],
      ['unattributed', 7, 20, 1],
    ]);
    const costless = [
      { name: 'o3', input_tokens: 50, output_tokens: 25 },
      { name: 'o4', input_tokens: 25, output_tokens: 0 },
    ];
    assert.deepEqual(parts(split({ models: costless, total_tokens: 100, cost: 4 })), [
      ['o3', 1, 75, 3],
      ['o4', 1, 25, 1],
    ]);
    assert.deepEqual(parts(split({ models: { o3: { tokens: 5 } } })), [['o3', 1, 5, null]]);
  });

  const some = fc.record(
    {
      input_tokens: fc.nat(1_000),
      output_tokens: fc.nat(1_000),
      total_tokens: fc.nat(3_000),
      cost: fc.integer({ min: 0, max: 500 }).map((cents) => cents / 100),
      requests: fc.nat(20),
    },
    { requiredKeys: [] },
  );
  const entries = fc
    .tuple(some, fc.dictionary(fc.constantFrom('o3', 'o4', 'gpt-4o'), some, { maxKeys: 3 }))
    .map(([whole, models]) => ({ ...whole, models }));

  it('is whole in its parts: their tokens are the total’s, their cost is its cost, and each has a call', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const { total, parts: all } = split(entry);
        const sum = all.reduce(plus, nothing);
        assert.equal(tokenSum(sum.tokens), tokenSum(total.tokens));
        assert.equal(sum.cost ?? 0, total.cost ?? 0);
        for (const { requests } of all) assert.ok(requests >= 1);
      }),
    );
  });

  it('adds up to the larger of a total and what was known before', () => {
    fc.assert(
      fc.property(entries, entries, (first, second) => {
        const known = split(first).total;
        const entry = split(second);
        const tokens =
          tokenSum(known.tokens) + beyond(entry, known).reduce((sum, part) => sum + tokenSum(part.tokens), 0);
        assert.equal(tokens, Math.max(tokenSum(known.tokens), tokenSum(entry.total.tokens)));
      }),
    );
  });
});
