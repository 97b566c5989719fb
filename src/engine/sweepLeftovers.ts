import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../model/errors';
import type { Log } from '../model/logRecord';
import { ledgerFolderOf } from './storage';

/** What a half-written small file is called: of a snapshot or rate cards by process and thread, of lease and link by process. */
const halfWritten = /^(?:latest|rates|lease|link)\.json\.(\d+)[.-][\w-]+\.tmp$/;

/**
 * Removes what windows that were killed left half written. Only for the holder of the lease; the ledger's own files are
 * swept when it is opened. A living process's file is left to it: it may be trying for the lease at this moment.
 */
export function sweepLeftovers(storageFolder: string, log: Log): void {
  for (const folder of [storageFolder, ledgerFolderOf(storageFolder)]) {
    try {
      for (const name of readdirSync(folder)) {
        const pid = halfWritten.exec(name)?.[1];
        if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
      }
    } catch (error) {
      // They are small and do no harm; the next leader tries again.
      log('warn', 'half-written files could not be removed', { folder, error: String(error) });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
