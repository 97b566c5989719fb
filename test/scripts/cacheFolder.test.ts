import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './scriptModule';

describe('a folder in the shared cache', () => {
  let cache: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'ul-cache-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(cache, { recursive: true });
  });

  /** A process that makes the folder `thing`: notes that it began, takes its time, leaves `whole`. */
  function maker(takesMs: number): ChildProcess {
    const module = pathToFileURL(join(projectRoot, 'scripts/vscode/cacheFolder.mjs')).href;
    const code = `
      import { appendFileSync, writeFileSync } from 'node:fs';
      import { cachedFolder } from ${JSON.stringify(module)};
      await cachedFolder('thing', async (folder) => {
        writeFileSync(folder + '/half', '');
        appendFileSync(process.env.USAGE_LEDGER_CACHE + '/begun', 'x');
        await new Promise((resolve) => setTimeout(resolve, ${takesMs}));
        writeFileSync(folder + '/whole', '');
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      env: { ...process.env, USAGE_LEDGER_CACHE: cache },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    children.push(child);
    return child;
  }

  async function exitCode(child: ChildProcess): Promise<unknown> {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const begun = (): string =>
    existsSync(join(cache, 'begun')) ? readFileSync(join(cache, 'begun'), 'utf8') : '';

  it('is made once by two processes that want it at the same time', async () => {
    const codes = await Promise.all([exitCode(maker(300)), exitCode(maker(300))]);
    assert.deepEqual(codes, [0, 0]);
    assert.equal(begun(), 'x');
    assert.deepEqual(readdirSync(join(cache, 'thing')).sort(), ['half', 'whole']);
  });

  it('is never there half made: after a kill it is absent, and the next process makes it whole', async () => {
    const killed = maker(60_000);
    await until(() => begun() === 'x');
    killed.kill('SIGKILL');
    await exitCode(killed);
    assert.equal(existsSync(join(cache, 'thing')), false);
    assert.equal(await exitCode(maker(0)), 0);
    assert.ok(existsSync(join(cache, 'thing', 'whole')));
  });

  it('is not waited for when the lock belongs to a process that is no more', async () => {
    const gone = spawn(process.execPath, ['--eval', '']);
    await once(gone, 'exit');
    writeFileSync(join(cache, 'thing.lock'), String(gone.pid));
    assert.equal(await exitCode(maker(0)), 0);
    assert.deepEqual(
      readdirSync(cache).filter((name) => name.endsWith('.lock')),
      [],
    );
  });
});
