import assert from 'node:assert/strict';
import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { listTranscripts } from '../../../src/sources/claude/locate';
import { TranscriptTree } from '../../../src/sources/claude/tree';
import { TestFolder } from './transcriptFixtures';

describe('TranscriptTree', function () {
  this.timeout(30_000);
  let folder: TestFolder;
  let now: number;
  let tree: TranscriptTree;
  beforeEach(() => {
    folder = new TestFolder();
    now = Date.now();
    tree = new TranscriptTree(() => now);
  });
  afterEach(() => folder.remove());

  const roots = (...names: readonly string[]): { path: string }[] =>
    (names.length > 0 ? names : ['r']).map((name) => ({ path: folder.at(name) }));

  /** What the tree says, which must be what a listing from nothing says. */
  async function list(...names: readonly string[]): Promise<string[]> {
    const { files, problems } = await tree.list(roots(...names));
    const sorted = [...files].sort((one, other) => (one.path < other.path ? -1 : 1));
    assert.deepEqual({ files: sorted, problems }, await listTranscripts(roots(...names)));
    return sorted.map(({ path }) => path.slice(folder.path.length + 1).replaceAll('\\', '/'));
  }

  /** As if folders had been written long ago, and time had passed since. */
  function settle(name: string): void {
    for (const entry of readdirSync(folder.at(name), { withFileTypes: true, recursive: true }))
      if (entry.isDirectory()) utimesSync(join(entry.parentPath, entry.name), 1_000, 1_000);
    utimesSync(folder.at(name), 1_000, 1_000);
  }

  it('says the same as a listing from nothing, whatever happens to the tree', async () => {
    const names = ['-a/s1.jsonl', '-a/s2.jsonl', '-b/s3.jsonl', '-a/s1/subagents/agent-1.jsonl', '-c/x.txt'];
    const step = fc.record({
      what: fc.constantFrom('append', 'remove', 'rename', 'settle', 'link', 'hardLink', 'wait'),
      one: fc.constantFrom(...names),
      other: fc.constantFrom(...names, '-d/new.jsonl'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        rmSync(folder.at('r'), { recursive: true, force: true });
        tree = new TranscriptTree(() => now);
        folder.write(Object.fromEntries(names.map((name) => [`r/projects/${name}`, 'x'])));
        await list();
        for (const { what, one, other } of steps) {
          const [from, to] = [folder.at('r', 'projects', one), folder.at('r', 'projects', other)];
          mkdirSync(join(to, '..'), { recursive: true });
          mkdirSync(join(from, '..'), { recursive: true });
          const there = statSync(from, { throwIfNoEntry: false }) !== undefined;
          // A link that leads nowhere is in the way, too.
          const free = lstatSync(to, { throwIfNoEntry: false }) === undefined;
          if (what === 'append') appendFileSync(from, 'y');
          else if (what === 'wait') now += 3_000;
          else if (what === 'settle') {
            await list();
            settle('r/projects');
          } else if (what === 'remove') rmSync(from, { force: true });
          else if (what === 'rename' && there) renameSync(from, to);
          else if (what === 'link' && there && free) symlinkSync(from, to);
          else if (what === 'hardLink' && there && free) linkSync(from, to);
          await list();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('says whether the paths are those of the time before', async () => {
    folder.write({ 'r/projects/-a/s1.jsonl': '1', 'r/projects/-b/s2.jsonl': '2' });
    const same = async (): Promise<boolean> => (await tree.list(roots())).samePaths;
    assert.equal(await same(), false, 'there was no time before');
    assert.equal(await same(), true);
    appendFileSync(folder.at('r', 'projects', '-a', 's1.jsonl'), 'more');
    assert.equal(await same(), true, 'an append is no new path');
    renameSync(folder.at('r', 'projects', '-a', 's1.jsonl'), folder.at('r', 'projects', '-a', 's3.jsonl'));
    assert.equal(await same(), false);
    assert.equal(await same(), true);
    rmSync(folder.at('r', 'projects', '-b'), { recursive: true });
    assert.equal(await same(), false);
  });

  it('reads no folder again that has not changed, until it has been relied on for long', async () => {
    folder.write({ 'r/projects/-a/s1.jsonl': '1' });
    settle('r');
    assert.deepEqual(await list(), ['r/projects/-a/s1.jsonl']);
    // A file system that forgets to date its folders.
    folder.write({ 'r/projects/-a/s2.jsonl': '2' });
    settle('r');
    assert.equal((await tree.list(roots())).files.length, 1, 'the folder was not read');
    now += 601_000;
    assert.equal((await tree.list(roots())).files.length, 2);
  });

  it('reads a folder again that changed within the tick in which it was read', async () => {
    folder.write({ 'r/projects/-a/s1.jsonl': '1' });
    const { mtime } = statSync(folder.at('r', 'projects', '-a'));
    await list();
    folder.write({ 'r/projects/-a/s2.jsonl': '2' });
    utimesSync(folder.at('r', 'projects', '-a'), mtime, mtime);
    assert.equal((await list()).length, 2);
  });

  it('takes roots inside of one another, and missing ones, as they come', async () => {
    folder.write({ 'r/projects/-a/s1.jsonl': '1', 'r/projects/-a/projects/-b/s2.jsonl': '2' });
    for (const names of [
      ['r', 'missing', 'r/projects/-a'],
      ['r/projects/-a', 'r'],
    ]) {
      tree = new TranscriptTree(() => now);
      const { files } = await tree.list(roots(...names));
      assert.equal(files.length, 2);
    }
  });

  it('asks only about folders of which something was told, and those written to of late', async () => {
    const names = ['-a/s1.jsonl', '-b/s2.jsonl', '-c/s3.jsonl'].map((name) => `r/projects/${name}`);
    folder.write(Object.fromEntries(names.map((name) => [name, '1'])));
    const age = (name: string, seconds: number): void => utimesSync(folder.at(name), seconds, seconds);
    for (const name of [names[0]!, names[1]!]) age(name, 1_000);
    const sizes = async (allTold: boolean): Promise<number[]> =>
      (await tree.list(roots(), allTold)).files
        .map(({ path, size }) => [path, size] as const)
        .sort()
        .map(([, size]) => size);
    assert.deepEqual(await sizes(true), [1, 1, 1]);
    for (const name of names) appendFileSync(folder.at(name), '23');
    for (const name of [names[0]!, names[1]!]) age(name, 2_000);
    assert.deepEqual(await sizes(true), [1, 1, 3], 'nothing was told');
    tree.touch(folder.at(names[0]!));
    assert.deepEqual(await sizes(true), [3, 1, 3]);
    const { untold } = await tree.list(roots());
    assert.deepEqual(untold, [folder.at(names[1]!)]);
    assert.deepEqual(await sizes(true), [3, 3, 3]);
    for (const name of names) appendFileSync(folder.at(name), '45');
    tree.touch(null);
    assert.deepEqual(await sizes(true), [5, 5, 5], 'anything may have changed');
  });

  it('finds what came where something was told', async () => {
    folder.write({ 'r/projects/-a/s1.jsonl': '1', 'r/projects/-b/s2.jsonl': '2' });
    for (const name of ['-a/s1.jsonl', '-b/s2.jsonl'])
      utimesSync(folder.at('r/projects', name), 1_000, 1_000);
    await tree.list(roots(), true);
    folder.write({ 'r/projects/-a/s3.jsonl': '3' });
    tree.touch(folder.at('r', 'projects', '-a', 's3.jsonl'));
    const listing = await tree.list(roots(), true);
    assert.deepEqual([listing.files.length, listing.samePaths], [3, false]);
  });

  it('lets others have their turn while it walks a large tree', async () => {
    const names = Array.from({ length: 4_000 }, (_, index) => `r/projects/-p${index % 40}/s${index}.jsonl`);
    folder.write(Object.fromEntries(names.map((name) => [name, '{}'])));
    let turns = 0;
    let walking = true;
    const count = (): void => {
      turns++;
      if (walking) setImmediate(count);
    };
    setImmediate(count);
    const { files } = await tree.list(roots());
    walking = false;
    assert.equal(files.length, 4_000);
    assert.ok(turns >= 2, `${turns} turns`);
  });
});
