import type { ErrorMessage } from '../model/errors';
import type { TranscriptFile } from '../sources/claude/locate';
import type { FileCursor, ReadStats } from '../sources/claude/tail';
import type { RecordColumns } from './recordColumns';

/** What the threads of one scan share, in a `SharedArrayBuffer` of 32-bit numbers. */
export const sharedNumbers = {
  /** Index of the next file that nobody has taken. */
  nextFile: 0,
  /** 1: the scan was called off. */
  stopped: 1,
  count: 2,
} as const;

export interface ScannerStart {
  readonly files: readonly Pick<TranscriptFile, 'path' | 'root'>[];
  /** Where each of them was left; null to read it from its start. */
  readonly cursors: readonly (FileCursor | null)[];
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** Batches of this thread that are not folded yet. */
  readonly unfolded: Int32Array<SharedArrayBuffer>;
  readonly user: string;
  readonly host: string;
}

export interface ScannedFile {
  /** Of the file in `ScannerStart.files`. */
  readonly index: number;
  /** null: it is gone, or cannot be read. */
  readonly cursor: FileCursor | null;
  readonly stats: ReadStats | null;
  readonly error: ErrorMessage | null;
}

/** Records, and the files which they complete. */
export interface ScannedBatch {
  readonly columns: RecordColumns;
  readonly files: readonly ScannedFile[];
}
