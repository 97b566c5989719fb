import assert from 'node:assert/strict';
import { only, parse, progress, response, root, text } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';

describe('parseTranscript: a billed response', () => {
  it('becomes a record with its tokens, names and time', () => {
    assert.deepEqual(only(response()), {
      key: 'msg_1',
      requestId: 'req_1',
      sidechain: false,
      epochMs: Date.parse('2026-02-03T04:05:06.789Z'),
      tokens: { input: 10, output: 20, cacheRead: 40, cacheWrite5m: 30, cacheWrite1h: 0, webSearches: 0 },
      model: 'claude-sonnet-4-5-20250929',
      provider: 'anthropic',
      project: '/work/app',
      branch: 'main',
      source: 'claude-code',
      user: 'someone',
      host: 'desk',
      fast: false,
      usOnly: false,
      reportedCost: null,
      unfinished: false,
      contentCharacters: 0,
      origin: {
        path: `${root}/projects/-work-app/11111111-aaaa.jsonl`,
        beganEpochMs: Date.parse('2026-02-03T04:05:06.789Z'),
        session: '11111111-aaaa',
      },
    });
  });

  it('counts on an old line without a type', () => {
    assert.equal(only(response({ line: { type: undefined } })).key, 'msg_1');
  });

  it('counts when the API reported an error but a real model used tokens', () => {
    assert.equal(only(response({ line: { isApiErrorMessage: true } })).tokens.output, 20);
  });

  it('is nothing when the model is <synthetic>', () => {
    const { records, badLines } = parse(text(response({ message: { model: '<synthetic>' } })));
    assert.deepEqual([records.length, badLines], [0, 0]);
  });

  it('is found with white space around the colons', () => {
    const spaced = JSON.stringify(response()).replaceAll('":', '" :\t ');
    assert.equal(only(spaced).tokens.input, 10);
  });

  it('keeps microsecond times to the millisecond', () => {
    const { epochMs } = only(response({ line: { timestamp: '2025-07-03T15:50:07.875917Z' } }));
    assert.equal(epochMs, Date.parse('2025-07-03T15:50:07.875Z'));
  });

  it('takes null for absent in every optional field, and anywhere in the content', () => {
    const nulls = {
      cwd: null,
      gitBranch: null,
      sessionId: null,
      version: null,
      requestId: null,
      costUSD: null,
    };
    const record = only(
      response({
        line: { ...nulls, isSidechain: null, isApiErrorMessage: null, uuid: null },
        message: { content: [{ type: 'tool_use', input: { id: null, model: null, cwd: null } }] },
        usage: {
          speed: null,
          iterations: null,
          cache_creation: null,
          server_tool_use: null,
          inference_geo: null,
          service_tier: null,
          cache_creation_input_tokens: null,
          cache_read_input_tokens: null,
        },
      }),
    );
    assert.deepEqual(
      [record.requestId, record.branch, record.sidechain, record.tokens.cacheRead, record.reportedCost],
      ['', '', false, 0, null],
    );
    assert.equal(record.origin.session, '11111111-aaaa');
    assert.equal(record.project, '-work-app');
  });

  it('keeps what the source says it cost', () => {
    assert.equal(only(response({ line: { costUSD: 0.123456789 } })).reportedCost, 123_456_789);
  });

  it('knows fast mode and inference pinned to the United States', () => {
    const { fast, usOnly } = only(response({ usage: { speed: 'fast', inference_geo: 'us' } }));
    assert.deepEqual([fast, usOnly], [true, true]);
    const other = only(response({ usage: { speed: 'standard', inference_geo: 'global' } }));
    assert.deepEqual([other.fast, other.usOnly], [false, false]);
  });

  it('counts web searches', () => {
    const { tokens } = only(response({ usage: { server_tool_use: { web_search_requests: 3 } } }));
    assert.equal(tokens.webSearches, 3);
  });

  it('is not found in text that only speaks of usage', () => {
    const speech = { type: 'user', message: { role: 'user', content: 'my "usage": {"input_tokens": 1}' } };
    const result = { type: 'user', toolUseResult: { usage: { input_tokens: 5, output_tokens: 5 } } };
    const { records, badLines, lines } = parse(text(speech, result));
    assert.deepEqual([records.length, badLines, lines], [0, 0, 2]);
  });

  it('is read around bytes that are no UTF-8', () => {
    const line = Buffer.from(text(response({ message: { content: [{ type: 'text', text: 'HERE' }] } })));
    line.fill(0xff, line.indexOf('HERE'), line.indexOf('HERE') + 4);
    assert.equal(parse(line).records.length, 1);
  });
});

