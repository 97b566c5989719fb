import type { ScanHealth } from './snapshot';
import type { EpochMs } from './time';

/** One run of the aggregator. */
export interface RunHealth {
  readonly startedEpochMs: EpochMs;
  readonly durationMs: number;
  readonly scope: 'everything' | 'files';
  readonly filesSeen: number;
  readonly filesSkipped: number;
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly linesRead: number;
  readonly fileErrors: number;
  readonly error: string | null;
}

/** Everything there is to know about how the figures are made. Counts are since the leader began. */
export interface EngineHealth {
  readonly scan: ScanHealth;
  /** The last runs, newest first. */
  readonly runs: readonly RunHealth[];
  readonly consecutiveFailures: number;
  readonly nextSweepEpochMs: EpochMs | null;
  /** Questions answered from memory, and those for which something had to be computed or read. */
  readonly cache: { readonly hits: number; readonly misses: number };
  /** Streams of messages that somebody is reading. */
  readonly openStreams: number;
  readonly watcher: {
    readonly mode: ScanHealth['watcher'];
    /** Why it polls; null while events arrive. */
    readonly reason: string | null;
    /** Folders that are watched; a root is one where the system watches whole trees. */
    readonly folders: number;
  };
  readonly ledger: {
    readonly months: number;
    readonly openMonths: number;
    /** How many may stay open while nothing is pending in them; those of the last days come on top. */
    readonly maxOpenMonths: number;
    readonly rememberedSessionParts: number;
    readonly pendingRows: number;
    readonly monthBytes: number;
    readonly checkpoints: number;
    readonly lastCheckpointEpochMs: EpochMs | null;
    readonly lastCheckpointBytes: number;
    readonly recoveries: number;
  };
  readonly lease: { readonly epoch: number; readonly sinceEpochMs: EpochMs } | null;
  readonly snapshotRing: { readonly entries: number; readonly capacity: number; readonly bytes: number };
  /** Where figures are served to other programs, and why they are not; null: it is off. */
  readonly metrics: { readonly port: number; readonly error: string | null } | null;
  /** What the engine's thread has taken from the system. */
  readonly memoryBytes: number;
}

/** One past snapshot's main figures: what the sparkline and trends are drawn from. */
export interface HistoryPoint {
  readonly epochMs: EpochMs;
  readonly todayNanoDollars: number;
  readonly todayTokens: number;
  readonly allTimeNanoDollars: number;
  readonly allTimeTokens: number;
}
