import { resolve } from 'node:path';
import { ScanHealthKeeper } from '../../src/engine/scanHealth';
import { type SweepOptions, type SweepResult, sweepTranscripts } from '../../src/engine/sweep';
import type { Ledger } from '../../src/ledger/ledger';
import { priceRecord } from '../../src/pricing/price';
import { withPrice } from '../../src/sources/recorded/completeEntry';
import type { FileCursor } from '../../src/sources/claude/tail';
import { TranscriptTree } from '../../src/sources/claude/tree';

/** The program of the reading threads, as it ships. */
export const scannerPath = resolve('dist', 'scanner.js');

/** Reads everything below a Claude config folder into a ledger, as the leader does. */
export function scanInto(
  ledger: Ledger,
  root: string,
  options: Partial<SweepOptions> & { readonly onCursor?: (cursor: FileCursor) => void } = {},
): Promise<SweepResult> {
  return sweepTranscripts('everything', {
    roots: [{ path: root, exists: true }],
    lookout: new TranscriptTree(),
    ledger: {
      cursor: (path) => ledger.cursor(path) as FileCursor | undefined,
      cursorPaths: () => ledger.cursors().keys(),
      fold: (records, costStates, cursors) => {
        ledger.fold(records.map((record) => withPrice(record, priceRecord(record, null, 'auto'))));
        ledger.foldCostStates(costStates);
        for (const cursor of cursors) {
          ledger.putCursor(cursor.path, cursor);
          options.onCursor?.(cursor);
        }
      },
      dropCursors: (paths) => ledger.dropCursors(paths),
    },
    user: 'ada',
    host: 'analytical',
    health: new ScanHealthKeeper(false),
    log: () => undefined,
    onProgress: () => undefined,
    isStopped: () => false,
    scannerPath,
    saveIfDue: () => Promise.resolve(),
    ...options,
  });
}
