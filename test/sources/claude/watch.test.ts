import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { watchTranscripts } from '../../../src/sources/claude/watch';
import type { TranscriptWatch, WatchOptions } from '../../../src/sources/claude/watch';
import { TestFolder } from './transcriptFixtures';

type Batch = readonly string[] | null;

describe('watchTranscripts', function () {
  this.timeout(20_000);
  let folder: TestFolder;
  let watch: TranscriptWatch | undefined;
  let batches: Batch[] = [];
  beforeEach(() => {
    folder = new TestFolder();
    batches = [];
  });
  afterEach(async () => {
    await watch?.close();
    watch = undefined;
    folder.remove();
  });

  async function start(options: WatchOptions = {}, ...names: readonly string[]): Promise<void> {
    const roots = (names.length > 0 ? names : ['r']).map((name) => ({ path: folder.at(name) }));
    watch = watchTranscripts(roots, (paths) => void batches.push(paths), { batchMs: 20, ...options });
    await sleep(1);
  }

  async function until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > end) assert.fail(`still waiting; heard ${JSON.stringify(batches)}`);
      await sleep(10);
    }
  }
  const heardAll = (): boolean => batches.includes(null);
  const heard = (path: string): boolean => batches.some((batch) => batch?.includes(path) === true);

  /** Waits until the watches stand, which is told by a first "anything may have changed". */
  async function settled(): Promise<void> {
    await until(heardAll);
    await sleep(100);
    batches = [];
  }

  for (const recursive of [false, true]) {
    describe(recursive ? 'with one recursive watch' : 'with a watch for each folder', () => {
      it('tells which transcripts were written, together', async () => {
        folder.write({
          'r/projects/-a/s1.jsonl': '',
          'r/projects/-a/s2.jsonl': '',
          'r/projects/-a/x.txt': '',
        });
        await start({ recursive, batchMs: 200 });
        await settled();
        const paths = ['s1', 's2'].map((name) => folder.at('r', 'projects', '-a', `${name}.jsonl`));
        for (const path of [...paths, ...paths, folder.at('r', 'projects', '-a', 'x.txt')]) {
          appendFileSync(path, 'line\n');
        }
        await until(() => batches.length > 0);
        assert.deepEqual([...batches[0]!].sort(), paths);
        assert.equal(watch!.mode, 'events');
      });

      it('hears of new projects, sessions and subagents', async () => {
        folder.write({ 'r/projects/-a/s1.jsonl': '' });
        await start({ recursive });
        await settled();
        folder.write({ 'r/projects/-b/s2/subagents/agent-1.jsonl': '' });
        await until(heardAll);
        await sleep(300);
        const path = folder.at('r', 'projects', '-b', 's2', 'subagents', 'agent-1.jsonl');
        appendFileSync(path, 'line\n');
        await until(() => heard(path));
      });

      it('waits for a root that is missing, from whatever folder is there', async () => {
        await start({ recursive }, 'home/deep/r');
        await sleep(100);
        folder.write({ 'home/deep/r/projects/-a/s.jsonl': '' });
        await settled();
        const path = folder.at('home', 'deep', 'r', 'projects', '-a', 's.jsonl');
        appendFileSync(path, 'line\n');
        await until(() => heard(path));
      });

      it('finds a root again that was moved away and came back', async () => {
        folder.write({ 'r/projects/-a/s.jsonl': '' });
        await start({ recursive });
        await settled();
        renameSync(folder.at('r', 'projects'), folder.at('away'));
        await sleep(1000);
        batches = [];
        folder.write({ 'r/projects/-a/s.jsonl': 'new\n' });
        await settled();
        const path = folder.at('r', 'projects', '-a', 's.jsonl');
        appendFileSync(path, 'line\n');
        await until(() => heard(path));
      });

      it('names paths as they are reached from the root', async () => {
        folder.write({ 'real/projects/-a/s.jsonl': '' });
        symlinkSync(folder.at('real'), folder.at('r'));
        await start({ recursive });
        await settled();
        appendFileSync(folder.at('real', 'projects', '-a', 's.jsonl'), 'line\n');
        await until(() => heard(folder.at('r', 'projects', '-a', 's.jsonl')));
      });

      it('is silent when it is closed', async () => {
        folder.write({ 'r/projects/-a/s.jsonl': '' });
        await start({ recursive });
        await settled();
        appendFileSync(folder.at('r', 'projects', '-a', 's.jsonl'), 'line\n');
        await watch!.close();
        batches = [];
        appendFileSync(folder.at('r', 'projects', '-a', 's.jsonl'), 'line\n');
        await sleep(200);
        assert.deepEqual([batches, watch!.mode], [[], 'off']);
      });
    });
  }

  it('watches folders, never files', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = inotifyWatches();
    folder.write(
      Object.fromEntries(
        Array.from({ length: 3000 }, (_, index) => [`r/projects/-p${index % 10}/s${index}.jsonl`, '{}\n']),
      ),
    );
    await start({ recursive: false });
    await settled();
    assert.equal(inotifyWatches() - before, 11);
    await watch!.close();
    assert.equal(inotifyWatches() - before, 0);
  });

  it('does not read a folder of many files again at each line that is written', async function () {
    if (process.platform !== 'linux') this.skip();
    const cost = async (files: number): Promise<number> => {
      const names = Array.from({ length: files }, (_, index) => `r${files}/projects/-p/s${index}.jsonl`);
      folder.write(Object.fromEntries(names.map((name) => [name, '{}\n'])));
      batches = [];
      await start({ recursive: false }, `r${files}`);
      await settled();
      const from = process.cpuUsage();
      for (let line = 0; line < 40; line++) {
        appendFileSync(folder.at(names[0]!), '{}\n');
        await sleep(10);
      }
      const { user, system } = process.cpuUsage(from);
      await watch!.close();
      return user + system;
    };
    await cost(10);
    const [few, many] = [await cost(10), await cost(2000)];
    assert.ok(many < few * 8, `${few} us of CPU with 10 files, ${many} us with 2000`);
  });

  it('polls, and says so, where the system has no watches left', async function () {
    if (process.platform !== 'linux') this.skip();
    folder.write({ 'r/projects/-a/s.jsonl': '' });
    const program = folder.at('watcher.cjs');
    writeFileSync(folder.at('entry.ts'), starvedProgram(join(process.cwd(), 'src/sources/claude/watch')));
    buildSync({
      entryPoints: [folder.at('entry.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      nodePaths: ['node_modules'],
    });
    const child = spawn('/bin/sh', [
      '-c',
      `ulimit -n 64; exec "$0" "$1" "$2"`,
      process.execPath,
      program,
      folder.at('r'),
    ]);
    let [out, errors] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    await new Promise((resolve) => child.on('close', resolve));
    assert.match(out, /^polling EMFILE: .*\npolling false\noff\n$/, errors);
  });

  it('has no watch at all without roots', async () => {
    watch = watchTranscripts([], (paths) => batches.push(paths));
    await sleep(50);
    assert.deepEqual([watch.mode, batches], ['events', []]);
  });
});

/** A process that has used up its file handles before it starts to watch. */
function starvedProgram(module: string): string {
  return `
    import { openSync } from 'node:fs';
    import { watchTranscripts } from ${JSON.stringify(module)};
    try { for (;;) openSync('/dev/null', 'r'); } catch { /* none left */ }
    const watch = watchTranscripts([{ path: process.argv[2]! }], () => undefined, { onPolling: (reason) => {
      console.log('polling', reason);
      setImmediate(() => {
        console.log(watch.mode, watch.tellsAll);
        void watch.close().then(() => { console.log(watch.mode); process.exit(0); });
      });
    } });
    setTimeout(() => process.exit(1), 8000);
  `;
}

function inotifyWatches(): number {
  let count = 0;
  for (const name of readdirSync('/proc/self/fdinfo')) {
    try {
      count += readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').match(/^inotify/gm)?.length ?? 0;
    } catch {
      // The handle of this very listing is closed by now.
    }
  }
  return count;
}
