import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { extensions } from 'vscode';

/** What one window's clock has measured, by extension. */
export interface Activation {
  /** From the call until the extension is active: its code is loaded and `activate` has returned. */
  readonly activateMs: number;
  readonly endedEpochMs: number;
}

const settleMs = 2_000;
const calmTimers = 20;
/** A machine that does not come to rest is measured as it is. */
const patienceMs = 10_000;

/** Activates the extensions that its environment names, one after the other, once the window has come to rest. */
export function activate(): void {
  void measure();
}

async function measure(): Promise<void> {
  await wait(settleMs);
  const began = performance.now();
  for (let calm = 0; calm < calmTimers && performance.now() - began < patienceMs; calm++) {
    const asked = performance.now();
    await wait(20);
    if (performance.now() - asked > 25) calm = 0;
  }
  const found: Record<string, Activation> = {};
  for (const id of (process.env['USAGE_LEDGER_BENCH_ACTIVATE'] ?? '').split(',')) {
    const extension = extensions.getExtension(id);
    if (extension === undefined || extension.isActive) throw new Error(`${id} is not there to be activated`);
    const asked = performance.now();
    await extension.activate();
    found[id] = {
      activateMs: performance.now() - asked,
      endedEpochMs: performance.timeOrigin + performance.now(),
    };
    await wait(1_000);
  }
  writeFileSync(process.env['USAGE_LEDGER_BENCH_RESULT'] ?? '', JSON.stringify(found));
}
