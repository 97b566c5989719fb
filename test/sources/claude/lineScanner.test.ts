import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ParseResult } from '../../../src/sources/claude/parse';
import { LineScanner } from '../../../src/sources/claude/lineScanner';
import { parse, response, type Json } from './transcriptFixtures';

/** A member whose name is escaped makes the parser read a line by `JSON.parse`; the line says the same. */
function readSlowly(...lines: Uint8Array[]): ParseResult {
  return readFast(...lines.map((line) => Buffer.concat([Buffer.from('{"\\u0061":0,'), line.subarray(1)])));
}

function readFast(...lines: Uint8Array[]): ParseResult {
  return parse(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
}

/** Without what depends on the bytes themselves. */
function told({ records, badLines, bad, state, lines }: ParseResult): unknown {
  return {
    lines,
    records: records.map((record) => ({
      ...record,
      key: record.key.startsWith('line:') ? 'line' : record.key,
    })),
    badLines,
    reasons: bad.map(({ reason }) => reason),
    state: { ...state, offset: 0 },
  };
}

function isTakenFast(line: string): boolean {
  const scanner = new LineScanner();
  const { length } = scanner.take(Buffer.from(line));
  return scanner.scanLine(0, length) !== null;
}

const text = fc.string({ unit: 'binary', maxLength: 40 });
const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('thinking'), thinking: text, signature: text }),
  fc.record({ type: fc.constant('tool_use'), name: fc.constant('Bash'), input: fc.jsonValue() }),
  fc.jsonValue(),
);
const odd = fc.oneof(
  fc.constantFrom(undefined, null, '', 'us', 'fast', true, -1, 1.5, 1e300),
  fc.jsonValue(),
);

/** Mostly what Claude Code writes; sometimes one member is anything at all. */
const anyLine: fc.Arbitrary<Json> = fc
  .record({
    content: fc.oneof(text, fc.array(block, { maxLength: 4 }), fc.jsonValue()),
    stop: fc.constantFrom(null, 'end_turn', undefined),
    uuid: fc.constantFrom('u-1', 'u-2', null, 'ü'),
    cost: fc.constantFrom(undefined, null, 0.5, 12, 1e-7),
    id: fc.constantFrom('msg_1', 'msg_2', null),
    place: fc.constantFrom('line', 'message', 'usage', null, null, null),
    name: fc.constantFrom(
      'type',
      'timestamp',
      'sessionId',
      'cwd',
      'version',
      'isSidechain',
      'id',
      'model',
      'input_tokens',
      'cache_creation',
      'server_tool_use',
      'iterations',
      'speed',
      'inference_geo',
    ),
    odd,
  })
  .map(({ content, stop, uuid, cost, id, place, name, odd: value }) =>
    response({
      line: { uuid, costUSD: cost, ...(place === 'line' && { [name]: value }) },
      message: { content, stop_reason: stop, id, ...(place === 'message' && { [name]: value }) },
      usage: { ...(place === 'usage' && { [name]: value }) },
    }),
  );

function shuffled(value: unknown, order: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, shuffled(inner, order)] as const);
  const turn = entries.length === 0 ? 0 : order % entries.length;
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]);
}

describe('the fast way to read an answer', function () {
  this.timeout(60_000);

  it('takes what Claude Code writes', () => {
    assert.ok(isTakenFast(JSON.stringify(response())));
    const content = [
      { type: 'thinking', thinking: 'a "b"\n\u001b[0m 日本 👋', signature: 'x' },
      {
        type: 'tool_use',
        id: 't',
        name: 'Bash',
        input: { command: 'ls \\', timeout: 0.5, flags: [true, null] },
      },
    ];
    const usage = {
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
      service_tier: 'standard',
      iterations: [{ type: 'message', input_tokens: 1 }],
    };
    assert.ok(isTakenFast(JSON.stringify(response({ message: { content }, usage }))));
  });

  it('gives up on what it might read wrongly', () => {
    const line = JSON.stringify(response());
    for (const unusual of [
      line.slice(0, -1),
      `${line}}`,
      line.replace('"type"', '"\\u0074ype"'),
      line.replace('"input_tokens":10', '"input_tokens":10,"input_tokens":11'),
      line.replace('"input_tokens":10', '"input_tokens":1e1'),
      line.replace('"input_tokens":10', '"input_tokens":010'),
      line.replace('"type":"assistant"', '"type":"assistant","type":"user"'),
      line.replace('Hello', 'Hel\tlo'),
      line.replace('Hello', 'Hel\\xlo'),
    ])
      assert.equal(isTakenFast(unusual), false, unusual);
  });

  it('reads what JSON.parse reads, in any order of members and with any white space', () => {
    fc.assert(
      fc.property(anyLine, fc.nat({ max: 20 }), fc.constantFrom('', ' ', ' \t'), (line, order, space) => {
        const written = JSON.stringify(shuffled(line, order), null, space === '' ? undefined : '\r');
        const bytes = Buffer.from(written.replaceAll('\n', space));
        assert.deepEqual(told(readFast(bytes)), told(readSlowly(bytes)));
      }),
      { numRuns: 800 },
    );
  });

  it('reads many lines like each of them, those of other kinds between them too', () => {
    const prompt = fc
      .record({
        type: fc.constantFrom('user', 'system', 'progress'),
        text,
        cwd: fc.constantFrom('/a', 'ü', undefined),
      })
      .map(({ text: content, ...rest }) => ({ ...rest, timestamp: '2026-02-03T04:05:06.789Z', content }));
    const line = fc.oneof(anyLine, prompt).map((value) => Buffer.from(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 12 }), (lines) => {
        assert.deepEqual(told(readFast(...lines)), told(readSlowly(...lines)));
      }),
      { numRuns: 400 },
    );
  });

  it('reads on past a line larger than its memory, and small ones after it', () => {
    const small = Buffer.from(JSON.stringify(response()));
    const large = Buffer.from(
      JSON.stringify(response({ message: { id: 'msg_large', content: 'x'.repeat(9e6) } })),
    );
    const prompt = Buffer.from(JSON.stringify({ type: 'user', content: 'x'.repeat(9e6) }));
    const read = readFast(small, large, prompt, small);
    assert.deepEqual(
      read.records.map(({ key }) => key),
      ['msg_1', 'msg_large', 'msg_1'],
    );
    assert.equal(read.lines, 4);
    assert.equal(read.badLines, 0);
    assert.deepEqual(told(readFast(small)), told(readSlowly(small)));
  });

  it('finds damage where JSON.parse finds it', () => {
    fc.assert(
      fc.property(
        anyLine,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('change', 'insert', 'remove'),
        fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[]:,0-. ue')), fc.integer({ min: 0x20, max: 0xff })),
        (line, place, what, byte) => {
          const bytes = Buffer.from(JSON.stringify(line));
          const at = 1 + Math.floor(place * (bytes.length - 2));
          const before = bytes.subarray(0, at);
          const after = bytes.subarray(what === 'insert' ? at : at + 1);
          const damaged = Buffer.concat([before, Buffer.from(what === 'remove' ? [] : [byte]), after]);
          assert.deepEqual(told(readFast(damaged)), told(readSlowly(damaged)));
        },
      ),
      { numRuns: 800 },
    );
  });
});
