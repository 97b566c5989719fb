import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { addMeasures, measuresOf, noMeasures, type Measures } from '../../src/model/measures';
import type { UserPrice } from '../../src/model/rates';
import type { Price, PricedRecord } from '../../src/model/usageRecord';
import type { Repriced } from '../../src/protocol/engineApi';
import { Repricing } from '../../src/engine/repricing';
import type { Ledger } from '../../src/ledger/ledger';
import { priceRecord } from '../../src/pricing/price';
import { RateCards } from '../../src/pricing/rateCards';
import { chance } from '../ledger/scenario';
import { manyRecords, openLedger, record, removeFolder, temporaryFolder } from '../ledger/fixtures';
import { engineStart, message, type TestEngine, writeTranscript } from './engineFixture';
import { TestEngines } from './testEngines';

/** A ledger with the prices of a user, as the engine has them. */
class Priced {
  readonly ledger: Ledger;
  readonly told: Repriced[] = [];
  readonly opened: string[] = [];
  readonly repricing: Repricing;
  readonly #cards: RateCards;

  constructor(ledger: Ledger, prices: readonly UserPrice[]) {
    this.ledger = ledger;
    this.#cards = new RateCards({ userPrices: prices });
    this.repricing = new Repricing({
      ledger: {
        months: () => ledger.months(),
        namesIn: (month) => ledger.namesIn(month),
        meta: (key) => ledger.meta(key),
        putMeta: (key, value) => ledger.putMeta(key, value),
        repricing: (month, priceOf) => {
          this.opened.push(month);
          return ledger.repricing(month, priceOf);
        },
      },
      cardsBetween: (...stretch) => this.#cards.cardsBetween(...stretch),
      costMode: () => 'auto',
      priceOf: (each) => this.priceOf(each),
      onChange: () => assert.deepEqual(ledger.verify(), []),
      onDone: (repriced) => this.told.push(repriced),
      save: () => this.save(),
      log: () => undefined,
    });
  }

  static async open(folder: string | null, prices: readonly UserPrice[] = []): Promise<Priced> {
    return new Priced(await openLedger(folder), prices);
  }

