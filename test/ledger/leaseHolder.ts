// Started by lease.test.ts as a process (or thread) of its own: holds, competes for, or waits for a lease.
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { LedgerError } from '../../src/model/errors';
import type { Lease } from '../../src/ledger/lease';
import { LeaseWaiter } from '../../src/ledger/leaseWaiter';

export interface HolderOrder {
  readonly mode: 'hold' | 'contend';
  readonly name: string;
  readonly folder: string;
  /** Every write is a line in this file, appended in one system call directly after `check()`. */
  readonly audit: string;
  readonly staleMs?: number;
  readonly updateMs?: number;
  readonly pollMs?: number;
}

export type HolderReport =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'leading'; readonly epoch: number }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'released' };

function report(what: HolderReport): void {
  if (parentPort === null) process.send?.(what);
  else parentPort.postMessage(what);
}

async function hold(order: HolderOrder): Promise<void> {
  const waiter = new LeaseWaiter({
    ...order,
    onLost: (error) => report({ kind: 'lost', reason: error.reason }),
  });
  const onOrder = (message: unknown): void => {
    if (message === 'nudge') waiter.nudge();
    if (message === 'release') void lease?.release().then(() => report({ kind: 'released' }));
    if (message === 'exit') process.exit(0);
  };
  let lease: Lease | null = null;
  process.on('message', onOrder);
  parentPort?.on('message', onOrder);
  report({ kind: 'waiting' });
  lease = await waiter.lease;
  if (lease === null) return;
  report({ kind: 'leading', epoch: lease.epoch });
  // A ledger that writes all the time.
  const writer = setInterval(() => {
    try {
      lease.check();
      appendFileSync(order.audit, `write ${order.name}\n`);
    } catch (error) {
      clearInterval(writer);
      if (lease.held) throw error;
      report({ kind: 'refused', reason: LedgerError.is(error) ? error.reason : 'unexpected' });
    }
  }, 15);
}

async function contend(order: HolderOrder): Promise<never> {
  process.on('disconnect', () => process.exit(0));
  for (;;) {
    const lease = await new LeaseWaiter({ ...order, onLost: () => undefined }).lease;
    if (lease === null) continue;
    try {
      lease.check();
      appendFileSync(order.audit, `enter ${order.name} ${lease.epoch}\n`);
      report({ kind: 'leading', epoch: lease.epoch });
      for (let i = 0; i < 5; i++) {
        await pause(10 + Math.random() * 20);
        lease.check();
        appendFileSync(order.audit, `write ${order.name}\n`);
      }
      lease.check();
      appendFileSync(order.audit, `leave ${order.name}\n`);
    } catch (error) {
      if (!LedgerError.is(error, 'lease-lost')) throw error;
    }
    await lease.release();
    await pause(100 + Math.random() * 200);
  }
}

const order = (parentPort === null ? JSON.parse(process.argv[2]!) : workerData) as HolderOrder;
if (order.mode === 'hold') void hold(order);
else void contend(order);
