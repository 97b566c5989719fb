import type { WriterStats } from '../api';

export interface WriterSettings {
  /** `sync`: `record` itself writes the journal, on the caller's stack. */
  readonly mode: WriterStats['mode'];
  /**
   * When a record survives the death of the process: `grouped`, at most 50 ms after `record` (of a thread that gets to
   * run); `immediate`, before the present turn of the event loop ends.
   */
  readonly durability: 'grouped' | 'immediate';
  /** A flush is asked for once this many records wait for one. */
  readonly flushRecords: number;
  /** And at the latest this long after the first of them. */
  readonly flushIntervalMs: number;
  /** Records in one append to the journal, at most. */
  readonly batchRecords: number;
  /** Records that wait in memory one by one, at most; more are summed up. */
  readonly maxQueuedRecords: number;
  /** Pauses before a failed write is tried again in the same place. */
  readonly retryDelaysMs: readonly number[];
}

/** Pauses of 0.1, 0.2, 0.4 s and so on. */
export function retryDelaysMs(retries: number): readonly number[] {
  return Array.from({ length: retries }, (_, index) => 100 * 2 ** index);
}

export const defaultWriterSettings: WriterSettings = {
  mode: 'async',
  durability: 'grouped',
  flushRecords: 10,
  flushIntervalMs: 5_000,
  batchRecords: 100,
  maxQueuedRecords: 100_000,
  retryDelaysMs: retryDelaysMs(3),
};

/** What is no matter of taste, and changed by tests only. */
export interface WriterTiming {
  /** An append that is not back after this long is overtaken: what it carries is written on the caller's thread. */
  readonly overtakeMs: number;
  /** An append that takes longer than this is given up: the pool of threads or the disk is stuck. */
  readonly stallMs: number;
  /** Bounds of the pauses between attempts at what has failed for good: they double. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** From the start to the first look for what dead windows have left in other places. */
  readonly sweepDelayMs: number;
}

export const defaultWriterTiming: WriterTiming = {
  overtakeMs: 15,
  stallMs: 2_000,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  sweepDelayMs: 3_000,
};
