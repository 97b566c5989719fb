import assert from 'node:assert/strict';
import { monthOf } from '../../../src/model/time';
import { only, parse, plainUsage, response, root, text } from './transcriptFixtures';

describe('parseTranscript: the last line', () => {
  const whole = text(response());
  it('counts without a line end if it is whole', () => {
    const { records, torn, consumed } = parse(whole.slice(0, -1));
    assert.deepEqual([records.length, torn, consumed], [1, false, whole.length - 1]);
  });

  it('is torn if it is not whole, is no bad line yet, and is left for later', () => {
    const first = text(response({ message: { id: 'msg_0' } }));
    const { records, torn, consumed, badLines } = parse(first + whole.slice(0, -3));
    assert.deepEqual([records.length, torn, consumed, badLines], [1, true, first.length, 0]);
  });

  it('is left alone while more may follow', () => {
    const { records, torn, consumed } = parse(whole.slice(0, -1), { endOfFile: false });
    assert.deepEqual([records.length, torn, consumed], [0, false, 0]);
  });

  it('may end in CRLF, and the first may begin with a byte order mark', () => {
    const { records, badLines } = parse(
      `\uFEFF${text(response(), response({ message: { id: 'msg_2' } })).replaceAll('\n', '\r\n')}`,
    );
    assert.deepEqual([records.length, badLines], [2, 0]);
    assert.equal(parse('\uFEFF{"type":"summary"}\n').badLines, 0);
  });
});

describe('parseTranscript: keys', () => {
  const nameless = response({ message: { id: null } });

  it('are the message id', () => {
    assert.equal(only(response({ message: { id: 'msg_abc' } })).key, 'msg_abc');
  });

  it('of a message without an id differ by place in the file, and are the same when it is read again', () => {
    const content = text(nameless, nameless);
    const [first, second] = parse(content).records;
    assert.notEqual(first!.key, second!.key);
    assert.equal(parse(content).records[0]!.key, first!.key);
    assert.equal(parse(text(nameless).slice(0, -1)).records[0]!.key, first!.key);
  });

  it('of a message without an id differ from file to file, and with the bytes', () => {
    const here = only(nameless).key;
    const there = parse(text(nameless), { path: `${root}/projects/-work-app/other.jsonl` }).records[0]!.key;
    const changed = only(response({ message: { id: null }, usage: { output_tokens: 21 } })).key;
    assert.equal(new Set([here, there, changed]).size, 3);
  });
});

describe('parseTranscript: sessions, projects and sidechains', () => {
  const bare = response({ line: { sessionId: undefined, cwd: undefined } });
  const places: readonly [string, string, [session: string, sidechain: boolean]][] = [
    ['a session', 'projects/-work-app/s1.jsonl', ['s1', false]],
    ['an old subagent file', 'projects/-work-app/agent-7.jsonl', ['agent-7', true]],
    ['a subagent file', 'projects/-work-app/s1/subagents/agent-7.jsonl', ['s1', true]],
    ['a workflow agent', 'projects/-work-app/s1/subagents/workflows/w/agent-7.jsonl', ['s1', true]],
    ['a file in a session folder', 'projects/-work-app/s1/chat.jsonl', ['s1', false]],
  ];
  for (const [name, path, [session, sidechain]] of places) {
    it(`are told by the path of ${name} where the line does not tell`, () => {
      const [record] = parse(text(bare), { path: `${root}/${path}` }).records;
      assert.deepEqual(
        [record!.origin.session, record!.sidechain, record!.project],
        [session, sidechain, '-work-app'],
      );
    });
  }

  it('are read from Windows paths as well', () => {
    const [record] = parse(text(bare), {
      root: 'C:\\Users\\me\\.claude',
      path: 'C:\\Users\\me\\.claude\\projects\\C--work-app\\s1\\subagents\\agent-7.jsonl',
    }).records;
    assert.deepEqual(
      [record!.origin.session, record!.sidechain, record!.project],
      ['s1', true, 'C--work-app'],
    );
  });

  it('follow the line: an old subagent file belongs to the session it names', () => {
    const path = `${root}/projects/-work-app/agent-7.jsonl`;
    const [record] = parse(text(response({ line: { sessionId: 's9' } })), { path }).records;
    assert.deepEqual([record!.origin.session, record!.sidechain], ['s9', true]);
  });

  it('know a sidechain by its flag', () => {
    assert.equal(only(response({ line: { isSidechain: true } })).sidechain, true);
  });

  it('use the first folder that the file names for a line without one', () => {
    const [, record] = parse(text(response({ line: { cwd: 'e:\\Work\\app' } }), bare)).records;
    assert.equal(record!.project, 'e:\\Work\\app');
    const user = { type: 'user', cwd: '/first', timestamp: '2026-02-03T00:00:00Z' };
    assert.equal(only(user, bare).project, '/first');
  });

  it('know when the file began: its first time, in file order', () => {
    const { beganEpochMs } = only(
      { type: 'summary', summary: 'no time here' },
      { type: 'file-history-snapshot', snapshot: { timestamp: '2020-01-01T00:00:00Z' } },
      { type: 'user', timestamp: '2026-02-03T04:00:00Z' },
      { type: 'user', timestamp: '2026-01-01T00:00:00Z' },
      response(),
    ).origin;
    assert.equal(beganEpochMs, Date.parse('2026-02-03T04:00:00Z'));
  });
});

describe('parseTranscript: what it keeps', () => {
  it('holds nothing of the text, in records or in state', () => {
    const secret = 'SECRET-WORDS';
    const content = [
      { type: 'text', text: secret },
      { type: 'tool_use', name: 'Bash', input: { command: secret } },
    ];
    const result = parse(text(response({ message: { content, stop_reason: null } }), `${secret} broken`));
    assert.equal(result.records.length, 1);
    assert.equal(JSON.stringify(result).includes(secret), false);
  });

  it('is small: the state of a long file fits a few hundred bytes', () => {
    const lines = Array.from({ length: 300 }, (_, index) =>
      response({ line: { uuid: `uuid-${index}` }, message: { id: `msg_0123456789abcdef_${index >> 4}` } }),
    );
    const { state, records } = parse(text(...lines));
    assert.equal(monthOf(records[0]!.epochMs), '2026-02');
    assert.ok(JSON.stringify(state).length < 1000, JSON.stringify(state));
  });

  it('does not change what it is given', () => {
    const usage = structuredClone(plainUsage);
    parse(text(response({ usage })));
    assert.deepEqual(usage, plainUsage);
  });
});
