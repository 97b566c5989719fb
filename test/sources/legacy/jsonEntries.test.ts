import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../../src/model/errors';
import {
  type JsonEntry,
  type JsonPath,
  type Look,
  readJsonEntries,
} from '../../../src/sources/legacy/jsonEntries';
import { temporaryFolder } from './fixtures';

describe('JSON read a piece at a time', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function read(text: string, look: (path: JsonPath) => Look): Promise<JsonEntry[]> {
    const path = join(folder, 'file.json');
    writeFileSync(path, text);
    const all: JsonEntry[] = [];
    for await (const { entries } of readJsonEntries(path, look)) all.push(...entries);
    return all;
  }

  const inside =
    (depth: number) =>
    (path: JsonPath): Look =>
      path.length < depth ? 'inside' : 'entry';

  it('hands over what lies at the asked depth, with its path, and single values on the way', async () => {
    const document = {
      a: { x: { n: 1.5 }, y: [true, null] },
      list: [{ z: 'ü' }, 7, [[]]],
      version: 3,
      e: {},
    };
    assert.deepEqual(await read(JSON.stringify(document), inside(2)), [
      { path: ['a', 'x'], value: { n: 1.5 } },
      { path: ['a', 'y'], value: [true, null] },
      { path: ['list', 0], value: { z: 'ü' } },
      { path: ['list', 1], value: 7 },
      { path: ['list', 2], value: [[]] },
      { path: ['version'], value: 3 },
    ]);
    assert.deepEqual(await read(JSON.stringify(document), inside(0)), [{ path: [], value: document }]);
  });

  it('passes over what is to be skipped, and goes on behind it', async () => {
    const look = (path: JsonPath): Look => (path[0] === 'b' ? 'skip' : inside(1)(path));
    const entries = await read('{"a":{"n":1},"b":[{"deep":[1,{"x":[]}]}],"c":[2]}', look);
    assert.deepEqual(entries, [
      { path: ['a'], value: { n: 1 } },
      { path: ['c'], value: [2] },
    ]);
  });

  it('says the same as JSON.parse wherever the pieces are cut, also within a character', async () => {
    const entry = { name: 'naïve “quote” 😀 \\ "', n: -1.25e-3, list: ['é'.repeat(50)] };
    const document = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`k${index}`, entry]));
    const entries = await read(`\uFEFF ${JSON.stringify(document, null, 1)}\n`, inside(1));
    assert.equal(entries.length, 3_000);
    for (const { value } of entries) assert.deepEqual(value, entry);
  });

  it('says so when the text is no JSON or breaks off, after what came before', async () => {
    const filler = Array.from({ length: 5_000 }, (_, index) => `"k${index}":{"a":${index}}`).join(',');
    for (const text of [`{${filler},"last":{"a`, `{${filler},oops}`, '', '{"a":1}}']) {
      const path = join(folder, 'file.json');
      writeFileSync(path, text);
      let count = 0;
      await assert.rejects(
        async () => {
          for await (const { entries } of readJsonEntries(path, inside(1))) count += entries.length;
        },
        (error) => LedgerError.is(error, 'corrupt'),
        text.slice(-10),
      );
      if (text.length > 100) assert.ok(count > 1_000, String(count));
    }
    await assert.rejects(
      async () => {
        const chunks = readJsonEntries(join(folder, 'none.json'), inside(1));
        await chunks.next();
      },
      (error) => LedgerError.is(error, 'not-found'),
    );
  });
});