describe('parseTranscript: cache writes', () => {
  const cases: readonly [string, Json, [fiveMinutes: number, oneHour: number]][] = [
    ['are 5 minutes without a split', { cache_creation_input_tokens: 100 }, [100, 0]],
    ['follow the split', { cache_creation_input_tokens: 100, cache_creation: split(70, 30) }, [70, 30]],
    [
      'are 5 minutes where the split leaves a rest',
      { cache_creation_input_tokens: 100, cache_creation: split(10, 30) },
      [70, 30],
    ],
    ['need no total', { cache_creation_input_tokens: undefined, cache_creation: split(7, 3) }, [7, 3]],
    [
      'believe a split above the total',
      { cache_creation_input_tokens: 5, cache_creation: split(7, 3) },
      [7, 3],
    ],
    [
      'take nulls in the split for nothing',
      { cache_creation_input_tokens: 9, cache_creation: split(null, 4) },
      [5, 4],
    ],
  ];
  for (const [name, usage, [fiveMinutes, oneHour]] of cases) {
    it(name, () => {
      const { tokens } = only(response({ usage }));
      assert.deepEqual([tokens.cacheWrite5m, tokens.cacheWrite1h], [fiveMinutes, oneHour]);
    });
  }
  function split(fiveMinutes: number | null, oneHour: number): Json {
    return { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour };
  }
});

describe('parseTranscript: progress lines', () => {
  it('carry a response of a subagent, in the session that shows it', () => {
    const record = only(progress());
    assert.deepEqual(
      [record.key, record.requestId, record.sidechain, record.origin.session, record.project],
      ['msg_1', 'req_p', true, '11111111-aaaa', '/work/app'],
    );
    assert.equal(record.epochMs, Date.parse('2026-02-03T04:05:06.000Z'));
  });

  it('give their own time where the response has none', () => {
    const record = only(progress({ envelope: { timestamp: null } }));
    assert.equal(record.epochMs, Date.parse('2026-02-03T04:05:07.000Z'));
  });

  it('without a response are nothing', () => {
    const { records, badLines } = parse(
      text(
        { type: 'progress', data: { type: 'hook_progress', usage: 'none' } },
        { type: 'progress', data: { message: { message: 'usage' }, usage: 1 } },
      ),
    );
    assert.deepEqual([records.length, badLines], [0, 0]);
  });
});

describe('parseTranscript: iterations', () => {
  const advisor = {
    type: 'advisor_message',
    model: 'claude-opus-5',
    input_tokens: 7,
    output_tokens: 8,
    cache_creation_input_tokens: 5,
    cache_creation: { ephemeral_1h_input_tokens: 5 },
  };

  it('of an advisor are a message of their own, on their own model', () => {
    const { records, badLines } = parse(
      text(
        response({ line: { costUSD: 1 }, usage: { iterations: [{ type: 'message' }, advisor, advisor] } }),
      ),
    );
    assert.deepEqual(
      records.map(({ key, model, tokens, reportedCost }) => [
        key,
        model,
        tokens.input,
        tokens.cacheWrite1h,
        reportedCost,
      ]),
      [
        ['msg_1', 'claude-sonnet-4-5-20250929', 10, 0, 1e9],
        ['msg_1#advisor-0', 'claude-opus-5', 7, 5, null],
        ['msg_1#advisor-1', 'claude-opus-5', 7, 5, null],
      ],
    );
    assert.equal(badLines, 0);
  });

  it('of a compaction are billed too, on the model of the message', () => {
    const { records } = parse(
      text(
        response({ usage: { iterations: [{ type: 'compaction', input_tokens: 900, output_tokens: 90 }] } }),
      ),
    );
    assert.deepEqual(
      [records[1]!.key, records[1]!.model, records[1]!.tokens.input],
      ['msg_1#compaction-0', 'claude-sonnet-4-5-20250929', 900],
    );
  });

  it('that repeat the totals, or were declined, are not summed', () => {
    const iterations = [
      { type: 'message', model: 'claude-opus-5', input_tokens: 99, output_tokens: 99 },
      { type: 'fallback_message', model: 'claude-opus-4-8', input_tokens: 10, output_tokens: 20 },
    ];
    const record = only(response({ usage: { iterations } }));
    assert.deepEqual([record.tokens.input, record.tokens.output], [10, 20]);
    assert.equal(only(response({ usage: { iterations: [] } })).tokens.input, 10);
  });

  it('that cannot be read are counted as bad, and the message still counts', () => {
    const nameless = { ...advisor, model: undefined };
    const negative = { ...advisor, input_tokens: -1 };
    const { records, bad } = parse(
      text(response({ usage: { iterations: [nameless, negative, advisor, 5] } })),
    );
    assert.deepEqual(
      records.map(({ key }) => key),
      ['msg_1', 'msg_1#advisor-2'],
    );
    assert.deepEqual(
      bad.map(({ reason }) => reason),
      ['bad-iteration', 'bad-iteration', 'bad-iteration'],
    );
    assert.equal(parse(text(response({ usage: { iterations: 'many' } }))).badLines, 1);
  });
});

