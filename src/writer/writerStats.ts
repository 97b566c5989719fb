import type { EpochMs } from '../model/time';
import type { ErrorKind } from './errorKind';
import type { PlaceName } from './journalPlaces';

export type WriteMode = 'async' | 'sync';

/** How the writer is doing, since it was made. All counts are of records unless they say otherwise. */
export interface WriterStats {
  /** How records are written now; `sync` also while the writer has fallen back to it by itself. */
  readonly mode: WriteMode;
  /** null: as configured; otherwise why the writer has fallen back. */
  readonly degraded: 'no-engine' | 'stalled' | null;
  readonly accepted: number;
  /** Accepted, not yet in a journal. */
  readonly queued: number;
  /** In a journal. */
  readonly journaled: number;
  /** Written on the extension host's thread, because the write in the background was late. */
  readonly overtaken: number;
  /** In the ledger, as the engine has confirmed. */
  readonly flushed: number;
  /** Appends to the journal, and the records of the largest. */
  readonly batches: number;
  readonly largestBatch: number;
  /** Flushes that had something to flush; those of them that the engine did not confirm; the largest in records. */
  readonly flushes: number;
  readonly flushesUnconfirmed: number;
  readonly largestFlush: number;
  readonly retries: number;
  /** Times that writing had to move on to the place named. */
  readonly fallbacks: { readonly backup: number; readonly emergency: number; readonly none: number };
  readonly place: PlaceName | 'memory';
  /** Segments brought back from backup and emergency. */
  readonly broughtHome: number;
  /** Were summed up because more waited than memory may hold: totals stay exact, single messages are averaged. */
  readonly aggregated: number;
  /** Could not be written anywhere when the writer was shut down. Nothing else is ever dropped. */
  readonly dropped: number;
  readonly errors: Readonly<Record<ErrorKind, number>>;
  readonly lastError: { readonly epochMs: EpochMs; readonly code: string; readonly message: string } | null;
  readonly lastFlushEpochMs: EpochMs | null;
}
