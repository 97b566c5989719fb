import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptModule } from './scriptModule';

interface Line {
  readonly timestamp: string;
  readonly cwd: string;
  readonly isSidechain: boolean;
  readonly message: { readonly id?: string; readonly model?: string; readonly usage?: object };
}

/** A few minutes into an hour, so that a session is in full swing. */
const nowEpochMs = Date.UTC(2026, 10, 24, 9, 11);
const hourMs = 3_600_000;

describe('the made-up transcripts', () => {
  let write: (root: string, options: { nowEpochMs: number; days?: number }) => { files: number };
  let root: string;

  before(async () => {
    const module = await scriptModule<{ writeSampleTranscripts: typeof write }>('sampleTranscripts.mjs');
    write = module.writeSampleTranscripts;
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ul-sample-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function texts(folder = root): Map<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return new Map(
      names
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  }

  function lines(): Line[] {
    return [...texts().values()].flatMap((text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
  }

  it('have three projects, three models, subagents, and streamed copies of a message', () => {
    write(root, { nowEpochMs });
    const all = lines();
    const responses = all.filter((line) => line.message.usage !== undefined);
    assert.equal(new Set(all.map((line) => line.cwd)).size, 3);
    assert.equal(new Set(responses.map((line) => line.message.model)).size, 3);
    assert.ok(all.some((line) => line.isSidechain));
    assert.ok(new Set(responses.map((line) => line.message.id)).size < responses.length);
  });

  it('reach from forty days ago to now and no further, with something in the last hours', () => {
    write(root, { nowEpochMs });
    const times = lines().map((line) => Date.parse(line.timestamp));
    assert.ok(times.every((time) => time <= nowEpochMs));
    assert.ok(Math.max(...times) > nowEpochMs - 2 * hourMs);
    assert.ok(Math.min(...times) < nowEpochMs - 35 * 24 * hourMs);
  });

  it('are the same sessions whenever they are made', () => {
    write(join(root, 'now'), { nowEpochMs });
    write(join(root, 'later'), { nowEpochMs: nowEpochMs + 5 * hourMs });
    const now = texts(join(root, 'now'));
    const old = [...texts(join(root, 'later'))].filter(
      ([, text]) =>
        Date.parse((JSON.parse(text.slice(0, text.indexOf('\n'))) as Line).timestamp) <= nowEpochMs,
    );
    assert.ok(old.length > 50);
    for (const [name] of old) assert.ok(now.has(name), name);
  });

  it('only grow when they are made again later: nothing counted before changes', () => {
    write(root, { nowEpochMs });
    const before = texts();
    write(root, { nowEpochMs: nowEpochMs + 5 * hourMs });
    const after = texts();
    for (const [name, text] of before) assert.ok(after.get(name)?.startsWith(text), name);
    assert.ok(lines().some((line) => Date.parse(line.timestamp) > nowEpochMs));
  });
});
