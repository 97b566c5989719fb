import assert from 'node:assert/strict';
import { Interning } from '../../src/ledger/interning';
import { RecentCalls } from '../../src/ledger/recentCalls';
import { blankRow, measureCount, readRecord, type Row, writeMeasures } from '../../src/ledger/row';
import { record } from './fixtures';

describe('recent calls', () => {
  const interning = new Interning();
  const origin = { path: '', session: '', beganEpochMs: 0 };
  const names = { model: '', provider: '', project: '', branch: '', source: '', user: '', host: '' };

  function row(epochMs: number, output: number): Row {
    const made = blankRow(interning.dimensions(names), interning.origin(origin));
    readRecord(record({ epochMs, tokens: { output } }), made, interning);
    return { ...made, counted: true };
  }

  /** The same, the slow way. */
  function summed(rows: Iterable<Row>): Map<number, number[]> {
    const sums = new Map<number, number[]>();
    for (const each of rows) {
      const values: number[] = [];
      writeMeasures(each, values);
      const known = sums.get(each.epochMs) ?? new Array<number>(measureCount).fill(0);
      sums.set(
        each.epochMs,
        known.map((value, index) => value + values[index]!),
      );
    }
    return sums;
  }

  it('are those that were counted and not taken away again, whatever came and went in between', () => {
    const recent = new RecentCalls();
    recent.count(row(5, 1), 1);
    assert.equal(held(recent).size, 0, 'nobody has asked for any');
    recent.restart(1_000);
    const rows = new Set<Row>();
    let seed = 1;
    const below = (limit: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * limit);
    };
    for (let step = 0; step < 6_000; step++) {
      const [gone] = rows.size > 0 && below(3) === 0 ? [...rows].slice(below(rows.size)) : [];
      if (gone !== undefined) {
        rows.delete(gone);
        recent.count(gone, -1);
      } else {
        const added = row(1_000 + below(500) + step / 4, below(100));
        rows.add(added);
        recent.count(added, 1);
      }
      if (step % 1_000 === 999) {
        recent.forgetBefore(1_000 + step / 8);
        for (const each of rows) if (each.epochMs < 1_000 + step / 8) rows.delete(each);
        assert.deepEqual(held(recent), summed(rows));
        assert.ok(rows.size > 100);
      }
    }
    recent.restart(0);
    assert.equal(held(recent).size, 0);
  });

  function held(recent: RecentCalls): Map<number, number[]> {
    const all = new Map<number, number[]>();
    recent.forEach((epochMs, values) => all.set(epochMs, [...values]));
    return all;
  }
});
