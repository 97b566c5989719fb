import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode, LedgerError } from '../../src/model/errors';
import type { FileSystem } from '../../src/ledger/fileSystem';
import type { Ledger } from '../../src/ledger/ledger';
import { faultyFileSystem, systemError } from './faultyFileSystem';
import { openLedger, removeFolder, temporaryFolder, wasmPath } from './fixtures';
import { chance, said, type Said, tangledRecords } from './scenario';

const seed = 7;
const count = 300;
const rounds = Number(process.env['LEDGER_CRASH_ROUNDS'] ?? 200);

/** What an undisturbed run says. */
async function undisturbed(records = tangledRecords(count, seed)): Promise<Said> {
  const ledger = await openLedger(null);
  ledger.fold(records);
  const expected = await said(ledger);
  await ledger.close();
  return expected;
}

/** Reads on where the cursor says, as the next scan would. */
async function finish(ledger: Ledger, records: ReturnType<typeof tangledRecords>): Promise<Said> {
  const at = (ledger.cursor('/scan') as { at: number } | undefined)?.at ?? 0;
  ledger.fold(records.slice(at));
  return said(ledger);
}

/** A scan with a checkpoint after every 40 records, until it dies. */
async function scan(
  place: string,
  fs: FileSystem,
  records: ReturnType<typeof tangledRecords>,
): Promise<void> {
  let ledger: Ledger | null = null;
  try {
    ledger = await openLedger(place, { fs, maxOpenMonths: 1 });
    for (let at = 0; at < records.length; at += 40) {
      ledger.fold(records.slice(at, at + 40));
      ledger.putCursor('/scan', { at: Math.min(records.length, at + 40) });
      if (!(await ledger.checkpoint()).complete) break;
    }
  } catch (error) {
    // It died while it opened or recovered, which is what the tests are about.
    if (errorCode(error) !== 'EKILLED' && !LedgerError.is(error)) throw error;
  }
  await ledger?.close();
}

describe('ledger after a crash', function () {
  this.timeout(900_000);
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  for (const manner of ['stops before the step', 'tears the write'] as const)
    it(`goes on as if nothing had happened, whatever step the process ${manner}`, async () => {
      const records = tangledRecords(120, seed);
      const expected = await undisturbed(records);
      const undying = faultyFileSystem(() => undefined);
      const whole = join(folder, 'whole');
      await scan(whole, undying, records);
      let dead = 0;
      for (const { number: dieAt, operation: last } of undying.steps) {
        if (manner === 'tears the write' && last !== 'write') continue;
        const place = join(folder, String(dieAt));
        const fs = faultyFileSystem(({ number, operation }) => {
          if (number < dieAt) return undefined;
          const error = systemError('EKILLED');
          if (number === dieAt && operation === 'write' && manner === 'tears the write')
            return { half: true, error };
          throw error;
        });
        await scan(place, fs, records);
        assert.ok(fs.steps.length >= dieAt);
        dead++;

        const again = await openLedger(place);
        assert.deepEqual(again.verify(), [], `step ${dieAt}`);
        assert.deepEqual(again.health().recoveries, [], `step ${dieAt}`);
        assert.deepEqual(await finish(again, records), expected, `step ${dieAt}`);
        assert.deepEqual(again.verify(), [], `step ${dieAt}`);
        assert.equal((await again.checkpoint()).complete, true);
        await again.close();
        assert.deepEqual(
          readdirSync(place).filter((name) => name.endsWith('.tmp')),
          [],
          'temporary files are swept',
        );
        removeFolder(place);
      }
      assert.ok(dead > 20, `${dead} steps`);
      console.log(`      ${dead} points of death`);
    });

  it(`has the totals of an undisturbed run after ${rounds} SIGKILLs of a real process`, async function () {
    if (process.platform === 'win32') this.skip();
    const records = tangledRecords(count, seed);
    const expected = await undisturbed();
    const lanes = 4;
    const killed = await Promise.all(
      Array.from({ length: lanes }, (_, lane) => killLane(join(folder, String(lane)), lane, rounds / lanes)),
    );
    async function killLane(place: string, lane: number, kills: number): Promise<number> {
      const next = chance(lane + 1);
      let life = 0;
      /** What the life before has left behind. */
      let left: string | null = null;
      for (let kill = 0; kill < kills; life++) {
        const run = join(place, String(life));
        if (left !== null) cpSync(left, run, { recursive: true });
        const byStep = next(2) === 0;
        const died = await runChild(run, byStep ? 1 + next(60) : 0, byStep ? null : next(40));
        if (died) kill++;
        // Every third time the reader comes at once; a copy, so that the next life starts from what was left.
        if (kill % 3 === 0) {
          const copy = join(place, 'copy');
          cpSync(run, copy, { recursive: true });
          const ledger = await openLedger(copy);
          assert.deepEqual(ledger.verify(), []);
          assert.deepEqual(await finish(ledger, records), expected);
          await ledger.close();
          removeFolder(copy);
        }
        if (left !== null) removeFolder(left);
        // After a run that came to its end all begins anew, so that there is always something to break.
        left = died ? run : null;
        if (!died) removeFolder(run);
      }
      return kills;
    }
    assert.equal(
      killed.reduce((sum, kills) => sum + kills, 0),
      rounds,
    );
  });
});

/** True if the process was killed, false if it came to its end; throws if it found anything wrong. */
function runChild(folder: string, dieAt: number, killAfterMs: number | null): Promise<boolean> {
  const args = [
    // Half of such a short life would go into making SQLite's code faster.
    '--liftoff-only',
    join(__dirname, 'crashChild.js'),
    '--folder',
    folder,
    '--wasm',
    resolve(wasmPath),
    '--seed',
    String(seed),
    '--records',
    String(count),
    '--die-at',
    String(dieAt),
  ];
  return new Promise((accept, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (text) => (errors += String(text)));
    // It says when it has opened the ledger: from then on there is work to interrupt.
    child.stdout.once('data', () => {
      if (killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') accept(true);
      else if (code === 0) accept(false);
      else reject(new Error(`the child ended with ${String(code)}: ${errors}`));
    });
  });
}
