import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { UsageBlock } from '../../src/model/block';
import { addMeasures, measuresOf, noMeasures, totalTokens } from '../../src/model/measures';
import type { UsageFilter } from '../../src/model/query';
import type { PricedRecord } from '../../src/model/usageRecord';
import type { Ledger } from '../../src/ledger/ledger';
import { ActiveBlocks } from '../../src/stats/activeBlocks';
import { BlockHistory } from '../../src/stats/blockHistory';
import { nameFilter } from '../../src/stats/breakdown';
import { CivilTime } from '../../src/stats/civilTime';
import type { Rollups } from '../../src/stats/rollups';
import { openLedger, record, removeFolder, temporaryFolder } from '../ledger/fixtures';

const minute = 60_000;
const hour = 60 * minute;
const civil = new CivilTime('UTC');

/** The definition, word by word, over all messages. */
function plainBlocks(records: readonly PricedRecord[], filter: UsageFilter = {}): UsageBlock[] {
  const { provider, user } = filter.only ?? {};
  const makesWindow = nameFilter({ ...(provider && { provider }), ...(user && { user }) });
  const counts = nameFilter(filter.only);
  const blocks: (UsageBlock & { counted: boolean })[] = [];
  let last = -Infinity;
  for (const each of records.filter(makesWindow).toSorted((one, other) => one.epochMs - other.epochMs)) {
    const { epochMs } = each;
    const before = blocks.at(-1);
    const begins =
      before === undefined || epochMs - before.startEpochMs > 5 * hour || epochMs - last > 5 * hour;
    last = epochMs;
    if (begins) {
      const startEpochMs = Math.floor(epochMs / hour) * hour;
      blocks.push({
        startEpochMs,
        endEpochMs: startEpochMs + 5 * hour,
        firstEpochMs: Infinity,
        lastEpochMs: -Infinity,
        total: noMeasures(),
        counted: false,
      });
    }
    if (!counts(each)) continue;
    const block = blocks.pop()!;
    addMeasures(block.total, measuresOf(each));
    blocks.push({
      ...block,
      firstEpochMs: Math.min(block.firstEpochMs, epochMs),
      lastEpochMs: epochMs,
      counted: true,
    });
  }
  const from = filter.from === undefined ? -Infinity : Date.parse(filter.from);
  const to = filter.to === undefined ? Infinity : Date.parse(filter.to) + 24 * hour;
  return blocks
    .filter(({ startEpochMs, endEpochMs }) => startEpochMs < to && endEpochMs > from)
    .flatMap(({ counted, ...block }) => (counted ? [block] : []));
}

/** As the past is told: to the quarter hour. */
function inQuarters(blocks: readonly UsageBlock[]): UsageBlock[] {
  const quarter = 15 * minute;
  return blocks.map((block) => ({
    ...block,
    firstEpochMs: Math.floor(block.firstEpochMs / quarter) * quarter,
    lastEpochMs: Math.min((Math.floor(block.lastEpochMs / quarter) + 1) * quarter - 1, block.endEpochMs),
  }));
}

function rollupsOf(ledger: Ledger): Rollups {
  return {
    months: () => ledger.months(),
    forEach: (from, to, visit) => ledger.cube().forEach(from, to - 1, visit),
  };
}

