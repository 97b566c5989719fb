import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import type { EpochMs } from '../model/time';

/** Which window (extension host) wrote a journal: enough to tell later whether it still runs. */
export interface WindowIdentity {
  /** `<pid>-<began>-<random>`: unique, and safe in a file name. */
  readonly windowId: string;
  readonly pid: number;
  readonly beganEpochMs: EpochMs;
  /**
   * What no second process with this pid can share: its start as the system counts it, where the system says so
   * (Linux); otherwise ''.
   */
  readonly processStart: string;
  readonly hostName: string;
}

export function newWindowIdentity(beganEpochMs: EpochMs): WindowIdentity {
  const { pid } = process;
  return {
    windowId: `${pid}-${Math.floor(beganEpochMs)}-${randomBytes(6).toString('hex')}`,
    pid,
    beganEpochMs,
    processStart: processStartOf(pid) ?? '',
    hostName: hostname(),
  };
}

/** null: the system does not say, or there is no such process. */
function processStartOf(pid: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    // The second field is the program's name in brackets and may hold anything; the start is the 22nd.
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie holds its pid but will never write again.
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    return `${boot}-${fields[19] ?? ''}`;
  } catch {
    // No /proc (a locked-down container) is the same as a system that does not say.
    return null;
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** After this long without a write, a window of another machine is taken for dead. */
export const foreignSilenceMs = 24 * 3_600_000;

/**
 * Whether a window may still write to its journal. Errs towards "alive": a living window's journal is folded all the
 * same and only its deletion waits, while deleting under a living one costs it a rewrite.
 */
export function mayBeAlive(
  window: WindowIdentity,
  lastWriteEpochMs: EpochMs,
  nowEpochMs: EpochMs = Date.now(),
): boolean {
  if (window.hostName !== hostname()) return nowEpochMs - lastWriteEpochMs < foreignSilenceMs;
  if (!processExists(window.pid)) return false;
  const start = processStartOf(window.pid);
  if (start !== null && window.processStart !== '') return start === window.processStart;
  // Without the process's own start: what began before the machine did is gone. A minute's grace for clock changes.
  return window.beganEpochMs > nowEpochMs - uptime() * 1_000 - 60_000;
}
