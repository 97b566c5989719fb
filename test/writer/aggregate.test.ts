import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addMeasures, measuresOf, noMeasures } from '../../src/model/measures';
import type { PricedRecord } from '../../src/model/usageRecord';
import { aggregateRecords, mergeAggregated, utcDay, type UsageGroups } from '../../src/writer/aggregate';
import { newWindowIdentity } from '../../src/writer/windowIdentity';
import { acceptFor, entry } from './support';

const accept = acceptFor(newWindowIdentity(Date.now()));
const day = 86_400_000;
const began = Date.UTC(2026, 10, 20);

const anyRecord: fc.Arbitrary<PricedRecord> = fc
  .record({
    model: fc.constantFrom('a', 'b'),
    provider: fc.constantFrom('', 'x'),
    project: fc.constantFrom('/p', '/q'),
    user: fc.constantFrom('ada', 'grace'),
    epochMs: fc.integer({ min: began, max: began + 3 * day }),
    input: fc.nat(1_000_000),
    cost: fc.option(fc.nat(1_000_000_000)),
    assumed: fc.boolean(),
    unfinished: fc.boolean(),
  })
  .map(({ input, cost, assumed, ...rest }) => {
    const record = accept(entry(undefined, { inputTokens: input }));
    return {
      ...record,
      ...rest,
      price: { ...record.price, cost, assumed, missingCost: input, cacheReadSaved: 3 },
    };
  });

/** Written independently: one record at a time. */
function oneByOne(records: readonly PricedRecord[]): Map<string, ReturnType<typeof noMeasures>> {
  const sums = new Map<string, ReturnType<typeof noMeasures>>();
  for (const record of records) {
    const { model, provider, project, user } = record;
    const key = JSON.stringify([utcDay(record.epochMs), model, provider, project, user]);
    const sum = sums.get(key) ?? noMeasures();
    addMeasures(sum, measuresOf(record));
    sums.set(key, sum);
  }
  return sums;
}

function sumsOf(groups: UsageGroups): Map<string, ReturnType<typeof noMeasures>> {
  return new Map(
    [...groups.values()].map(({ day: of, model, provider, project, user, total }) => [
      JSON.stringify([of, model, provider, project, user]),
      total,
    ]),
  );
}

describe('aggregating records', () => {
  it('gives the sums of merging one by one, however the records are cut into batches', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyRecord, { maxLength: 30 }), { maxLength: 6 }), (batches) => {
        const sum: UsageGroups = new Map();
        for (const batch of batches) mergeAggregated(sum, aggregateRecords(batch));
        assert.deepEqual(sumsOf(sum), oneByOne(batches.flat()));
      }),
    );
  });

  it('asks for the day in the zone of the caller', () => {
    const record = accept(entry(undefined, { time: Date.UTC(2026, 10, 24, 23, 30) }));
    const [group] = [...aggregateRecords([record], () => '2026-11-25').values()];
    assert.equal(group?.day, '2026-11-25');
  });

  it('makes one group of one kind of record', () => {
    const records = Array.from({ length: 100 }, () => accept(entry()));
    assert.equal(aggregateRecords(records).size, 1);
  });
});
