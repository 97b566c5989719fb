import assert from 'node:assert/strict';
import type * as api from '../../src/api';
import type { Measures } from '../../src/model/measures';
import type { Snapshot } from '../../src/model/snapshot';

/** Compiles only if a `From` can be used wherever a `To` is wanted. */
type Fits<From extends To, To> = From;

// The public types import nothing, so that others can take the file as it is: the compiler holds them to our own.
export type Held = [Fits<Measures, api.UsageTotals>, Fits<Snapshot, api.UsageSnapshot>];

describe('the public API', () => {
  it('has a version', async () => {
    const { apiVersion } = await import('../../src/api');
    assert.equal(apiVersion, 1);
  });
});