  priceOf(each: PricedRecord): Price {
    return priceRecord(each, this.#cards.cardFor(each.model, each.provider, each.epochMs), 'auto');
  }

  setPrices(...prices: readonly UserPrice[]): void {
    this.#cards.setUserPrices(prices);
    this.repricing.pricesChanged();
  }

  fold(records: readonly PricedRecord[]): void {
    this.ledger.fold(records.map((each) => ({ ...each, price: this.priceOf(each) })));
  }

  async save(): Promise<void> {
    this.repricing.note();
    assert.equal((await this.ledger.checkpoint()).complete, true);
  }

  get total(): Measures {
    const sum = noMeasures();
    this.ledger.cube().forEach(0, Infinity, (_quarter, _names, measures) => addMeasures(sum, measures));
    return sum;
  }

  /** What all these messages cost now, each the fuller of its two copies. */
  expected(records: readonly PricedRecord[]): Measures {
    const sum = noMeasures();
    for (const each of records)
      if (each.tokens.output > 1) addMeasures(sum, measuresOf({ ...each, price: this.priceOf(each) }));
    return sum;
  }
}

const opus = (input: number): UserPrice => ({ model: 'claude-opus-4-5', input, output: input * 5 });
const haiku = (input: number): UserPrice => ({ model: 'claude-haiku-4-5', input, output: input * 5 });

describe('pricing the past anew', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  it('is told with what it has changed, and opens no month twice', async () => {
    const records = manyRecords(300, 90, Date.UTC(2026, 6, 10));
    const priced = await Priced.open(folder);
    priced.fold(records);
    const before = priced.total.costNanoDollars;
    await priced.save();
    priced.setPrices(opus(100));
    await priced.repricing.start();
    assert.deepEqual(priced.total, priced.expected(records));
    const [change] = priced.told;
    assert.deepEqual(change?.models, ['claude-opus-4-5']);
    assert.deepEqual(
      [change.beforeNanoDollars - change.afterNanoDollars, priced.told.length],
      [before - priced.total.costNanoDollars, 1],
    );
    assert.deepEqual(priced.opened, ['2026-10', '2026-09', '2026-08', '2026-07'], 'newest first');
    await priced.repricing.start();
    assert.equal(priced.opened.length, 4);
    await priced.ledger.close();
    const again = await Priced.open(folder, [opus(100)]);
    await again.repricing.start();
    assert.deepEqual([again.opened, again.ledger.health().openMonths], [[], 0]);
    assert.deepEqual(again.total, priced.expected(records));
    await again.ledger.close();
  });

  it('opens only months in which a model has another price', async () => {
    const priced = await Priced.open(folder);
    priced.fold([
      record({ key: 'old', epochMs: Date.UTC(2026, 7, 1), model: 'claude-haiku-4-5' }),
      record({ key: 'older', epochMs: Date.UTC(2026, 6, 1) }),
      record({ key: 'both', epochMs: Date.UTC(2026, 8, 1), model: 'claude-haiku-4-5' }),
      record({ key: 'too', epochMs: Date.UTC(2026, 8, 2) }),
    ]);
    await priced.save();
    await priced.ledger.close();
    const later = await Priced.open(folder, [haiku(3)]);
    await later.repricing.start();
    assert.deepEqual(later.opened, ['2026-09', '2026-08']);
    assert.equal(later.told[0]?.messages, 2);
    await later.ledger.close();
  });

  it('goes on where an end at any moment has left it, whatever prices hold by then, while messages come in', async () => {
    const records = manyRecords(700, 60);
    for (let seed = 1; seed <= 3; seed++) {
      removeFolder(folder);
      const next = chance(seed);
      const prices = [opus(1), opus(2), haiku(3)];
      let known = 400;
      let priced = await Priced.open(folder);
      priced.fold(records.slice(0, known));
      await priced.save();
      for (let step = 0; step < 5; step++) {
        const price = prices[next(prices.length)]!;
        if (next(2) === 0) priced.setPrices(price);
        else {
          await priced.ledger.close();
          priced = await Priced.open(folder, [price]);
          // What was not saved is read from the transcripts again.
          priced.fold(records.slice(0, known));
        }
        void priced.repricing.start();
        for (let turn = next(6); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
        priced.fold(records.slice(known, (known += 200)));
        assert.deepEqual(priced.ledger.verify(), []);
        if (next(3) === 0) await priced.save();
        if (next(2) === 0) await priced.repricing.stop();
      }
      await priced.repricing.stop();
      await priced.ledger.close();
      priced = await Priced.open(folder, [prices[next(prices.length)]!]);
      priced.fold(records.slice(0, known));
      await priced.repricing.start();
      assert.deepEqual(priced.total, priced.expected(records.slice(0, known)), `seed ${seed}`);
      assert.deepEqual(priced.ledger.verify(), []);
      await priced.ledger.close();
    }
  });

  it('does not take the prices of before for those of now when they come back half way', async () => {
    const records = manyRecords(2_400, 25, Date.UTC(2026, 9, 2));
    const priced = await Priced.open(null);
    priced.fold(records);
    await priced.save();
    priced.setPrices(opus(100));
    const running = priced.repricing.start();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const half = priced.total.costNanoDollars;
    priced.setPrices();
    await Promise.all([running, priced.repricing.start()]);
    assert.deepEqual(priced.total, priced.expected(records));
    assert.notEqual(half, priced.total.costNanoDollars);
    await priced.ledger.close();
  });

  it('nor when they come back with the next run', async () => {
    const records = manyRecords(2_400, 25, Date.UTC(2026, 9, 2));
    let priced = await Priced.open(folder);
    priced.fold(records);
    await priced.save();
    await priced.ledger.close();
    priced = await Priced.open(folder, [opus(100)]);
    void priced.repricing.start();
    await new Promise((resolve) => setImmediate(resolve));
    await priced.repricing.stop();
    await priced.save();
    const half = priced.total.costNanoDollars;
    await priced.ledger.close();
    priced = await Priced.open(folder);
    await priced.repricing.start();
    assert.deepEqual(priced.total, priced.expected(records));
    assert.notEqual(half, priced.total.costNanoDollars);
    await priced.ledger.close();
  });
});

describe('the engine', function () {
  this.timeout(60_000);
  const engines = new TestEngines();

  function run(userPrices: readonly UserPrice[] = []): TestEngine {
    const start = engineStart([engines.at('claude')], { storageFolder: engines.at('storage') });
    return engines.start({ ...start, settings: { ...start.settings, userPrices } });
  }
  const newModel = { message: { model: 'some-new-model' } };

  it('tells every window of prices that have changed, also since the last run', async () => {
    writeTranscript(engines.at('claude'), 'one', message('a', newModel), message('b'));
    const first = run();
    await first.messages(2);
    const second = run();
    await second.messages(2);
    const told = [first, second].map(
      (engine) => new Promise<Repriced>((resolve) => engine.client.on('repriced', resolve)),
    );
    const settings = engineStart([]).settings;
    await first.client.configure({
      ...settings,
      userPrices: [{ model: 'some-new-model', input: 1, output: 10 }],
    });
    for (const { messages, models, beforeNanoDollars } of await Promise.all(told))
      assert.deepEqual([messages, models, beforeNanoDollars], [1, ['some-new-model'], 0]);
    await second.stop();
    await first.stop();
    const third = run();
    const again = await new Promise<Repriced>((resolve) => third.client.on('repriced', resolve));
    assert.deepEqual([again.messages, again.afterNanoDollars], [1, 0]);
    assert.deepEqual((await third.client.call('snapshot', null)).unpricedModels, [
      { model: 'some-new-model', messages: 1 },
    ]);
  });

  it('counts everything anew on demand, and keeps what transcripts hold no more', async () => {
    writeTranscript(engines.at('claude'), 'one', message('a'), message('b'), 'no JSON');
    const first = run();
    const before = await first.messages(2);
    await first.stop();
    writeTranscript(engines.at('claude'), 'one', message('b'), message('c'), 'no JSON', 'nor this');
    // Somebody has tampered with the sums; the index knows them as well.
    const month = engines.at('storage/ledger/2026-02.sqlite');
    const index = engines.at('storage/ledger/2026-02.index');
    const { default: initSqlJs } = await import('sql.js');
    const sql = await initSqlJs();
    const db = new sql.Database(readFileSync(month));
    db.exec('UPDATE rollup SET cost_nano_dollars = cost_nano_dollars + 5, messages = 7');
    writeFileSync(month, db.export());
    db.close();
    writeFileSync(index, '');
    const second = run();
    await second.until(({ scan }) => scan.complete && scan.runs > 0);
    const rebuilt = await second.client.call('rebuild', null);
    assert.ok(rebuilt.differences > 0);
    assert.deepEqual([rebuilt.messages, rebuilt.months], [3, 1]);
    const after = await second.client.call('snapshot', null);
    assert.equal(after.periods.allTime.total.messages, 3);
    assert.equal(after.scan.badLines, 2);
    const cost = before.periods.allTime.total.costNanoDollars;
    assert.equal(after.periods.allTime.total.costNanoDollars, cost * 1.5);
    assert.deepEqual(await second.client.call('rebuild', null), { differences: 0, messages: 3, months: 1 });
  });
});
