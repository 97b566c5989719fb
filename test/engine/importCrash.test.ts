import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '../ledger/fixtures';
import { chance, said, type Said } from '../ledger/scenario';
import { temporaryFolder, writeFiles, writeManySessions } from '../sources/legacy/fixtures';
import { wasmPath } from './engineFixture';

/** The full run is `npm run test:crash`, which sets this. */
const kills = Number(process.env['USAGE_LEDGER_CRASH_ROUNDS'] ?? 15);
const killsAnImport = 3;

interface Ended {
  /** null: it was killed. */
  readonly told: {
    readonly sessions: number;
    readonly problems: unknown[];
    readonly peakBytes: number;
  } | null;
  readonly ms: number;
}

function runImport(args: readonly string[], killAfterMs: number | null): Promise<Ended> {
  // Half of such a short life would go into making SQLite's code faster.
  const all = ['--liftoff-only', join(__dirname, 'importChild.js'), '--wasm', wasmPath, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    let begunMs = 0;
    child.stderr.on('data', (text) => (errors += String(text)));
    child.stdout.on('data', (text) => {
      output += String(text);
      if (begunMs > 0) return;
      begunMs = performance.now();
      if (killAfterMs !== null) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ms = performance.now() - begunMs;
      if (signal === 'SIGKILL') resolve({ told: null, ms });
      else if (code === 0) resolve({ told: JSON.parse(output.split('\n')[1] ?? '') as Ended['told'], ms });
      else reject(new Error(`the import ended with ${String(code)}: ${errors}`));
    });
  });
}

/** Sessions, days that tell more than they do, and months that tell more than those. */
function writeOldFiles(folder: string): void {
  writeManySessions(join(folder, 'usage.json'), 500);
  const users: Record<string, Record<string, unknown>> = {};
  for (const user of ['ada', 'bob', 'eve'])
    for (let day = 0; day < 40; day++) {
      const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
      (users[user] ??= {})[date] = {
        requests: 40 + day,
        tokens: 90_000 + day,
        cost: 3 + day / 100,
        models: ['o3'],
      };
    }
  writeFiles(folder, {
    'daily_usage.json': users,
    'monthly_usage.json': {
      bob: { '2025-01': { tokens: 9_000_000, cost: 500 }, '2025-02': { tokens: 1, cost: 1 } },
    },
    'partitioned/0/eve/2025-01/daily_2025-01-04.json': { tokens: 95_000, cost: 4 },
  });
}

async function readLedger(folder: string): Promise<Said> {
  const ledger = await openLedger(folder);
  assert.deepEqual(ledger.verify(), []);
  const all = await said(ledger);
  await ledger.close();
  return all;
}

describe('an import of old files that is killed', function () {
  this.timeout(60_000 + kills * 20_000);
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it(`has the totals of an undisturbed one when it is run again, after ${kills} kills`, async function () {
    if (process.platform === 'win32') this.skip();
    const place = (name: string): { args: string[]; old: string; ledger: string } => {
      const old = join(folder, name, 'old');
      const ledger = join(folder, name, 'ledger');
      writeOldFiles(old);
      return { args: ['--folder', old, '--ledger', ledger], old, ledger };
    };
    const whole = place('undisturbed');
    const { ms } = await runImport(whole.args, null);
    const expected = await readLedger(whole.ledger);
    assert.ok(expected.messages.length > 500);
    const next = chance(7);
    let killed = 0;
    for (let number = 0; killed < kills; number++) {
      const { args, old, ledger } = place(String(number));
      let ended: Ended = { told: null, ms: 0 };
      for (let life = 0; life < killsAnImport && ended.told === null; life++) {
        ended = await runImport(args, next(Math.ceil(ms)));
        if (ended.told === null) killed++;
      }
      if (ended.told === null) ended = await runImport(args, null);
      assert.deepEqual(ended.told?.problems, []);
      assert.deepEqual(await readLedger(ledger), expected, `import ${number}`);
      assert.deepEqual(readdirSync(old).sort(), [
        'daily_usage.json.legacy_backup',
        'monthly_usage.json.legacy_backup',
        'partitioned.legacy_backup',
        'usage.json.legacy_backup',
      ]);
      rmSync(join(folder, String(number)), { recursive: true });
    }
    console.log(`      ${killed} kills within ${Math.round(ms)} ms of import`);
  });

  it('takes no more memory for ten times the bytes', async () => {
    const peaks: number[] = [];
    for (const sessions of [12_000, 120_000]) {
      const old = join(folder, String(sessions));
      const bytes = writeManySessions(join(old, 'usage.json'), sessions);
      const { told } = await runImport(['--folder', old, '--dry-run'], null);
      assert.equal(told?.sessions, sessions);
      peaks.push(told.peakBytes);
      console.log(`      ${Math.round(bytes / 1e6)} MB: peak ${Math.round(told.peakBytes / 1e6)} MB`);
    }
    assert.ok(peaks[1]! < peaks[0]! * 1.4);
  });
});
