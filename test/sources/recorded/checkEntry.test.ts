import assert from 'node:assert/strict';
import { checkEntry } from '../../../src/sources/recorded/checkEntry';
import type { EntryContext } from '../../../src/model/entryContext';
import { completeEntry, withPrice } from '../../../src/sources/recorded/completeEntry';

const now = Date.UTC(2026, 10, 24);
const least = { model: 'claude-sonnet-4-5', inputTokens: 100, outputTokens: 10 };
const context: EntryContext = {
  clock: () => now,
  newId: () => 'made-up',
  project: '/work/project',
  branch: 'main',
  user: 'ada',
  host: 'machine',
  source: 'api',
  windowId: '1-2-3',
  windowBeganEpochMs: 2,
};

describe('checking a recorded entry', () => {
  const wrong: readonly (readonly [string, unknown, 'TypeError' | 'RangeError', string])[] = [
    ['nothing', undefined, 'TypeError', 'entry'],
    ['null', null, 'TypeError', 'entry'],
    ['a list', [], 'TypeError', 'entry'],
    ['a string', 'x', 'TypeError', 'entry'],
    ['no model', { inputTokens: 1, outputTokens: 1 }, 'TypeError', 'model'],
    ['no input', { model: 'm', outputTokens: 1 }, 'TypeError', 'inputTokens'],
    ['no output', { model: 'm', inputTokens: 1 }, 'TypeError', 'outputTokens'],
    ['an empty model', { ...least, model: ' ' }, 'RangeError', 'model'],
    ['a long model', { ...least, model: 'm'.repeat(201) }, 'RangeError', 'model'],
    ['a numeric model', { ...least, model: 5 }, 'TypeError', 'model'],
    ['negative tokens', { ...least, inputTokens: -1 }, 'RangeError', 'inputTokens'],
    ['fractional tokens', { ...least, outputTokens: 1.5 }, 'RangeError', 'outputTokens'],
    ['no number of tokens', { ...least, outputTokens: NaN }, 'RangeError', 'outputTokens'],
    ['endless tokens', { ...least, outputTokens: Infinity }, 'RangeError', 'outputTokens'],
    ['absurd tokens', { ...least, outputTokens: 1e12 + 1 }, 'RangeError', 'outputTokens'],
    ['tokens as text', { ...least, outputTokens: '10' }, 'TypeError', 'outputTokens'],
    ['tokens as null', { ...least, cacheReadInputTokens: null }, 'TypeError', 'cacheReadInputTokens'],
    ['input without its cache', { ...least, cacheReadInputTokens: 101 }, 'RangeError', 'inputTokens'],
    [
      'a part above its whole',
      { ...least, cacheCreation1hInputTokens: 1 },
      'RangeError',
      'cacheCreation1hInputTokens',
    ],
    ['a negative cost', { ...least, costUsd: -0.1 }, 'RangeError', 'costUsd'],
    ['no number of dollars', { ...least, costUsd: NaN }, 'RangeError', 'costUsd'],
    ['an early time', { ...least, time: Date.UTC(1999, 11, 31) }, 'RangeError', 'time'],
    ['a time in seconds', { ...least, time: now / 1000 }, 'RangeError', 'time'],
    ['a time to come', { ...least, time: now + 2 * 86_400_000 }, 'RangeError', 'time'],
    ['an invalid date', { ...least, time: new Date(NaN) }, 'RangeError', 'time'],
    ['a time as text', { ...least, time: '2026-11-24' }, 'TypeError', 'time'],
    ['an empty id', { ...least, id: '' }, 'RangeError', 'id'],
    ['a long project', { ...least, project: 'p'.repeat(1_001) }, 'RangeError', 'project'],
    ['a flag as text', { ...least, fast: 'yes' }, 'TypeError', 'fast'],
    ['a misspelt field', { ...least, cacheReadTokens: 5 }, 'TypeError', 'cacheReadTokens'],
    ['nested metadata', { ...least, metadata: { a: { b: 1 } } }, 'TypeError', 'metadata.a'],
    ['metadata as list', { ...least, metadata: [1] }, 'TypeError', 'metadata'],
    ['much metadata', { ...least, metadata: { a: 'x'.repeat(5_000) } }, 'RangeError', 'metadata'],
    [
      'many metadata fields',
      { ...least, metadata: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`f${index}`, 1])) },
      'RangeError',
      'metadata',
    ],
  ];
  for (const [what, value, name, field] of wrong) {
    it(`refuses ${what}, naming ${field}`, () => {
      assert.throws(
        () => checkEntry(value, now),
        (error: Error) => error.name === name && error.message.startsWith(`${field} `),
      );
    });
  }

  it('takes the least and the most that an entry can say', () => {
    assert.deepEqual(checkEntry(least, now), least);
    const most = {
      ...least,
      inputTokens: 1e12,
      cacheReadInputTokens: 5,
      cacheCreationInputTokens: 7,
      cacheCreation1hInputTokens: 3,
      webSearchRequests: 2,
      providerName: 'anthropic',
      costUsd: 0.25,
      time: new Date(now),
      id: 'msg_1',
      conversationId: 'c',
      project: '',
      branch: '',
      user: 'grace',
      source: 'my.extension',
      fast: true,
      usOnly: true,
      metadata: { attempt: 1, kind: 'chat', cached: false, parent: null },
    };
    assert.deepEqual(checkEntry(most, now), most);
  });

  it('takes an undefined field for an absent one', () => {
    assert.deepEqual(checkEntry({ ...least, costUsd: undefined }, now), least);
  });

  it('is not affected by what the caller does to its object afterwards', () => {
    const metadata = { a: 1 };
    const mine = { ...least, metadata };
    const checked = checkEntry(mine, now);
    mine.inputTokens = 5;
    metadata.a = 2;
    assert.deepEqual(checked, { ...least, metadata: { a: 1 } });
  });

  it('never shows a value in its message', () => {
    assert.throws(
      () => checkEntry({ ...least, project: 'secret'.repeat(1_000) }, now),
      (error: Error) => !error.message.includes('secret'),
    );
  });
});

