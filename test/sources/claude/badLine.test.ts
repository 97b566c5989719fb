import assert from 'node:assert/strict';
import { parse, response, text } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';

describe('parseTranscript: a bad line', () => {
  const cases: readonly [string, Json | string, string][] = [
    ['cut off', JSON.stringify(response()).slice(0, -5), 'not-json'],
    ['cut off before its usage', '{"type":"assistant","mess', 'not-json'],
    ['that is no JSON', '[16:29:14] Starting', 'not-json'],
    ['that is JSON, but no object', '42', 'not-json'],
    ['of zeros, as a crash leaves it', '\0'.repeat(40), 'not-json'],
    ['with negative tokens', response({ usage: { input_tokens: -1 } }), 'bad-number'],
    ['with half a token', response({ usage: { output_tokens: 0.5 } }), 'bad-number'],
    ['with absurdly many tokens', response({ usage: { cache_read_input_tokens: 1e13 } }), 'bad-number'],
    ['with tokens as text', response({ usage: { input_tokens: '10' } }), 'wrong-type'],
    [
      'with negative split',
      response({ usage: { cache_creation: { ephemeral_1h_input_tokens: -2 } } }),
      'bad-number',
    ],
    ['with a split of another type', response({ usage: { cache_creation: [] } }), 'wrong-type'],
    ['without input tokens', response({ usage: { input_tokens: null } }), 'no-tokens'],
    ['without output tokens', response({ usage: { output_tokens: undefined } }), 'no-tokens'],
    [
      'with a time that does not exist',
      response({ line: { timestamp: '2026-02-30T00:00:00Z' } }),
      'bad-timestamp',
    ],
    ['without a time', response({ line: { timestamp: undefined } }), 'bad-timestamp'],
    ['with a time as number', response({ line: { timestamp: 1770000000000 } }), 'bad-timestamp'],
    ['without a model', response({ message: { model: null } }), 'no-model'],
    ['with an empty model', response({ message: { model: '' } }), 'empty-name'],
    ['with a model of another type', response({ message: { model: {} } }), 'wrong-type'],
    ['with an empty id', response({ message: { id: '' } }), 'empty-name'],
    ['with an id of another type', response({ message: { id: 7 } }), 'wrong-type'],
    ['with an endless id', response({ message: { id: 'x'.repeat(5000) } }), 'name-too-long'],
    ['with an empty session', response({ line: { sessionId: '' } }), 'empty-name'],
    ['with an empty request', response({ line: { requestId: '' } }), 'empty-name'],
    ['with a version that is none', response({ line: { version: 'dev' } }), 'bad-version'],
    ['with a negative cost', response({ line: { costUSD: -1 } }), 'bad-number'],
    ['with a cost as text', response({ line: { costUSD: '1' } }), 'wrong-type'],
    ['with a flag of another type', response({ line: { isSidechain: 'yes' } }), 'wrong-type'],
  ];
  for (const [name, line, reason] of cases) {
    it(`${name} is counted, and hurts no other`, () => {
      const before = text(response({ message: { id: 'before' } }));
      const after = response({ message: { id: 'after' } });
      const { records, bad, badLines, lines } = parse(before + text(line, after));
      assert.deepEqual(
        records.map((record) => record.key),
        ['before', 'after'],
      );
      assert.deepEqual(bad, [{ offset: Buffer.byteLength(before), reason }]);
      assert.deepEqual([badLines, lines], [1, 3]);
    });
  }

  it('with usage that is no object is counted', () => {
    const line = { ...response(), message: { ...(response()['message'] as Json), usage: 'lots' } };
    assert.deepEqual(parse(text(line)).bad, [{ offset: 0, reason: 'wrong-type' }]);
  });

  it('is listed only so often, but always counted', () => {
    const { bad, badLines } = parse('broken\n'.repeat(500));
    assert.deepEqual([bad.length, badLines], [20, 500]);
  });

  it('without a marker is not decoded: only its ends are looked at', () => {
    const { badLines, lines } = parse(text(response(), '{"type":"user",,,}', '{"type":"user"', response()));
    assert.deepEqual([badLines, lines], [1, 4]);
  });

  it('is not what a blank line is', () => {
    const { badLines, lines, records } = parse(`\n\r\n  \n${text(response())}\n`);
    assert.deepEqual([badLines, lines, records.length], [0, 1, 1]);
  });
});
