import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { Checkpoints } from '../../src/engine/checkpoints';

/** Timers are precise to a millisecond, and may be early by as much. */
const slackMs = 2;

describe('checkpoints', function () {
  this.timeout(10_000);
  interface Save {
    readonly beganMs: number;
    endedMs: number;
  }
  let saves: Save[];
  let checkpoints: Checkpoints;

  function start(leastPauseMs: number, save: (number: number) => Promise<number>): void {
    saves = [];
    checkpoints = new Checkpoints(
      async () => {
        const own = { beganMs: performance.now(), endedMs: Infinity };
        saves.push(own);
        const bytes = await save(saves.length);
        own.endedMs = performance.now();
        return bytes;
      },
      () => undefined,
      leastPauseMs,
    );
  }

  async function untilSaved(count: number): Promise<void> {
    for (const end = Date.now() + 8_000; (saves[count - 1]?.endedMs ?? Infinity) === Infinity;) {
      assert.ok(Date.now() < end, `${saves.length} of ${count} saves`);
      await wait(2);
    }
  }

  const pauseBefore = (save: number): number => saves[save - 1]!.beganMs - saves[save - 2]!.endedMs;

  afterEach(() => checkpoints.stop());

  it('leave a pause after a save, also for what has come while it was under way', async () => {
    start(200, async (number) => {
      if (number < 3) checkpoints.schedule();
      await wait(50);
      return 0;
    });
    checkpoints.schedule();
    await untilSaved(3);
    for (const save of [2, 3]) assert.ok(pauseBefore(save) >= 150 - slackMs, `${pauseBefore(save)} ms`);
    await wait(400);
    assert.equal(saves.length, 3, 'nothing more has changed');
  });

  it('are the rarer, the more there is to write: 5 MB a minute', async () => {
    start(20, (number) => Promise.resolve(number === 1 ? 50_000 : 0));
    for (const save of [1, 2, 3]) {
      checkpoints.schedule();
      await untilSaved(save);
    }
    assert.ok(pauseBefore(2) >= 600 - slackMs, `${pauseBefore(2)} ms after 50 KB`);
    assert.ok(pauseBefore(3) < pauseBefore(2), `${pauseBefore(3)} ms after nothing`);
  });
});