describe('parseTranscript: unfinished messages', () => {
  const block = (words: string): Json => ({ type: 'text', text: words });
  const piece = (uuid: string, words: string, output: number, stop: string | null = null): Json =>
    response({
      line: { uuid },
      message: { content: [block(words)], stop_reason: stop },
      usage: { output_tokens: output },
    });

  it('are those whose output never grew beyond its placeholder', () => {
    const { records } = parse(text(piece('a', 'x'.repeat(500), 8), piece('b', 'y'.repeat(700), 8)));
    assert.deepEqual(
      records.map(({ unfinished, contentCharacters }) => [unfinished, contentCharacters]),
      [
        [true, 500],
        [true, 1200],
      ],
    );
  });

  it('are finished by a stop reason, or by an output that grew', () => {
    const stopped = parse(text(piece('a', 'x', 8), piece('b', 'y', 30, 'end_turn'))).records;
    const grown = parse(text(piece('a', 'x', 8), piece('b', 'y', 30))).records;
    const large = parse(text(piece('a', 'x', 300))).records;
    assert.deepEqual(
      [stopped, grown, large].map((records) => records.map((record) => record.unfinished)),
      [[true, false], [true, false], [false]],
    );
  });

  it('count the characters of text, thinking and tool input', () => {
    const content = [
      block('12345'),
      { type: 'thinking', thinking: '1234567', signature: 'not counted' },
      { type: 'tool_use', name: 'Read', input: { a: 'é' } },
      { type: 'redacted_thinking', data: 'not counted' },
    ];
    const count = (message: Json): number => {
      const line = response({ message: { ...message, stop_reason: null }, usage: { output_tokens: 8 } });
      return only(line).contentCharacters;
    };
    assert.equal(count({ content }), 5 + 7 + '{"a":"é"}'.length);
    assert.equal(count({ content: 'plain' }), 5);
  });

  it('alone keep a count of characters', () => {
    const { records } = parse(
      text(piece('a', '12345', 8), piece('b', '123', 500), piece('c', '12', 8, 'end_turn')),
    );
    assert.deepEqual(
      records.map((record) => record.contentCharacters),
      [5, 0, 0],
    );
  });

  it('do not count a line twice that was written twice', () => {
    const { records } = parse(text(piece('a', '12345', 8), piece('b', '123', 8), piece('a', '12345', 8)));
    assert.deepEqual(
      records.map((record) => record.contentCharacters),
      [5, 8, 8],
    );
  });

  it('go on across the lines of other messages', () => {
    const other = response({
      message: { id: 'msg_other', content: [block('zz')], stop_reason: null },
      usage: { output_tokens: 8 },
    });
    const { records } = parse(text(piece('a', '12345', 8), other, piece('b', '123', 8)));
    assert.deepEqual(
      records.map((record) => record.contentCharacters),
      [5, 2, 8],
    );
  });

  it('are not told from a line that has no content', () => {
    assert.equal(only(response({ message: { content: [], stop_reason: null } })).unfinished, false);
  });
});
