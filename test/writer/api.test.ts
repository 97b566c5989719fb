import assert from 'node:assert/strict';
import type * as api from '../../src/api';
import type { Measures } from '../../src/model/measures';
import type { Snapshot } from '../../src/model/snapshot';
import type * as entry from '../../src/sources/recorded/usageEntry';
import type * as writer from '../../src/writer/usageWriter';
import type * as stats from '../../src/writer/writerStats';

/** Compiles only if a `From` can be used wherever a `To` is wanted. */
type Fits<From extends To, To> = From;

// The public types are a copy, so that others can take the file as it is: the compiler holds copy and original together.
export type Held = [
  Fits<api.UsageEntry, entry.UsageEntry>,
  Fits<entry.UsageEntry, api.UsageEntry>,
  Fits<stats.WriterStats, api.WriterStats>,
  Fits<api.WriterStats, stats.WriterStats>,
  Fits<writer.FlushOutcome, api.FlushOutcome>,
  Fits<Measures, api.UsageTotals>,
  Fits<Snapshot, api.UsageSnapshot>,
];

describe('the public API', () => {
  it('has a version', async () => {
    const { apiVersion } = await import('../../src/api');
    assert.equal(apiVersion, 1);
  });
});
