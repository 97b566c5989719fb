import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { Lookout } from '../../src/engine/lookout';
import { ScanHealthKeeper } from '../../src/engine/scanHealth';
import { findRoots, type Root } from '../../src/sources/claude/locate';
import { TestFolder } from '../sources/claude/transcriptFixtures';

describe('the lookout', function () {
  this.timeout(30_000);
  let folder: TestFolder;
  let lookout: Lookout;
  let health: ScanHealthKeeper;
  let ceilings: number[];
  let log: string[];
  let roots: readonly Root[];
  let changes: number;

  beforeEach(() => {
    folder = new TestFolder();
    health = new ScanHealthKeeper(true);
    [ceilings, log, changes] = [[], [], 0];
    folder.write({ 'r/projects/-a/s.jsonl': '{}\n', 'elsewhere/none': '' });
    roots = findRoots(
      { home: '/nowhere', claudeConfigDir: undefined, xdgConfigHome: undefined },
      [],
      [folder.at('r')],
    );
    lookout = new Lookout({
      health,
      aggregator: { setCeiling: (ms) => ceilings.push(ms) },
      log: (level, message, data) => log.push(`${level} ${message} ${JSON.stringify(data)}`),
      onChange: () => changes++,
    });
  });
  afterEach(async () => {
    await lookout.close();
    folder.remove();
  });

  const transcript = (): string => folder.at('r', 'projects', '-a', 's.jsonl');
  const otherName = (): string => folder.at('elsewhere', 's.jsonl');

  /** Watches, and waits until that is known to tell of everything; false: this system does not. */
  async function watch(): Promise<boolean> {
    lookout.watch(roots);
    for (const end = Date.now() + 5_000; changes === 0 && Date.now() < end;) await wait(10);
    await wait(200);
    await lookout.list(roots);
    await lookout.list(roots);
    return process.platform === 'linux' && health.watcher === 'events';
  }

  /** Under another name, in a folder that nobody watches: the system tells nothing of it. */
  function writeUntold(size: number): void {
    appendFileSync(otherName(), '{}\n'.repeat(size));
    const aWhileAgo = Date.now() / 1_000 - 10 - size;
    utimesSync(otherName(), aWhileAgo, aWhileAgo);
  }

  it('relies on what it is told after one change that it was not told of, and polls after a second', async function () {
    linkSync(transcript(), otherName());
    if (!(await watch())) this.skip();
    assert.deepEqual([health.watcher, health.watcherReason, ceilings], ['events', null, [Infinity]]);

    writeUntold(1);
    assert.equal((await lookout.list(roots)).untold.length, 1, 'nothing was told');
    assert.deepEqual([health.watcher, log], ['events', []], 'it may have been the clock');

    appendFileSync(transcript(), '{}\n');
    await wait(200);
    assert.deepEqual((await lookout.list(roots)).untold, [], 'that was told');
    assert.equal(health.watcher, 'events');

    writeUntold(2);
    await lookout.list(roots);
    assert.equal(health.watcher, 'polling');
    assert.match(health.watcherReason ?? '', /the system had told nothing/);
    assert.equal(ceilings.at(-1), 5_000, 'from now on it is looked every five seconds at least');
    assert.deepEqual(
      log.map((line) => line.split(' {')[0]),
      ['warn changes are found by polling from now on'],
    );

    writeUntold(3);
    await lookout.list(roots);
    assert.equal(log.length, 1, 'said once');
  });

  it('begins anew with other roots, and trusts the system again', async function () {
    linkSync(transcript(), otherName());
    if (!(await watch())) this.skip();
    for (const size of [1, 2]) {
      writeUntold(size);
      await lookout.list(roots);
    }
    assert.equal(health.watcher, 'polling');
    assert.ok(await watch());
    assert.deepEqual([health.watcher, health.watcherReason, ceilings.at(-1)], ['events', null, Infinity]);
    writeUntold(4);
    await lookout.list(roots);
    assert.equal(health.watcher, 'events', 'the misses of before do not count');
  });

  it('polls from the start on a file system that others write to as well', function () {
    // A real one, in a mount namespace of its own: FUSE answers what kind it is without a program behind it.
    const mayMount = spawnSync('unshare', ['-m', 'test', '-w', '/dev/fuse']).status === 0;
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !mayMount) this.skip();
    const projects = folder.at('network', 'projects');
    mkdirSync(projects, { recursive: true });
    const [entry, program] = [folder.at('entry.ts'), folder.at('program.cjs')];
    writeFileSync(entry, lookoutProgram(join(process.cwd(), 'src')));
    buildSync({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: 'node',
      nodePaths: ['node_modules'],
    });
    // The mount's owner is somebody else, so the kernel asks nobody.
    const options = 'fd=3,rootmode=40000,user_id=12345,group_id=12345';
    const script = `exec 3<>/dev/fuse; mount -i -t fuse none "$1" -o ${options} || exit 77; shift; exec "$@"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [
        '-m',
        'sh',
        '-c',
        script,
        'sh',
        projects,
        process.execPath,
        program,
        folder.at('network'),
        folder.at('r'),
      ],
      { encoding: 'utf8', timeout: 20_000 },
    );
    if (status === 77) this.skip();
    assert.equal(
      stdout,
      `${JSON.stringify({
        watcher: 'polling',
        reason: `${folder.at('network')} is on a file system that does not tell all changes (FUSE)`,
        ceilings: ['Infinity', '5000'],
        files: [transcript()],
      })}\n`,
      stderr,
    );
  });
});

/** Watches a root of each kind of file system, and says what has come of it and which transcripts are found. */
function lookoutProgram(source: string): string {
  return `
    import { Lookout } from ${JSON.stringify(join(source, 'engine', 'lookout'))};
    import { ScanHealthKeeper } from ${JSON.stringify(join(source, 'engine', 'scanHealth'))};
    import { findRoots } from ${JSON.stringify(join(source, 'sources', 'claude', 'locate'))};
    const environment = { home: '/nowhere', claudeConfigDir: undefined, xdgConfigHome: undefined };
    const roots = findRoots(environment, [], process.argv.slice(2));
    const health = new ScanHealthKeeper(true);
    const ceilings: string[] = [];
    const lookout = new Lookout({
      health,
      aggregator: { setCeiling: (ms) => ceilings.push(String(ms)) },
      log: () => undefined,
      onChange: () => undefined,
    });
    lookout.watch(roots);
    void lookout.list(roots).then(async ({ files }) => {
      const { watcher, watcherReason: reason } = health;
      console.log(JSON.stringify({ watcher, reason, ceilings, files: files.map(({ path }) => path) }));
      await lookout.close();
      process.exit(0);
    });
  `;
}
