import type { EpochMs } from './time';

/** What is filled in where an entry says nothing. */
export interface EntryContext {
  readonly clock: () => EpochMs;
  /** Never the same twice, in no window. */
  readonly newId: () => string;
  readonly project: string;
  readonly branch: string;
  readonly user: string;
  readonly host: string;
  readonly source: string;
  readonly windowId: string;
  readonly windowBeganEpochMs: EpochMs;
}
