import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { tokenSum } from '../../../src/model/tokens';
import type { UsageRecord } from '../../../src/model/usageRecord';
import { listTranscripts } from '../../../src/sources/claude/locate';
import { readTranscript } from '../../../src/sources/claude/tail';
import { addTokens, byDayAndModel, countOnce, differences, groupBy } from './countOnce';
import type { DayTokens } from './countOnce';
import { findReferenceProgram, ReferenceProgram } from './referenceProgram';
import { progress, response, TestFolder, text } from './transcriptFixtures';
import type { Json } from './transcriptFixtures';
import { transcriptLine } from './transcriptArbitrary';

const corpora = join('..', 'shared', 'transcripts');

/** Everything below a root, in file order. */
async function readAll(root: string): Promise<UsageRecord[]> {
  const { files, problems } = await listTranscripts([{ path: root }]);
  assert.deepEqual(problems, []);
  const all: UsageRecord[] = [];
  for (const file of files) {
    await readTranscript(file, null, (records) => void all.push(...records), { user: 'u', host: 'h' });
  }
  return all;
}

describe('compared with the reference program', function () {
  this.timeout(120_000);
  const binary = findReferenceProgram();
  let program: ReferenceProgram;
  const home = new TestFolder();
  before(function () {
    if (binary === null) {
      console.log('      skipped: the reference program has no binary for this platform');
      this.skip();
    }
    program = new ReferenceProgram(binary, home.path);
  });
  after(() => home.remove());

  async function compare(root: string): Promise<Map<string, DayTokens>> {
    const ours = byDayAndModel(countOnce(await readAll(root)));
    return differences(ours, await program.tokens(root));
  }

  describe('on real transcripts', () => {
    /** Lines that the reference program does not count, by reason, and the messages that it counts twice. */
    interface Known {
      readonly whiteSpace?: number;
      readonly microseconds?: number;
      readonly nulls?: number;
      readonly requestAndNone?: number;
    }
    const known: Readonly<Record<string, Known>> = {
      'iansherr__claude-code-log': { whiteSpace: 9, microseconds: 6 },
      'moredip__session-share': { whiteSpace: 9 },
      slopus__happy: { requestAndNone: 1 },
      'vdavid__claude-session-analyzer': { whiteSpace: 12 },
    };
    const names = existsSync(corpora)
      ? readdirSync(corpora, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      : [];
    if (names.length === 0) {
      it(`is skipped: there is no folder ${corpora}`, function () {
        this.skip();
      });
    }
    for (const { name } of names) {
      const { whiteSpace = 0, microseconds = 0, nulls = 0, requestAndNone = 0 } = known[name] ?? {};
      const expected = { whiteSpace, microseconds, nulls, requestAndNone };
      const differs = Object.entries(expected).filter(([, count]) => count > 0);
      const except = differs.map(([reason, count]) => `${reason} (${count})`).join(', ');
      it(`counts ${name} the same${except === '' ? '' : `, except for ${except}`}`, async () => {
        const root = join(corpora, name);
        const theirs = await program.tokens(root);
        const all = await readAll(root);
        assert.ok(all.length > 0);
        const unseen = unseenByReference(root);
        const seen = all.filter((record) => !unseen.has(lineOf(record, root)));
        const doubled = countedTwice(seen);
        assert.deepEqual({ ...countReasons(unseen.values()), requestAndNone: doubled.length }, expected);
        // Without the lines that it does not see, and with the messages that it counts twice: the same.
        const like = byDayAndModel([...countOnce(seen), ...doubled]);
        assert.deepEqual(differences(like, theirs), new Map());
        if (except === '') assert.deepEqual(differences(byDayAndModel(countOnce(all)), theirs), new Map());
      });
    }

    type Reason = 'whiteSpace' | 'microseconds' | 'nulls';
    const lineOf = (record: UsageRecord, root: string): string => {
      const path = relative(root, record.origin.path);
      return [path, record.epochMs, record.key.startsWith('line:') ? '' : record.key].join(' ');
    };

    function unseenByReference(root: string): Map<string, Reason> {
      const unseen = new Map<string, Reason>();
      for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
        if (!path.endsWith('.jsonl')) continue;
        for (const line of readFileSync(join(root, path), 'utf8').split('\n')) {
          const reason = reasonOf(line);
          if (reason === null) continue;
          const { timestamp, message } = JSON.parse(line) as { timestamp: string; message: { id?: string } };
          unseen.set([path, Date.parse(timestamp), message.id ?? ''].join(' '), reason);
        }
      }
      return unseen;
    }

    function reasonOf(line: string): Reason | null {
      if (!/"usage"\s*:\s*\{/.test(line) || /"model": ?"<synthetic>"/.test(line)) return null;
      if (!line.startsWith('{') || !line.trimEnd().endsWith('}')) return null;
      if (!line.includes('"usage":{')) return 'whiteSpace';
      if (/"timestamp":"[^"]*\.\d{6}Z"/.test(line)) return 'microseconds';
      const fields = 'id|cwd|model|speed|costUSD|version|sessionId|requestId|isApiErrorMessage';
      return new RegExp(`"(${fields}|cache_(read|creation)_input_tokens)":null`).test(line) ? 'nulls' : null;
    }

    function countReasons(reasons: Iterable<Reason>): Record<Reason, number> {
      const counts = { whiteSpace: 0, microseconds: 0, nulls: 0 };
      for (const reason of reasons) counts[reason]++;
      return counts;
    }

    /** Copies without a request of messages that other copies have one for. */
    function countedTwice(records: readonly UsageRecord[]): UsageRecord[] {
      const result: UsageRecord[] = [];
      for (const copies of groupBy(records, (record) => record.key).values()) {
        const without = copies.filter((copy) => copy.requestId === '');
        if (without.length === 0 || without.length === copies.length) continue;
        result.push(without.reduce((a, b) => (tokenSum(b.tokens) > tokenSum(a.tokens) ? b : a)));
      }
      return result;
    }
  });

  describe('on made-up transcripts', () => {
    let folder: TestFolder;
    beforeEach(() => (folder = new TestFolder()));
    afterEach(() => folder.remove());

    /** Writes a session, and returns `ours − theirs` by day and model. */
    async function compareLines(...lines: readonly (Json | string)[]): Promise<Map<string, DayTokens>> {
      folder.write({ 'projects/-a/s.jsonl': text(...lines) });
      return await compare(folder.path);
    }
    const day = '2026-02-03 claude-sonnet-4-5-20250929';
    const all: DayTokens = [10, 20, 30, 40];

    it('counts arbitrary trees the same: copies, forks, subagents, progress lines, fast mode', async () => {
      const names = ['-a/s1', '-a/s2', '-b/s3', '-a/agent-4', '-a/s1/subagents/agent-5'];
      const file = fc.record({
        lines: fc.array(transcriptLine({ plain: true }), { maxLength: 30 }),
        isFork: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 5 }), async (files) => {
          folder.remove();
          let previous: (Json | string)[] = [];
          for (const [index, { lines, isFork }] of files.entries()) {
            const own = lines.map((line, place) => withoutTies(line, index * 30 + place));
            const session = `session-${index}`;
            const forked = previous.map((line) =>
              typeof line === 'string' ? line : { ...line, sessionId: session },
            );
            previous = isFork ? [...forked, ...own] : own;
            folder.write({ [`projects/${names[index]!}.jsonl`]: text(...previous) });
          }
          assert.deepEqual(await compare(folder.path), new Map());
        }),
        { numRuns: 40 },
      );
    });

    /** No two messages with the same sum: which of those is kept is up to each program. */
    function withoutTies(line: Json | string, number: number): Json | string {
      if (typeof line === 'string') return line;
      const copy = structuredClone(line);
      const envelope = (copy['data'] as { message?: Json } | undefined)?.message ?? copy;
      const usage = (envelope['message'] as { usage?: Record<string, number> } | undefined)?.usage;
      if (typeof usage?.['output_tokens'] !== 'number') return copy;
      const total =
        usage['input_tokens']! + usage['cache_read_input_tokens']! + usage['cache_creation_input_tokens']!;
      // The sum becomes its own number, modulo 1,000.
      usage['output_tokens'] = usage['output_tokens'] * 1000 + 1000 + ((number - total) % 1000);
      return copy;
    }

    it('keeps the fullest copy, wherever it stands', async () => {
      const copy = (output: number): Json => response({ usage: { output_tokens: output } });
      assert.deepEqual(await compareLines(copy(1), copy(300), copy(20)), new Map());
      assert.equal(countOnce(await readAll(folder.path))[0]!.tokens.output, 300);
    });

    it('keeps the parent of a sidechain copy with another request', async () => {
      const side = response({
        line: { isSidechain: true, requestId: 'req_2' },
        usage: { output_tokens: 900 },
      });
      assert.deepEqual(await compareLines(side, response()), new Map());
    });

    it('counts advisors, on the same model names', async () => {
      const advisor = { type: 'advisor_message', model: 'claude-opus-5', input_tokens: 7, output_tokens: 8 };
      const iterations = [{ type: 'message', input_tokens: 1, output_tokens: 1 }, advisor];
      assert.deepEqual(await compareLines(response({ usage: { speed: 'fast', iterations } })), new Map());
    });

    it('leaves out what the reference leaves out: no ids, models or versions in name only', async () => {
      const lines = [
        response({ message: { id: '' } }),
        response({ message: { model: '' } }),
        response({ line: { requestId: '' } }),
        response({ line: { sessionId: '' } }),
        response({ line: { version: 'dev' } }),
        response({ usage: { input_tokens: undefined } }),
        response({ usage: { output_tokens: -1 } }),
        response({ usage: { output_tokens: 1.5 } }),
        response({ line: { timestamp: '2026-02-30T00:00:00Z' } }),
        response({ message: { model: '<synthetic>' } }),
      ];
      assert.deepEqual(await compareLines(...lines, response({ message: { id: 'other' } })), new Map());
      assert.equal((await readAll(folder.path)).length, 1);
    });

    const rightDifferences: readonly [string, readonly (Json | string)[], DayTokens][] = [
      ['null in a field', [response({ line: { cwd: null } })], all],
      ["null in a tool's input", [response({ message: { content: [{ input: { id: null } }] } })], all],
      ['white space after the colon', [JSON.stringify(response()).replace('"usage":', '"usage": ')], all],
      ['microseconds', [response({ line: { timestamp: '2026-02-03T04:05:06.123456Z' } })], all],
      [
        'one key with and without a request',
        [response(), response({ line: { requestId: null } })],
        [0, 0, 0, 0],
      ],
      [
        'one key with and without a request',
        [response(), without('requestId')],
        addTokens([0, 0, 0, 0], all, -1),
      ],
    ];
    for (const [name, lines, difference] of rightDifferences) {
      const by = difference.join(', ');
      it(`differs in ${name}, by ${by}`, async () => {
        const expected = difference.every((count) => count === 0) ? new Map() : new Map([[day, difference]]);
        // A message that both count keeps the reference from finding nothing at all.
        const both = response({
          message: { id: 'both', model: 'claude-opus-4-6' },
          line: { requestId: 'both' },
        });
        assert.deepEqual(await compareLines(both, ...lines), expected);
      });
    }

    function without(name: string): Json {
      return Object.fromEntries(Object.entries(response()).filter(([key]) => key !== name));
    }

    it('differs in a message without a request in two sessions: it is one', async () => {
      const forked = { ...without('requestId'), sessionId: 'fork' };
      assert.deepEqual(
        await compareLines(without('requestId'), forked),
        new Map([[day, addTokens([0, 0, 0, 0], all, -1)]]),
      );
    });

    it('differs in a split below the total: the rest is counted, as 5 minutes', async () => {
      const usage = { cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 9 } };
      assert.deepEqual(await compareLines(response({ usage })), new Map([[day, [0, 0, 20, 0]]]));
    });

    it('differs in compactions: they are billed', async () => {
      const compaction = { type: 'compaction', input_tokens: 900, output_tokens: 90 };
      assert.deepEqual(
        await compareLines(response({ usage: { iterations: [compaction] } })),
        new Map([[day, [900, 90, 0, 0]]]),
      );
    });

    it('counts the same in a progress line as its subagent does', async () => {
      folder.write({
        'projects/-a/s/subagents/agent-1.jsonl': text(response({ line: { isSidechain: true } })),
        'projects/-a/s.jsonl': text(
          progress({ envelope: { requestId: 'req_1' } }),
          progress({ message: { id: 'msg_only' } }),
        ),
      });
      assert.deepEqual(await compare(folder.path), new Map());
      assert.equal(countOnce(await readAll(folder.path)).length, 2);
    });
  });
});
