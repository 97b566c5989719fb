import assert from 'node:assert/strict';
import { parse, response, root, text } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';

describe('parseTranscript: cost-state lines', () => {
  const state = (changes: Json = {}): Json => ({
    type: 'cost-state',
    sessionId: 's1',
    totalCostUSD: 0.0319246,
    totalDuration: 5,
    modelUsage: {
      'claude-haiku-4-5-20251001': {
        inputTokens: 368,
        outputTokens: 516,
        thinkingTokens: 426,
        cacheReadInputTokens: 106786,
        cacheCreationInputTokens: 9149,
        webSearchRequests: 1,
        costUSD: 0.0319246,
      },
    },
    ...changes,
  });

  it('are kept with the last time before them', () => {
    const { costStates, badLines } = parse(
      text(
        response(),
        { type: 'user', timestamp: '2026-02-03T05:00:00Z', message: {} },
        { type: 'file-history-snapshot', snapshot: { timestamp: '2026-02-09T05:00:00Z' } },
        state(),
        { type: 'user', timestamp: '2026-02-04T05:00:00Z', message: {} },
      ),
    );
    assert.deepEqual(costStates, [
      {
        session: 's1',
        path: `${root}/projects/-work-app/11111111-aaaa.jsonl`,
        epochMs: Date.parse('2026-02-03T05:00:00Z'),
        totalCost: 31_924_600,
        models: [
          {
            model: 'claude-haiku-4-5-20251001',
            inputTokens: 368,
            outputTokens: 516,
            cacheReadTokens: 106786,
            cacheWriteTokens: 9149,
            webSearches: 1,
            cost: 31_924_600,
          },
        ],
      },
    ]);
    assert.equal(badLines, 0);
  });

  it('need no models, and take the session of the file where they name none', () => {
    const { costStates } = parse(text(response(), state({ modelUsage: null, sessionId: null })));
    assert.deepEqual([costStates[0]!.models, costStates[0]!.session], [[], '11111111-aaaa']);
  });

  it('that cannot be read are bad lines', () => {
    const lines = [
      state({ totalCostUSD: -1 }),
      state({ totalCostUSD: undefined }),
      state({ modelUsage: { m: 5 } }),
      state({ modelUsage: { m: { inputTokens: -5 } } }),
    ];
    const { costStates, badLines } = parse(text(response(), ...lines));
    assert.deepEqual([costStates.length, badLines], [0, 4]);
    assert.deepEqual(parse(text(state())).bad, [{ offset: 0, reason: 'no-time' }]);
  });

  it('are not seen in a line that only mentions one', () => {
    const { costStates, badLines } = parse(
      text(response(), { type: 'user', message: { content: ['cost-state'] } }),
    );
    assert.deepEqual([costStates.length, badLines], [0, 0]);
  });
});
