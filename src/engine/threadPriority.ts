import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets the other threads of the machine go first, the extension host's above all. Only Linux gives a thread a priority of
 * its own; elsewhere this does nothing.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'));
    if (thread !== null) setPriority(Number(thread[1]), constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A container without /proc, or that forbids it: the thread goes on as it is.
  }
}
