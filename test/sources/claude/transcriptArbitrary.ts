import fc from 'fast-check';
import { progress, response } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';

/** A time within a few days, so that days differ and ties happen. */
const timestamp = fc
  .integer({ min: 0, max: 4 * 24 * 60 })
  .map((minute) => new Date(Date.UTC(2026, 0, 30) + minute * 60_000).toISOString());
const model = fc.constantFrom('claude-sonnet-4-5-20250929', 'claude-opus-4-6', 'claude-haiku-4-5-20251001');
const count = fc.integer({ min: 0, max: 5000 });
const words = fc.string({ unit: 'grapheme', maxLength: 60 });

const usage = fc.record({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  speed: fc.constantFrom(undefined, undefined, 'standard', 'fast'),
});

/** The split of the cache write, which in reality always sums to the total. */
function withSplit(tokens: Json, share: number | undefined): Json {
  if (share === undefined) return tokens;
  const total = tokens['cache_creation_input_tokens'] as number;
  const oneHour = Math.floor(total * share);
  return {
    ...tokens,
    cache_creation: { ephemeral_5m_input_tokens: total - oneHour, ephemeral_1h_input_tokens: oneHour },
  };
}

export interface ArbitraryOptions {
  /** Only what the reference program counts in the same way. */
  readonly plain: boolean;
}

/** A line of a transcript: mostly responses, of a few messages, so that copies are many. */
export function transcriptLine({ plain }: ArbitraryOptions): fc.Arbitrary<Json | string> {
  const anyResponse = fc
    .record({
      id: plain ? fc.integer({ min: 1, max: 40 }) : fc.option(fc.integer({ min: 1, max: 12 })),
      isProgress: fc.boolean(),
      share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      usage,
      model,
      timestamp,
      uuid: fc.integer({ min: 0, max: 30 }),
      stop: fc.constantFrom(null, 'end_turn'),
      content: fc.array(fc.record({ type: fc.constant('text'), text: words }), { maxLength: 3 }),
      cwd: fc.constantFrom('/work/app', '/work/übung'),
    })
    .map(({ id, isProgress, share, ...parts }) => {
      const message = {
        id: id === null ? null : `msg_${id}`,
        model: parts.model,
        content: parts.content,
        stop_reason: parts.stop,
      };
      const options = { message, usage: withSplit(parts.usage, share) };
      const request = id === null ? 'req' : `req_${id}`;
      const { cwd, timestamp: time } = parts;
      if (isProgress) {
        const uuid = `p-${parts.uuid}`;
        return progress({
          ...options,
          line: { cwd },
          envelope: { timestamp: time, requestId: request, uuid },
        });
      }
      return response({
        ...options,
        line: { cwd, timestamp: time, requestId: request, uuid: `u-${parts.uuid}` },
      });
    });
  const other = fc.oneof(
    words.map((content): Json => ({ type: 'user', message: { content, usage: null } })),
    timestamp.map((time): Json => ({ type: 'user', timestamp: time, message: { content: '"usage"' } })),
    fc.constantFrom('', 'not json', '{"type":"assistant","usage":', '[1]', '   '),
    count.map((cost): Json => ({ type: 'cost-state', sessionId: 's', totalCostUSD: cost, modelUsage: {} })),
  );
  return fc.oneof({ arbitrary: anyResponse, weight: 4 }, { arbitrary: other, weight: 1 });
}
