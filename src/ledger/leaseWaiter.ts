import { defaultStaleMs, Lease, leaseLockPath, type LeaseOptions } from './lease';
import { lockedForMs } from './leaseLock';

export interface LeaseWaiterOptions extends LeaseOptions {
  /** Pause between two looks at the lock while somebody leads. */
  readonly pollMs?: number;
  /** The same after a nudge, until a dead leader's lease must have run out. */
  readonly hurryMs?: number;
}

/**
 * Waits for leadership at almost no cost: one look at the lock's time every few seconds, and a try to take it only once
 * it is free or its holder has given no sign of life for too long. Whoever hears that the leader is gone
 * (its socket closed) calls `nudge`, and the waiting becomes eager for as long as a lease can outlive its holder.
 */
export class LeaseWaiter {
  /** The lease; null after `cancel`. Rejects with what `Lease.acquire` throws. */
  readonly lease: Promise<Lease | null>;
  readonly #options: LeaseWaiterOptions;
  #wake: () => void = () => undefined;
  #cancelled = false;
  #nudged = false;
  #hurryUntilMs = 0;

  constructor(options: LeaseWaiterOptions) {
    this.#options = options;
    this.lease = this.#run();
  }

  nudge(): void {
    const { staleMs = defaultStaleMs } = this.#options;
    this.#hurryUntilMs = performance.now() + staleMs + 2_000;
    this.#nudged = true;
    this.#wake();
  }

  /** A lease that is being taken just now is given back before `lease` resolves. */
  cancel(): void {
    this.#cancelled = true;
    this.#wake();
  }

  async #run(): Promise<Lease | null> {
    // The first try is a real one: it also says that a newer extension has led here, or that the folder is no good.
    for (let lockedMs = 0; ; lockedMs = this.#lockedForMs()) {
      if (this.#isCancelled()) return null;
      this.#nudged = false;
      if (lockedMs === 0) {
        const lease = await Lease.acquire(this.#options);
        if (lease !== null && !this.#isCancelled()) return lease;
        await lease?.release();
      }
      await this.#sleep();
    }
  }

  /** A call, because it changes while the loop awaits. */
  #isCancelled(): boolean {
    return this.#cancelled;
  }

  #lockedForMs(): number {
    const { folder, staleMs = defaultStaleMs, now = Date.now } = this.#options;
    try {
      return lockedForMs(leaseLockPath(folder), staleMs, now());
    } catch {
      return 0; // what is wrong with the folder, trying to take the lease says better
    }
  }

  #sleep(): Promise<void> {
    // A nudge that came while the try was under way asks for another one at once.
    if (this.#cancelled || this.#nudged) return Promise.resolve();
    const { pollMs = 2_500, hurryMs = 250 } = this.#options;
    const baseMs = performance.now() < this.#hurryUntilMs ? hurryMs : pollMs;
    return new Promise((resolve) => {
      // Spread out, so that waiters do not all try at the same moment.
      const timer = setTimeout(resolve, baseMs * (0.75 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
