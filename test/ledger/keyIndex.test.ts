import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hashKey, KeyIndex } from '../../src/ledger/keyIndex';

describe('key index', () => {
  it('says what a plain set of pairs says, through growth and removal', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'remove'),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
        const index = new KeyIndex();
        const plain = new Map<number, Set<number>>();
        for (const [what, number, month] of steps) {
          // Few different starting slots, so that chains grow long.
          const hash = (number % 7) + number * 2 ** 20;
          const months = plain.get(hash) ?? new Set();
          plain.set(hash, months);
          if (what === 'add') {
            months.add(month);
            assert.equal(index.add(hash, month), months.size > 1);
          } else {
            months.delete(month);
            index.remove(hash, month);
          }
        }
        let size = 0;
        for (const [hash, months] of plain) {
          size += months.size;
          assert.equal(index.has(hash), months.size > 0);
          assert.deepEqual(index.monthsOf(hash).sort(), [...months].sort());
        }
        assert.equal(index.size, size);
        for (const month of [1, 2, 3, 4])
          assert.deepEqual(
            [...index.keysOf(month)].sort(),
            [...plain]
              .filter(([, months]) => months.has(month))
              .map(([hash]) => hash)
              .sort(),
          );
      }),
      { numRuns: 100 },
    );
  });

  it('gives keys that differ a little hashes that differ', () => {
    const hashes = new Set<number>();
    let keys = 0;
    for (let number = 0; number < 50_000; number++)
      for (const key of [`msg_01${number}`, `${number}msg_01`, `msg_${number.toString(36)}x`]) {
        keys++;
        const hash = hashKey(key);
        assert.ok(Number.isSafeInteger(hash) && hash > 0 && hash < 2 ** 48);
        hashes.add(hash);
      }
    assert.equal(hashes.size, keys);
  });

  it('takes a hundred thousand keys of one hash chain without losing one', () => {
    const index = new KeyIndex();
    for (let number = 1; number <= 100_000; number++) index.add(number * 4099, number % 3);
    for (let number = 1; number <= 100_000; number++)
      assert.deepEqual(index.monthsOf(number * 4099), [number % 3]);
  });
});
