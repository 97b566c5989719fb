import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long the engine's thread may be kept from answering. */
const sliceMs = 1;

/** Does work slice by slice and lets others have a turn in between; `check` may forbid to go on after each pause. */
export async function runInSlices(slices: Generator<void>, check: () => void): Promise<void> {
  let began = performance.now();
  while (slices.next().done !== true) {
    if (performance.now() - began < sliceMs) continue;
    await nextTurn();
    check();
    began = performance.now();
  }
}
