import assert from 'node:assert/strict';
import type { UsageQuery } from '../../src/api';
import { filterOf, usageMessage } from '../../src/host/usageQuery';
import { measures } from '../webview/fixtures';

describe('a query through the public API', () => {
  it('becomes a filter', () => {
    assert.deepEqual(filterOf(), { only: {} });
    assert.deepEqual(
      filterOf({
        from: '2026-11-01',
        to: '2026-11-30',
        models: ['opus'],
        providerNames: ['anthropic'],
        users: [],
      }),
      { from: '2026-11-01', to: '2026-11-30', only: { model: ['opus'], provider: ['anthropic'], user: [] } },
    );
  });

  it('is refused with the name of the field that is wrong', () => {
    const wrong: [unknown, RegExp][] = [
      [{ from: '24.11.2026' }, /^from /],
      [{ to: '2026-02-30' }, /^to /],
      [{ from: 20261124 }, /^from /],
      [{ models: 'opus' }, /^models /],
      [{ users: [1] }, /^users /],
      [{ sessions: ['one'] }, /^sessions /],
      [null, /^query /],
    ];
    for (const [query, message] of wrong)
      assert.throws(() => filterOf(query as UsageQuery), { message }, JSON.stringify(query));
  });

  it('is answered in the words of an entry: input includes what a cache served', () => {
    const message = usageMessage({
      id: 'api:chat-1',
      epochMs: 5,
      session: 'talk',
      model: 'm',
      provider: 'p',
      project: '/p',
      branch: 'b',
      source: 'ext',
      user: 'u',
      host: 'h',
      priced: false,
      total: measures({
        messages: 1,
        inputTokens: 1,
        cacheReadTokens: 10,
        cacheWrite5mTokens: 100,
        cacheWrite1hTokens: 1_000,
        outputTokens: 7,
      }),
    });
    assert.equal(message.id, 'chat-1');
    assert.equal(message.inputTokens, 1_111);
    assert.equal(message.cacheCreationInputTokens, 1_100);
    assert.equal(message.costNanoDollars, null);
    assert.equal(message.conversationId, 'talk');
  });
});
