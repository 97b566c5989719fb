import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { LedgerError } from '../../src/model/errors';
import type { RateCard } from '../../src/model/rates';
import { CardIndex } from '../../src/pricing/cardIndex';
import { libraryVersion } from '../../src/pricing/library';
import { RateCards } from '../../src/pricing/rateCards';
import { cards, cost, now, on, usd } from './cards';

describe('RateCards', () => {
  it('knows the version of its price data', () => {
    const manifest = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8')) as {
      version: string;
    };
    assert.equal(libraryVersion, manifest.version);
  });

  describe('for Claude', () => {
    const table: [string, number[], boolean][] = [
      ['claude-opus-4-6', [5, 25, 0.5, 6.25, 10], false],
      ['claude-opus-4-5-20251101', [5, 25, 0.5, 6.25, 10], false],
      ['claude-opus-4-1-20250805', [15, 75, 1.5, 18.75, 30], false],
      ['claude-opus-4-20250514', [15, 75, 1.5, 18.75, 30], false],
      ['claude-opus-5', [5, 25, 0.5, 6.25, 10], false],
      ['claude-opus-5-5', [4, 20, 0.2, 5, 8], false],
      ['claude-sonnet-4-5-20250929', [3, 15, 0.3, 3.75, 6], false],
      ['claude-sonnet-4-20250514', [3, 15, 0.3, 3.75, 6], false],
      ['claude-sonnet-4-6', [3, 15, 0.3, 3.75, 6], false],
      ['claude-sonnet-5', [2, 10, 0.2, 2.5, 4], false],
      ['claude-sonnet-5-5', [2, 10, 0.1, 2.5, 4], true],
      ['claude-haiku-4-5-20251001', [1, 5, 0.1, 1.25, 2], false],
      ['claude-haiku-5-5', [0.1, 0.5, 0.01, 0.125, 0.2], false],
      ['claude-fable-5', [10, 50, 1, 12.5, 20], false],
      ['claude-fable-5-1', [10, 50, 0.25, 12.5, 20], false],
      ['claude-fable-5-2', [8, 40, 0.2, 10, 16], true],
      ['claude-mythos-5-1', [10, 50, 0.25, 12.5, 20], false],
      ['claude-3-5-haiku-20241022', [0.8, 4, 0.08, 1, 1.6], false],
      ['claude-3-7-sonnet-20250219', [3, 15, 0.3, 3.75, 6], false],
      ['claude-3-haiku-20240307', [0.25, 1.25, 0.03, 0.3, 0.5], false],
      ['claude-3-opus-20240229', [15, 75, 1.5, 18.75, 30], false],
      ['claude-2', [8, 24, 0.8, 10, 16], false],
    ];
    for (const [model, rates, assumed] of table) {
      it(`prices ${model}${assumed ? ', as an assumption' : ''}`, () => {
        const card = cards().cardFor(model, 'anthropic', now);
        assert.deepEqual(usd(card.base), rates);
        assert.equal(card.assumed, assumed);
        assert.equal(card.webSearch, 10_000_000);
        assert.ok(card.from <= now && now < card.to);
      });
    }

    it('prices a model the same in all its wrappers, whoever sells it at list price', () => {
      const names = [
        ['anthropic/claude-opus-4.5', 'anthropic'],
        ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'aws'],
        ['claude-opus-4-5@20251101', 'gcp.vertex_ai'],
        ['claude-opus-4-5[1m]', ''],
        ['claude-opus-4-5-thinking', 'azure'],
      ] as const;
      for (const [model, provider] of names) {
        const card = cards().cardFor(model, provider, now);
        assert.deepEqual(usd(card.base), [5, 25, 0.5, 6.25, 10], model);
        assert.equal(card.assumed, false, model);
        assert.equal(card.model, model, 'the name as it was asked for');
        assert.equal(card.provider, provider);
      }
    });

    it('assumes the list price where somebody else sells it', () => {
      const card = cards().cardFor('claude-opus-4-5', 'my-gateway', now);
      assert.deepEqual(usd(card.base), [5, 25, 0.5, 6.25, 10]);
      assert.equal(card.assumed, true);
      assert.equal(cards().cardFor('claude-haiku-5-5', 'my-gateway', now).assumed, true);
    });

    it('takes the price of the day', () => {
      const all = cards();
      const reads = ['2026-09-28', '2026-10-06', '2026-10-07'].map(
        (day) => usd(all.cardFor('claude-sonnet-5-5', 'anthropic', on(day)).base)?.[2],
      );
      assert.deepEqual(reads, [0.2, 0.2, 0.1]);
      const exactly = Date.UTC(2026, 9, 7);
      const first = all.cardFor('claude-sonnet-5-5', 'anthropic', exactly);
      assert.deepEqual([first.from, usd(first.base)?.[2]], [exactly, 0.1]);
      assert.equal(all.cardFor('claude-sonnet-5-5', 'anthropic', exactly - 1).to, exactly);
      const early = all.cardFor('claude-sonnet-5-5', 'anthropic', on('2026-09-20'));
      assert.deepEqual([usd(early.base)?.[2], early.assumed], [0.2, true], 'before its first day');

      const limits = ['2026-03-12', '2026-03-13'].map(
        (day) => all.cardFor('claude-opus-4-6', 'anthropic', on(day)).longContext.length,
      );
      assert.deepEqual(limits, [1, 0], 'the premium for long prompts ended');
    });

    it('bills long prompts: Sonnet 4.5 with 10 input, 250,000 cache read, 1,000 output is $0.17256', () => {
      const card = cards().cardFor('claude-sonnet-4-5-20250929', 'anthropic', on('2025-11-01'));
      assert.equal(cost(card, { input: 10, cacheRead: 250_000, output: 1000 }), 172_560_000);
      assert.deepEqual(usd(card.longContext[0]?.rates), [6, 22.5, 0.6, 7.5, 12]);
    });

    it('bills long prompts on Sonnet 4 once there were any', () => {
      const at = (day: string) => cards().cardFor('claude-sonnet-4-20250514', 'anthropic', on(day));
      assert.equal(at('2025-08-01').longContext.length, 0);
      assert.equal(cost(at('2025-09-01'), { input: 250_000 }), 1_500_000_000);
      assert.equal(cost(at('2025-09-01'), { input: 150_000 }), 450_000_000);
      assert.match(at('2025-08-01').origin, /genai-prices/);
    });

    it('bills Haiku 5.5 five times above 100,000 tokens, output included', () => {
      const card = cards().cardFor('claude-haiku-5-5', 'anthropic', now);
      assert.equal(cost(card, { input: 100_000, output: 1000 }), 10_500_000);
      assert.equal(cost(card, { input: 100_000, cacheRead: 1, output: 1000 }), 52_500_050);
    });

    it('knows the multipliers of fast mode and of the United States', () => {
      const seen = [
        'claude-opus-4-5',
        'claude-opus-4-6',
        'claude-opus-4-7',
        'claude-opus-4-8',
        'claude-opus-5',
        'claude-opus-5-5',
        'claude-sonnet-4-6',
        'claude-haiku-4-5',
        'claude-3-7-sonnet',
        'us.anthropic.claude-opus-4-6-v1',
        'gpt-5',
      ].map((model) => {
        const card = cards().cardFor(model, '', now);
        return [card.fastMultiplier, card.usMultiplier];
      });
      assert.deepEqual(seen, [
        [1, 1],
        [6, 1.1],
        [6, 1.1],
        [2, 1.1],
        [2, 1.1],
        [2, 1.1],
        [1, 1.1],
        [1, 1],
        [1, 1],
        [6, 1.1],
        [1, 1],
      ]);
      const opus = cards().cardFor('claude-opus-4-6', 'anthropic', now);
      assert.equal(cost(opus, { input: 1000, output: 1000 }, true), 180_000_000, '30/150 a million');
    });

    it('assumes the price of a similar model, and says so', () => {
      const card = cards().cardFor('claude-opus-4-8-turbo', 'anthropic', now);
      assert.deepEqual(usd(card.base), [5, 25, 0.5, 6.25, 10]);
      assert.equal(card.assumed, true);
      const later = cards().cardFor('claude-sonnet-5-7', 'anthropic', now);
      assert.deepEqual([usd(later.base)?.[0], later.assumed], [2, true]);
    });

    it('knows every Claude model of its price data by its own name', () => {
      for (const { id } of findProvider({ providerId: 'anthropic' })!.models) {
        const card = cards().cardFor(id, 'anthropic', now);
        assert.equal(card.assumed, false, id);
        assert.notEqual(card.base, null, id);
      }
    });
  });

  it('does not know what nobody knows', () => {
    for (const [model, provider] of [
      ['claude-unheard-of', 'anthropic'],
      ['', ''],
      ['sonnet', 'anthropic'],
      ['deepseek-r1:7b', 'ollama'],
      ['gpt-5', 'my-gateway'],
    ] as const) {
      const card = cards().cardFor(model, provider, now);
      assert.equal(card.base, null, model);
      assert.equal(card.assumed, false);
      assert.equal(card.origin, 'unknown');
    }
  });

  it('charges nothing for messages that no model made', () => {
    assert.equal(cost(cards().cardFor('<synthetic>', 'anthropic', now), { input: 7 }), 0);
  });

  it('refuses a time that is none', () => {
    assert.throws(
      () => cards().cardFor('claude-opus-5', 'anthropic', Number.NaN),
      (error) => LedgerError.is(error, 'invalid'),
    );
  });

  describe('for other providers', () => {
    it('takes rates and tiers from the price data, and the input price for classes without one', () => {
      const gpt = cards().cardFor('gpt-5', 'openai', now);
      assert.deepEqual(usd(gpt.base), [1.25, 10, 0.125, 1.25, 1.25]);
      assert.deepEqual([gpt.assumed, gpt.webSearch], [false, 10_000_000]);
      const tiered = cards().cardFor('gpt-5.4', 'openai', now);
      assert.deepEqual(usd(tiered.base), [2.5, 15, 0.25, 2.5, 2.5]);
      assert.deepEqual(
        tiered.longContext.map((tier) => [tier.abovePromptTokens, usd(tier.rates)]),
        [[271_999, [5, 22.5, 0.5, 5, 5]]],
      );
      const gemini = cards().cardFor('gemini-2.5-pro', 'gcp.gemini', now);
      assert.deepEqual(usd(gemini.longContext[0]?.rates), [2.5, 15, 0.25, 2.5, 2.5]);
    });

    it('counts a listed alias and a date as the model itself, and a longer name as a guess', () => {
      const assumed = ['gpt-5-codex', 'gpt-5-mini-2025-08-07', 'gpt-4o-2024-05-13', 'gpt-5-nano-special'].map(
        (model) => cards().cardFor(model, 'openai', now).assumed,
      );
      assert.deepEqual(assumed, [false, false, false, true]);
      assert.deepEqual(usd(cards().cardFor('gpt-4o-2024-05-13', 'openai', now).base)?.slice(0, 2), [5, 15]);
    });

    it('goes by the name where no provider is given, and by the reseller where one is', () => {
      assert.deepEqual(usd(cards().cardFor('gpt-5', '', now).base)?.[0], 1.25);
      assert.deepEqual(usd(cards().cardFor('openai/gpt-5', 'litellm', now).base)?.[0], 1.25);
      const routed = cards().cardFor('anthropic/claude-sonnet-4.5', 'openrouter', now);
      assert.deepEqual([usd(routed.base)?.[0], routed.assumed], [3, false]);
    });

    it('follows prices that change by the hour', () => {
      const all = cards();
      const peak = Date.parse('2026-11-24T02:00:00Z');
      const seen = [peak - 2 * 3_600_000, peak, peak + 3 * 3_600_000].map((at) => {
        const card = all.cardFor('deepseek-v4-pro', 'deepseek', at);
        assert.ok(card.from <= at && at < card.to);
        assert.ok(card.to - card.from <= 86_400_000, 'nothing is promised for another day');
        return usd(card.base)?.[0];
      });
      assert.deepEqual(seen, [0.66, 1.32, 0.66]);
      const exactly = Date.parse('2026-11-24T01:00:00Z');
      assert.equal(all.cardFor('deepseek-v4-pro', 'deepseek', exactly).from, exactly);
    });

    it('gives a valid card for every model of the price data, the same that the library charges', function () {
      this.timeout(20_000);
      const all = cards();
      let compared = 0;
      for (const providerId of [
        'openai',
        'google',
        'mistral',
        'x-ai',
        'groq',
        'deepseek',
        'openrouter',
        'aws',
      ]) {
        for (const { id } of findProvider({ providerId })!.models) {
          if (id.includes('claude')) continue;
          const card = all.cardFor(id, providerId, now);
          if (card.base === null || card.assumed) continue;
          for (const prompt of [1000, 250_000, 300_000]) {
            const theirs = calcPrice(
              { input_tokens: prompt, cache_read_tokens: prompt / 2, output_tokens: 500 },
              id,
              { providerId, timestamp: new Date(now) },
            );
            if (theirs === null) continue;
            const ours = cost(card, { input: prompt / 2, cacheRead: prompt / 2, output: 500 });
            assert.ok(
              Math.abs(ours - theirs.total_price * 1e9) <= 1,
              `${providerId} ${id}: ${ours} and ${theirs.total_price * 1e9}`,
            );
            compared++;
          }
        }
      }
      assert.ok(compared > 2000, String(compared));
    });
  });

  it('hands its cards to whoever has no price data', () => {
    const all = cards();
    for (const day of ['2026-10-01', '2026-10-20', '2026-11-01'])
      all.cardFor('claude-sonnet-5-5', 'anthropic', on(day));
    all.cardFor('claude-opus-5', 'anthropic', now);
    assert.equal(all.known().length, 3, 'one a model and period');
    const host = new CardIndex(JSON.parse(JSON.stringify(all.known())) as RateCard[]);
    for (const day of ['2026-10-01', '2026-10-20']) {
      assert.deepEqual(
        host.find('claude-sonnet-5-5', 'anthropic', on(day)),
        all.cardFor('claude-sonnet-5-5', 'anthropic', on(day)),
      );
    }
  });

  it('stays bounded when names never repeat', () => {
    const all = new RateCards({ userPrices: [], maximumCards: 10 });
    for (let index = 0; index < 25; index++) all.cardFor(`model ${index}`, 'p', now);
    assert.equal(all.known().length, 5);
  });

  it('is many times cheaper than asking the library for each message', function () {
    this.timeout(20_000);
    const all = cards();
    const models = ['claude-opus-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001'];
    const runs = 3000;
    const time = (work: (model: string, at: number) => void) => {
      for (let index = 0; index < 300; index++) work(models[index % 3]!, now);
      const began = process.hrtime.bigint();
      for (let index = 0; index < runs; index++) work(models[index % 3]!, now - index * 60_000);
      return Number(process.hrtime.bigint() - began);
    };
    const theirs = time((model, at) =>
      calcPrice({ input_tokens: 1010, cache_read_tokens: 1000, output_tokens: 50 }, model, {
        providerId: 'anthropic',
        timestamp: new Date(at),
      }),
    );
    const ours = time((model, at) =>
      cost(all.cardFor(model, 'anthropic', at), { input: 10, cacheRead: 1000, output: 50 }),
    );
    assert.ok(theirs / ours > 5, `${(theirs / ours).toFixed(1)} times`);
  });

  describe('beside the reference', () => {
    const file = '../shared/prices/ccusage-20.0.24-effective-usd-per-mtok.tsv';
    /** The reference has no price for them. */
    const newer = new Set(['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5']);

    it('charges the same per token', function () {
      if (!existsSync(file)) return void this.skip();
      let rows = 0;
      for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
        const [model, ...columns] = line.split('\t') as [string, ...string[]];
        if (newer.has(model)) continue;
        const [input, output, read, write5m, write1h, long, fast] = columns.map(Number);
        const card = cards().cardFor(model, 'anthropic', now);
        assert.deepEqual(usd(card.base), [input, output, read, write5m, write1h], model);
        // It bills only the part above 200,000 at the premium: of 250,000 tokens, a fifth.
        const premium = card.longContext[0]?.rates.input ?? card.base!.input;
        assert.ok(Math.abs((card.base!.input * 4 + premium) / 5e9 - long!) < 1e-9, model);
        assert.equal((card.base!.input * card.fastMultiplier) / 1e9, fast, model);
        rows++;
      }
      assert.equal(rows, 16);
    });
  });
});