/** Pauses that are just at what ends a block, or at a quarter hour's edge, and some that are neither. */
const pause = fc.oneof(
  fc.integer({ min: 0, max: 40 * minute }),
  fc.constantFrom(0, 1, 15 * minute, hour, 5 * hour - 1, 5 * hour, 5 * hour + 1, 5 * hour + 15 * minute),
  fc.integer({ min: 19, max: 22 }).map((quarters) => quarters * 15 * minute),
  fc.integer({ min: 4 * hour, max: 30 * hour }),
);
/** Three days around the end of a month. */
const base = Date.UTC(2026, 9, 30, 22);
const messages = fc
  .array(
    fc.record({
      pause,
      cost: fc.integer({ min: 0, max: 1_000 }),
      user: fc.constantFrom('ada', 'ada', 'bob'),
      project: fc.constantFrom('/one', '/two'),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((parts) => {
    let epochMs = base;
    return parts.map(({ pause: ms, cost, user, project }, index) => {
      epochMs += ms;
      return record({ key: `msg_${index}`, epochMs, user, project, price: { cost } });
    });
  });

describe('5-hour blocks', function () {
  this.timeout(60_000);

  it('are what their definition says, for any messages, range and names, in whatever order they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom<UsageFilter>(
          {},
          { from: '2026-10-31' },
          { from: '2026-11-01', to: '2026-11-01' },
          { to: '2026-10-31', only: { project: ['/one'] } },
          { only: { user: ['ada'] } },
          { from: '2026-11-01', only: { user: ['bob'], project: ['/two'] } },
        ),
        async (records, lots, filter) => {
          const ledger = await openLedger(null);
          const history = new BlockHistory(rollupsOf(ledger), ledger);
          for (let lot = 0; lot < lots; lot++) {
            const part = records.filter((_, index) => index % lots === lots - 1 - lot);
            history.changed(ledger.fold(part).quarters);
            const folded = records.filter((_, index) => index % lots >= lots - 1 - lot);
            assert.deepEqual(await history.blocks(filter, civil), inQuarters(plainBlocks(folded, filter)));
          }
          await ledger.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tell the running one from memory, after every message and at any time', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.integer({ min: 0, max: 6 * hour }), async (records, later) => {
        const ledger = await openLedger(null);
        const active = new ActiveBlocks(rollupsOf(ledger), ledger);
        for (const [index, each] of records.entries()) {
          active.changed(ledger.fold([each]).quarters);
          for (const now of [each.epochMs, each.epochMs + later]) {
            const running = plainBlocks(records.slice(0, index + 1)).at(-1)!;
            const found = active.at(now);
            if (now >= running.endEpochMs) assert.equal(found, null);
            else {
              assert.deepEqual(
                { ...found, burnRate: null, projected: null },
                { ...running, burnRate: null, projected: null },
              );
            }
          }
        }
        await ledger.close();
      }),
      { numRuns: 60 },
    );
  });

  it('count a message of the last millisecond, and begin the next block with what follows it', async () => {
    const ledger = await openLedger(null);
    const active = new ActiveBlocks(rollupsOf(ledger), ledger);
    const times = [base, base + 3 * hour, base + 5 * hour, base + 6.5 * hour];
    for (const [index, epochMs] of times.entries())
      active.changed(ledger.fold([record({ key: `msg_${index}`, epochMs })]).quarters);
    assert.equal(active.at(base + 6.6 * hour)?.startEpochMs, base + 6 * hour);
    assert.equal(active.at(base + 5 * hour - 1)?.total.messages, 3);
    const history = await new BlockHistory(rollupsOf(ledger), ledger).blocks({}, civil);
    assert.deepEqual(
      history.map(({ total }) => total.messages),
      [3, 1],
    );
    await ledger.close();
  });

  it('begin elsewhere when messages of before turn up late', async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (records) => {
        const ledger = await openLedger(null);
        const active = new ActiveBlocks(rollupsOf(ledger), ledger);
        const now = records.at(-1)!.epochMs;
        for (let index = records.length - 1; index >= 0; index--) {
          active.changed(ledger.fold([records[index]!]).quarters);
          const running = plainBlocks(records.slice(index)).findLast(
            ({ startEpochMs, endEpochMs }) => startEpochMs <= now && endEpochMs > now,
          );
          assert.equal(active.at(now)?.startEpochMs, running?.startEpochMs);
          assert.deepEqual(active.at(now)?.total, running?.total);
        }
        await ledger.close();
      }),
      { numRuns: 60 },
    );
  });

  it('keep the running one right when a message grows, moves, gets another price, or a folder is opened again', async () => {
    const folder = temporaryFolder();
    try {
      const now = base + 4 * hour;
      let ledger = await openLedger(folder);
      let active = new ActiveBlocks(rollupsOf(ledger), ledger);
      const at = (): UsageBlock | null => active.at(now);
      assert.equal(at(), null);
      const first = record({ key: 'one', epochMs: base + 10, tokens: { output: 1 } });
      active.changed(ledger.fold([first, record({ key: 'two', epochMs: base + hour })]).quarters);
      const grown = { ...first, epochMs: base + 20, tokens: { ...first.tokens, output: 900 } };
      active.changed(ledger.fold([grown]).quarters);
      assert.deepEqual([at()?.firstEpochMs, at()?.total.outputTokens], [base + 20, 1_000]);
      for (const month of ledger.months())
        for (const { quarters } of ledger.repricing(month, ({ price }) => ({ ...price, cost: 7 })))
          active.changed(quarters);
      assert.equal(at()?.total.costNanoDollars, 14);
      await ledger.checkpoint();
      const before = at();
      await ledger.close();
      ledger = await openLedger(folder);
      active = new ActiveBlocks(rollupsOf(ledger), ledger);
      assert.deepEqual(at(), before);
      await ledger.close();
    } finally {
      removeFolder(folder);
    }
  });

  it('have a rate between their first and last message, and what that comes to at their end', async () => {
    const ledger = await openLedger(null);
    const active = new ActiveBlocks(rollupsOf(ledger), ledger);
    const one = record({ key: 'one', epochMs: base + 30 * minute, price: { cost: 600 } });
    ledger.fold([one]);
    assert.deepEqual(active.at(base + hour)?.burnRate, null);
    assert.deepEqual(active.at(base + hour)?.projected, null);
    ledger.fold([record({ key: 'soon', epochMs: base + 30 * minute + 20, price: { cost: 0 } })]);
    active.changed([0]);
    assert.deepEqual(active.at(base + hour)?.burnRate, null, 'some milliseconds tell no rate');
    ledger.fold([record({ key: 'two', epochMs: base + 90 * minute, price: { cost: 600 } })]);
    active.changed([0]);
    const block = active.at(base + 2 * hour);
    assert.ok(block);
    assert.deepEqual(block.burnRate, { costNanoDollars: 20, tokens: totalTokens(block.total) / 60 });
    assert.equal(block.projected?.costNanoDollars, 1_200 + 20 * 180);
    await ledger.close();
  });

  it('opens no month to tell that nothing runs, and none twice to tell what runs', async () => {
    const folder = temporaryFolder();
    try {
      const before = await openLedger(folder);
      before.fold([record({ key: 'old', epochMs: base - 60 * 24 * hour }), record({ epochMs: base })]);
      await before.checkpoint();
      await before.close();
      const ledger = await openLedger(folder, { maxOpenMonths: 0 });
      const active = new ActiveBlocks(rollupsOf(ledger), ledger);
      assert.equal(active.at(base + 6 * hour), null);
      assert.equal(ledger.health().openMonths, 0);
      assert.equal(active.at(base + hour)?.total.messages, 1);
      await ledger.checkpoint();
      assert.equal(ledger.health().openMonths, 0);
      assert.equal(active.at(base + 2 * hour)?.total.messages, 1);
      assert.equal(ledger.health().openMonths, 0);
      await ledger.close();
    } finally {
      removeFolder(folder);
    }
  });

  it('are summed up again only from where usage has changed', async () => {
    const ledger = await openLedger(null);
    const times = Array.from({ length: 40 }, (_, index) => base - index * 12 * hour);
    ledger.fold(times.map((epochMs, index) => record({ key: `msg_${index}`, epochMs })));
    const rollups = rollupsOf(ledger);
    let visited = 0;
    const history = new BlockHistory(
      {
        ...rollups,
        forEach: (from, to, visit) =>
          rollups.forEach(from, to, (...rollup) => {
            visited++;
            visit(...rollup);
          }),
      },
      ledger,
    );
    assert.equal((await history.blocks({}, civil)).length, 40);
    assert.equal(visited, 40);
    assert.equal((await history.blocks({}, civil)).length, 40);
    assert.equal(visited, 40);
    history.changed(ledger.fold([record({ key: 'new', epochMs: base + hour })]).quarters);
    assert.equal((await history.blocks({}, civil)).at(-1)?.total.messages, 2);
    assert.equal(visited, 42);
    await ledger.close();
  });

  it('of years are told without opening a month', async () => {
    const folder = temporaryFolder();
    try {
      const before = await openLedger(folder);
      const times = Array.from({ length: 12 }, (_, index) => base - index * 30 * 24 * hour);
      before.fold(times.map((epochMs, index) => record({ key: `msg_${index}`, epochMs })));
      await before.checkpoint();
      await before.close();
      const ledger = await openLedger(folder, { maxOpenMonths: 0 });
      assert.equal((await new BlockHistory(rollupsOf(ledger), ledger).blocks({}, civil)).length, 12);
      assert.equal(ledger.health().openMonths, 0);
      await ledger.close();
    } finally {
      removeFolder(folder);
    }
  });
});