describe('completing a recorded entry', () => {
  it('fills in what the entry does not say', () => {
    const record = completeEntry(checkEntry(least, now), context);
    assert.deepEqual(record, {
      key: 'api:made-up',
      requestId: '',
      sidechain: false,
      epochMs: now,
      tokens: { input: 100, output: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearches: 0 },
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      project: '/work/project',
      branch: 'main',
      source: 'api',
      user: 'ada',
      host: 'machine',
      fast: false,
      usOnly: false,
      reportedCost: null,
      unfinished: false,
      contentCharacters: 0,
      origin: { path: '1-2-3', beganEpochMs: 2, session: '1-2-3' },
    });
  });

  it('parts overlapping counts: input is what neither came from nor went to a cache', () => {
    const { tokens } = completeEntry(
      checkEntry(
        {
          ...least,
          inputTokens: 1_000,
          cacheReadInputTokens: 600,
          cacheCreationInputTokens: 300,
          cacheCreation1hInputTokens: 200,
        },
        now,
      ),
      context,
    );
    assert.deepEqual(tokens, {
      input: 100,
      output: 10,
      cacheRead: 600,
      cacheWrite5m: 100,
      cacheWrite1h: 200,
      webSearches: 0,
    });
  });

  it('makes no negative zeros', () => {
    const { tokens } = completeEntry(
      checkEntry({ ...least, inputTokens: -0, outputTokens: -0 }, now),
      context,
    );
    assert.ok(Object.values(tokens).every((count) => !Object.is(count, -0)));
  });

  it('keeps the cost that was stated, in whole nano-dollars', () => {
    const record = completeEntry(checkEntry({ ...least, costUsd: 0.1 + 0.2 }, now), context);
    assert.equal(record.reportedCost, 300_000_000);
  });

  it('keeps ids of callers apart from those of transcripts', () => {
    assert.equal(completeEntry(checkEntry({ ...least, id: 'msg_1' }, now), context).key, 'api:msg_1');
  });

  it('gets its price without losing a field', () => {
    const record = completeEntry(checkEntry(least, now), context);
    const price = {
      cost: 1,
      assumed: false,
      missingOutputTokens: 0,
      missingCost: 0,
      cacheReadSaved: 0,
      cacheWriteExtra: 0,
    };
    assert.deepEqual(withPrice(record, price), { ...record, price });
  });

  it('leaves the provider open when the name does not tell', () => {
    assert.equal(completeEntry(checkEntry({ ...least, model: 'my-own' }, now), context).provider, '');
  });
});
