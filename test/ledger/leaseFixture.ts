import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerError } from '../../src/model/errors';
import { Lease, type LeaseOptions } from '../../src/ledger/lease';
import type { HolderOrder, HolderReport } from './leaseHolder';

const root = mkdtempSync(join(tmpdir(), 'usage-ledger-lease-'));
const children: ChildProcess[] = [];
const leases: Lease[] = [];
let folders = 0;

export function newFolder(): string {
  return join(root, `ledger-${++folders}`);
}
export const lockOf = (folder: string): string => join(folder, 'lease.lock');
export const isLost = (error: unknown): boolean => LedgerError.is(error, 'lease-lost');

export async function tryAcquire(folder: string, options: Partial<LeaseOptions> = {}): Promise<Lease | null> {
  const lease = await Lease.acquire({ folder, onLost: () => undefined, ...options });
  if (lease !== null) leases.push(lease);
  return lease;
}

export async function acquire(folder: string, options: Partial<LeaseOptions> = {}): Promise<Lease> {
  const lease = await tryAcquire(folder, options);
  assert.ok(lease !== null, 'the lease was free');
  return lease;
}

/** A process of its own, and what it has reported. */
export class Holder {
  readonly child: ChildProcess;
  readonly reports: HolderReport[] = [];
  readonly #heard = new Set<() => void>();

  constructor(order: HolderOrder) {
    this.child = fork(join(__dirname, 'leaseHolder.js'), [JSON.stringify(order)]);
    children.push(this.child);
    this.child.on('message', (report) => {
      this.reports.push(report as HolderReport);
      for (const wake of this.#heard) wake();
    });
  }

  async hears(kind: HolderReport['kind']): Promise<HolderReport> {
    for (;;) {
      const report = this.reports.find((each) => each.kind === kind);
      if (report !== undefined) return report;
      if (this.child.exitCode !== null) throw new Error(`a holder ended with ${this.child.exitCode}`);
      await new Promise<void>((resolve) => this.#heard.add(resolve));
    }
  }
  hearsNot(kind: HolderReport['kind']): boolean {
    return !this.reports.some((report) => report.kind === kind);
  }
}

export function audit(folder: string): string[] {
  const path = `${folder}.audit`;
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/** Two processes: the first leads, the second waits. */
export async function leaderAndWaiter(
  order: Pick<HolderOrder, 'staleMs' | 'updateMs' | 'pollMs'>,
): Promise<{ folder: string; leader: Holder; waiter: Holder }> {
  const folder = newFolder();
  const common = { mode: 'hold', folder, audit: `${folder}.audit`, ...order } as const;
  const leader = new Holder({ ...common, name: 'first' });
  await leader.hears('leading');
  const waiter = new Holder({ ...common, name: 'second' });
  await waiter.hears('waiting');
  await pause(300);
  assert.ok(waiter.hearsNot('leading'));
  return { folder, leader, waiter };
}

/** What the tests of a file have left: folders, processes. */
export function removeLeases(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
}

/** Gives back what a test still holds. */
export async function releaseLeases(): Promise<void> {
  await Promise.all(leases.splice(0).map((lease) => lease.release()));
}
