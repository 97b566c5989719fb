// One cold scan into a ledger on the disk, as a process of its own: what it took since the process began, and what it
// needed at most. Started by cold.ts with the Claude config folder and the folder to keep the ledger in.
import { engineStart } from '../test/engine/engineFixture';
import { Leader } from '../src/engine/leader';
import { totalTokens } from '../src/model/measures';

export interface ColdScan {
  /** Since the process began, until the ledger was on the disk. */
  readonly durationMs: number;
  readonly peakBytes: number;
  readonly messages: number;
  readonly tokens: number;
  readonly bytesRead: number;
}

async function main([root, storageFolder]: readonly string[]): Promise<ColdScan> {
  if (root === undefined || storageFolder === undefined) throw new Error('two folders are needed');
  const start = engineStart([root], { storageFolder, background: false });
  const leader = await Leader.open({ start, lease: null, tell: () => undefined, log: () => undefined });
  const { periods, scan } = await leader.calls.refresh(null);
  await leader.stop();
  return {
    durationMs: performance.now(),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    messages: periods.allTime.total.messages,
    tokens: totalTokens(periods.allTime.total),
    bytesRead: scan.bytesRead,
  };
}

main(process.argv.slice(2)).then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
