import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerFolderOf } from '../../src/engine/storage';
import { chaos, type ChaosOptions, type ChaosResult } from './chaos';

/** The full run is `npm run test:chaos`, which sets these. */
const seconds = Number(process.env['USAGE_LEDGER_CHAOS_SECONDS'] ?? 14);
const seed = Number(process.env['USAGE_LEDGER_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const verbose = process.env['USAGE_LEDGER_CHAOS_LOG'] !== undefined;

function options(changes: Partial<ChaosOptions> = {}): ChaosOptions {
  return {
    seconds,
    windows: 10,
    seed,
    suspendMs: [5_500, 8_000],
    pauseBetweenKillsMs: [1_500, 4_500],
    pauseBetweenSuspensionsMs: [2_000, 6_000],
    aimedAtLeader: seconds > 60 ? 0.1 : 0.3,
    ...(verbose ? { log: (line: string) => console.log(`      ${line}`) } : {}),
    ...changes,
  };
}

function report(result: ChaosResult): void {
  const { takeoverMs, lost, wrong, differences, remains, failures, ...counts } = result;
  console.log(`      ${JSON.stringify(counts)}`);
  for (const [how, times] of Object.entries(takeoverMs)) {
    if (times.length === 0) continue;
    const sorted = [...times].sort((one, other) => one - other);
    const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1_000).toFixed(2);
    console.log(
      `      taken over after the leader was ${how}: ${sorted.length} times, ` +
        `median ${seconds(sorted[sorted.length >> 1])} s, longest ${seconds(sorted.at(-1))} s`,
    );
  }
  for (const [what, list] of Object.entries({ lost, wrong, differences, remains, failures }))
    if (list.length > 0) console.log(`      ${what}: ${list.slice(0, 20).join('\n        ')}`);
}

function assertNothingLostAndNothingTwice(result: ChaosResult): void {
  const { lost, wrong, differences, remains, failures } = result;
  assert.ok(result.acknowledged > 0 && result.takeovers > 0, 'there was chaos');
  assert.deepEqual(
    { lost, wrong, differences, remains, failures },
    { lost: [], wrong: [], differences: [], remains: [], failures: [] },
  );
}

describe('ten windows that are closed, killed and suspended at random', function () {
  this.timeout(seconds * 1_000 + 120_000);

  it('lose nothing that was acknowledged, count nothing twice and leave nothing behind', async () => {
    const result = await chaos(options());
    report(result);
    assertNothingLostAndNothingTwice(result);
  });
});

describe('two leaders at once', function () {
  this.timeout(seconds * 1_000 + 120_000);

  it('lose nothing and count nothing twice when the lock is deleted under a living leader', async () => {
    const result = await chaos(
      options({
        seconds: Math.max(7, seconds / 3),
        windows: 4,
        sabotage: (storage) => {
          rmSync(join(ledgerFolderOf(storage), 'lease.lock'), { recursive: true, force: true });
          return 'the lock was deleted';
        },
        pauseBetweenKillsMs: [3_000, 6_000],
        aimedAtLeader: 0.1,
      }),
    );
    report(result);
    assert.ok(result.sabotaged > 0);
    assertNothingLostAndNothingTwice(result);
  });
});
