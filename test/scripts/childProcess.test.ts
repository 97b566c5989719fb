import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { scriptModule } from './scriptModule';

interface ChildProcessModule {
  spawnTree(command: string, args: readonly string[], options: object): ChildProcess;
  endTree(child: ChildProcess, graceMs?: number): Promise<void>;
  runQuietly(command: string, args: readonly string[], options?: object): Promise<{ stdout: string }>;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('processes that the scripts start', () => {
  let module: ChildProcessModule;

  before(async () => {
    module = await scriptModule<ChildProcessModule>('project/childProcess.mjs');
  });

  it('end with all their children, even with those that ignore a polite request', async function () {
    if (process.platform === 'win32') this.skip();
    const stubborn = `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)`;
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'inherit' })`;
    const child = module.spawnTree(process.execPath, ['-e', parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(child.stdout!, 'data')) as [Buffer];
    const grandchildPid = Number(String(printed));
    assert.ok(isAlive(grandchildPid));
    try {
      await module.endTree(child, 200);
      const deadline = performance.now() + 10_000;
      while (isAlive(grandchildPid) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(isAlive(grandchildPid), false);
    } finally {
      if (isAlive(grandchildPid)) process.kill(grandchildPid, 'SIGKILL');
    }
  });

  it('show their output in the error when they fail', async () => {
    const failing = module.runQuietly(process.execPath, [
      '-e',
      'console.error("the cause"); process.exit(3)',
    ]);
    await assert.rejects(failing, (error: Error & { reason?: string }) => {
      assert.equal(error.reason, 'exit-code');
      assert.match(error.message, /exit code 3\nthe cause/);
      return true;
    });
  });

  it('are ended when they take too long', async () => {
    const hanging = module.runQuietly(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutMs: 200,
    });
    await assert.rejects(hanging, { reason: 'timeout' });
  });
});
