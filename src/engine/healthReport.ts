import type { EngineHealth } from '../model/health';
import type { ScanHealth } from '../model/snapshot';
import type { EpochMs } from '../model/time';
import type { Lease } from '../ledger/lease';
import type { Ledger } from '../ledger/ledger';
import type { Aggregator } from './aggregator';
import type { CacheCounts } from './cacheCounts';
import type { Lookout } from './lookout';
import type { ScanHealthKeeper } from './scanHealth';

/** Where the health's parts come from. */
export interface HealthParts {
  readonly scan: ScanHealth;
  readonly keeper: ScanHealthKeeper;
  readonly aggregator: Aggregator;
  readonly cache: CacheCounts;
  readonly openStreams: number;
  readonly lookout: Lookout;
  readonly ledger: Ledger;
  readonly lastCheckpointEpochMs: EpochMs | null;
  /** null: the ledger is in memory, and nobody else's. */
  readonly lease: Lease | null;
  readonly leadsSinceEpochMs: EpochMs;
  readonly snapshotRing: EngineHealth['snapshotRing'];
  readonly metrics: EngineHealth['metrics'];
}

/** One picture of how the figures are made, put together when somebody asks. */
export function engineHealth(parts: HealthParts): EngineHealth {
  const { scan, keeper, aggregator, cache, lookout, lease } = parts;
  const { lastCheckpoint, recoveries, ...ledger } = parts.ledger.health();
  const { heapTotal, external } = process.memoryUsage();
  return {
    scan,
    runs: keeper.history,
    consecutiveFailures: keeper.consecutiveFailures,
    nextSweepEpochMs: aggregator.nextSweepEpochMs,
    cache: { hits: cache.hits, misses: cache.misses },
    openStreams: parts.openStreams,
    watcher: {
      mode: keeper.watcher,
      reason: keeper.watcherReason,
      folders: lookout.folders,
    },
    ledger: {
      ...ledger,
      lastCheckpointEpochMs: parts.lastCheckpointEpochMs,
      lastCheckpointBytes: lastCheckpoint?.bytes ?? 0,
      recoveries: recoveries.length,
    },
    lease: lease === null ? null : { epoch: lease.epoch, sinceEpochMs: parts.leadsSinceEpochMs },
    snapshotRing: parts.snapshotRing,
    metrics: parts.metrics,
    memoryBytes: heapTotal + external,
  };
}
