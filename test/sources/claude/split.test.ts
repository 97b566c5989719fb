import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTranscript } from '../../../src/sources/claude/parse';
import { initialParseState } from '../../../src/sources/claude/parseState';
import type { ParseState } from '../../../src/sources/claude/parseState';
import { context, parse, response, text } from './transcriptFixtures';
import { transcriptLine } from './transcriptArbitrary';

interface Reading {
  readonly records: readonly unknown[];
  readonly costStates: readonly unknown[];
  readonly badLines: number;
  readonly lines: number;
  readonly torn: boolean;
  readonly state: ParseState;
}

/** Reads a file that grows to each of `sizes` in turn, by chunks of `chunk` bytes, with a restart at each size. */
function readInPieces(bytes: Uint8Array, sizes: readonly number[], chunk: number): Reading {
  const records: unknown[] = [];
  const costStates: unknown[] = [];
  let state = initialParseState;
  let [badLines, lines, torn] = [0, 0, false];
  for (const size of [...sizes, bytes.length]) {
    state = JSON.parse(JSON.stringify(state)) as ParseState;
    let length = chunk;
    for (;;) {
      const end = Math.min(size, state.offset + length);
      const endOfFile = end === size;
      const result = parseTranscript(bytes.subarray(state.offset, end), state, { ...context, endOfFile });
      records.push(...result.records);
      costStates.push(...result.costStates);
      badLines += result.badLines;
      lines += result.lines;
      ({ state, torn } = result);
      if (endOfFile) break;
      length = result.consumed === 0 ? length * 2 : chunk;
    }
  }
  return { records, costStates, badLines, lines, torn, state };
}

function readAtOnce(bytes: Uint8Array): Reading {
  const { records, costStates, badLines, lines, torn, state } = parse(bytes);
  return { records, costStates, badLines, lines, torn, state };
}

describe('parseTranscript in pieces', function () {
  this.timeout(60_000);

  it('gives what it gives in one go, however the file is cut, grown and restarted', () => {
    fc.assert(
      fc.property(
        fc.array(transcriptLine({ plain: false }), { maxLength: 25 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', '\uFEFF'),
        fc.boolean(),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 3000 }),
        (lines, lineEnd, mark, lastLineEnds, cuts, chunk) => {
          const content = mark + text(...lines).replaceAll('\n', lineEnd);
          const bytes = Buffer.from(lastLineEnds ? content : content.slice(0, -lineEnd.length));
          const sizes = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
          assert.deepEqual(readInPieces(bytes, sizes, chunk), readAtOnce(bytes));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds at every single byte of a line with characters of several bytes', () => {
    const line = response({
      message: { content: [{ type: 'text', text: 'Grüße 👋 ﷽' }], stop_reason: null },
    });
    const nameless = response({ message: { id: null } });
    const bytes = Buffer.from(`\uFEFF${text(nameless, line, nameless).replaceAll('\n', '\r\n')}`);
    const whole = readAtOnce(bytes);
    assert.equal(whole.records.length, 3);
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(readInPieces(bytes, [cut], bytes.length), whole, `cut at ${cut}`);
    }
  });

  it('holds for a line of 3 MB', () => {
    const content = [{ type: 'text', text: 'ä'.repeat(1_500_000) }];
    const bytes = Buffer.from(text(response(), response({ message: { id: 'big', content } }), response()));
    const whole = readAtOnce(bytes);
    assert.equal(whole.records.length, 3);
    assert.deepEqual(readInPieces(bytes, [1_000_000, 2_000_001], 1 << 16), whole);
  });
});
