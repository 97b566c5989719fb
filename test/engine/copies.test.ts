import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Copies } from '../../src/engine/copies';
import { decodeRecords, encodeRecords } from '../../src/engine/recordColumns';
import type { PricedRecord, UsageRecord } from '../../src/model/usageRecord';
import { priceRecord } from '../../src/pricing/price';
import { RateCards } from '../../src/pricing/rateCards';
import { withPrice } from '../../src/sources/recorded/completeEntry';
import { noon, openLedger, record } from '../ledger/fixtures';

const cards = new RateCards({ userPrices: [] });

function left(records: readonly UsageRecord[]): UsageRecord[] {
  const copies = new Copies();
  for (const each of records) copies.add(each);
  return copies.take();
}

/** Few keys and few values, so that copies agree in some parts and differ in others. */
const anyCopy: fc.Arbitrary<PricedRecord> = fc
  .record({
    key: fc.constantFrom('msg_1', 'msg_2'),
    requestId: fc.constantFrom('req_1', 'req_1', 'req_2', ''),
    sidechain: fc.boolean(),
    model: fc.constantFrom('claude-opus-4-5', 'claude-opus-4-5', 'claude-haiku-4-5'),
    project: fc.constantFrom('/work/app', '/work/app', '/work/lib'),
    session: fc.constantFrom('one', 'one', 'two'),
    minute: fc.integer({ min: -1, max: 2 }),
    output: fc.constantFrom(8, 8, 20, 500),
    input: fc.constantFrom(3, 3, 4),
    characters: fc.constantFrom(0, 100, 400, 4_000),
    unfinished: fc.boolean(),
    reportedCost: fc.constantFrom(null, null, 5_000),
  })
  .map(({ session, minute, output, input, characters, ...rest }) => {
    return record({
      ...rest,
      epochMs: noon + minute * 60_000,
      contentCharacters: characters,
      tokens: { input, output },
      origin: { path: `/work/${session}.jsonl`, beganEpochMs: noon, session },
    });
  });

async function folded(records: readonly UsageRecord[]): Promise<unknown> {
  const ledger = await openLedger(null);
  ledger.fold(
    records.map((each) =>
      withPrice(each, priceRecord(each, cards.cardFor(each.model, each.provider, each.epochMs), 'auto')),
    ),
  );
  assert.deepEqual(ledger.verify(), []);
  const rows: unknown[] = [];
  for await (const chunk of ledger.messages()) rows.push(...chunk);
  await ledger.close();
  return rows;
}

describe('copies that are left out before they are folded', function () {
  this.timeout(60_000);

  it('change nothing of what is counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCopy, { maxLength: 12 }), async (records) => {
        assert.deepEqual(await folded(left(records)), await folded(records));
      }),
      { numRuns: 150 },
    );
  });

  it('are the earlier stages of an answer', () => {
    const stages = [8, 16, 900].map((output, index) => ({
      ...record({
        epochMs: noon + index,
        tokens: { output },
        unfinished: index < 2,
        contentCharacters: index,
      }),
    }));
    assert.deepEqual(left(stages), [stages[2]]);
    assert.deepEqual(left([...stages].reverse()), [stages[2]]);
  });

  it('travel between threads as they are', () => {
    fc.assert(
      fc.property(fc.array(anyCopy), (records) => {
        const columns = structuredClone(encodeRecords(records, []));
        const back = decodeRecords(columns, 0, records.length);
        assert.deepEqual(
          back.map((each, index) => ({ ...each, price: records[index]!.price })),
          records,
        );
      }),
    );
  });
});
