import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Journals } from '../../src/engine/journals';
import { Ledger } from '../../src/ledger/ledger';
import { priceRecord } from '../../src/pricing/price';
import { withPrice } from '../../src/sources/recorded/completeEntry';
import { crashStorm, type CrashStore } from '../writer/crashStorm';
import { wasmPath } from './engineFixture';

/** The full run is `npm run test:crash`, which sets this. */
const rounds = Number(process.env['USAGE_LEDGER_CRASH_ROUNDS'] ?? 15);

/** The real ledger and the real folding of journals, in a leader that is itself torn off at every third chance. */
async function realLedger(folder: string): Promise<CrashStore> {
  const open = (): Promise<Ledger> =>
    Ledger.open({ folder: join(folder, 'ledger'), wasmPath, now: Date.now, log: () => undefined });
  let ledger = await open();
  const newJournals = (): Journals =>
    new Journals({
      folder: join(folder, 'journal'),
      fold: (records) => {
        ledger.fold(records.map((record) => withPrice(record, priceRecord(record, null, 'auto'))));
      },
      log: () => undefined,
    });
  let journals = newJournals();
  return {
    fold: async () => {
      await journals.fold();
      if (Math.random() < 1 / 3) {
        // Folded and not saved: as if the leader had been killed here.
        await ledger.close();
        ledger = await open();
        journals = newJournals();
        return;
      }
      const { cuttable } = journals;
      assert.ok((await ledger.checkpoint()).complete);
      await journals.cut(
        cuttable,
        (records) => ledger.holdsOnDisk(records.map(({ key }) => key)),
        () => undefined,
      );
    },
    finish: async () => {
      await journals.fold();
      const { cuttable } = journals;
      assert.ok((await ledger.checkpoint()).complete);
      await journals.cut(
        cuttable,
        (records) => ledger.holdsOnDisk(records.map(({ key }) => key)),
        () => undefined,
      );
      await ledger.close();
      const reopened = await open();
      assert.deepEqual(reopened.verify(), []);
      const tokens = new Map<string, number>();
      for await (const chunk of reopened.messages()) {
        for (const { id, total } of chunk) {
          assert.ok(!tokens.has(id), `${id} counts twice`);
          tokens.set(id, total.inputTokens);
        }
      }
      await reopened.close();
      return tokens;
    },
  };
}

describe('windows that are killed while they record', () => {
  it('have every acknowledged record, and every one older than 50 ms, in the ledger once', async () => {
    const result = await crashStorm({ rounds, windows: 3, durability: 'grouped', store: realLedger });
    console.log(`      ${JSON.stringify(result)}`);
    const { recorded, acknowledged, lostAcknowledged, lostOlderThan50Ms, wrong, leftSegments } = result;
    assert.ok(recorded > 0 && acknowledged > 0, 'the storm took place');
    assert.deepEqual(
      { lostAcknowledged, lostOlderThan50Ms, wrong, leftSegments },
      { lostAcknowledged: 0, lostOlderThan50Ms: 0, wrong: 0, leftSegments: 0 },
    );
  }).timeout(rounds * 10_000);
});
