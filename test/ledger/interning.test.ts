import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Interning } from '../../src/ledger/interning';

describe('interned origins', () => {
  const origin = (index: number): { path: string; session: string; beganEpochMs: number } => ({
    path: `/projects/p/${index}.jsonl`,
    session: `session-${index}`,
    beganEpochMs: index,
  });

  it('are one object for equal ones as long as anybody has it, and take no room afterwards', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = async (): Promise<number> => {
      // Twice: what is gone is told in a turn of its own, and leaves its name behind.
      for (let round = 0; round < 2; round++) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return process.memoryUsage().heapUsed;
    };
    const interning = new Interning();
    const kept = interning.origin(origin(0));
    const before = await heap();
    for (let index = 1; index <= 50_000; index++) {
      interning.origin(origin(index));
      // Otherwise all of them live until the end of the turn.
      if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = (await heap()) - before;
    assert.ok(grown < 2e6, `${grown} bytes more`);
    assert.equal(interning.origin(origin(0)), kept);
    assert.equal(interning.origin(origin(7)), interning.origin(origin(7)));
  });
});
