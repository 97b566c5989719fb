import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  civilDayOf,
  folderLabels,
  formatAge,
  formatAxisCost,
  formatBytes,
  formatCompact,
  formatCost,
  formatDay,
  formatMeasuredCost,
  formatShare,
  formatShortCost,
  plainName,
} from '../../src/model/format';

const dollars = (amount: number): number => Math.round(amount * 1e9);

describe('Figures as text', () => {
  it('show money to the cent, and never nothing for something', () => {
    assert.equal(formatCost(0, 'en'), '$0.00');
    assert.equal(formatCost(1, 'en'), '<$0.01');
    assert.equal(formatCost(dollars(0.005), 'en'), '$0.01');
    assert.equal(formatCost(dollars(1234.5), 'en'), '$1,234.50');
    assert.equal(formatCost(dollars(1234.5), 'de').replace(/\s/g, ' '), '1.234,50 $');
  });

  it('show much money shortly', () => {
    assert.equal(formatShortCost(dollars(999.99), 'en'), '$999.99');
    assert.equal(formatShortCost(dollars(1234.5), 'en'), '$1,235');
    assert.equal(formatShortCost(dollars(123_456), 'en'), '$123.5K');
  });

  it('say when a price is missing', () => {
    assert.equal(
      formatMeasuredCost({ messages: 3, unpricedMessages: 1, costNanoDollars: dollars(2) }, 'en'),
      '$2.00 +?',
    );
    assert.equal(formatMeasuredCost({ messages: 3, unpricedMessages: 3, costNanoDollars: 0 }, 'en'), '?');
    assert.equal(formatMeasuredCost({ messages: 0, unpricedMessages: 0, costNanoDollars: 0 }, 'en'), '$0.00');
  });

  it('show money in the currency that was chosen, at its rate, with its own decimals', () => {
    const euro = { code: 'EUR', symbol: '', rate: 0.5 };
    assert.equal(formatCost(dollars(10), 'en', euro), '€5.00');
    assert.equal(formatCost(dollars(0.001), 'en', euro), '<€0.01');
    const yen = { code: 'JPY', symbol: '', rate: 150 };
    assert.equal(formatCost(dollars(1.5), 'en', yen), '¥225');
    assert.equal(formatCost(dollars(0.001), 'en', yen), '<¥1');
    assert.equal(formatShortCost(dollars(20), 'en', yen), '¥3,000');
    assert.equal(formatShortCost(dollars(2_000), 'en', yen), '¥300K');
    assert.equal(formatAxisCost(5, 5, 'en', euro), '€5');
  });

  it('show the sign that was chosen where the locale puts its own', () => {
    const credits = { code: 'USD', symbol: 'cr', rate: 100 };
    assert.equal(formatCost(dollars(1), 'en', credits), 'cr100.00');
    assert.equal(formatCost(dollars(1), 'de', credits).replace(/\s/g, ' '), '100,00 cr');
    assert.equal(
      formatMeasuredCost(
        { messages: 2, unpricedMessages: 1, costNanoDollars: dollars(1) },
        'en',
        false,
        credits,
      ),
      'cr100.00 +?',
    );
  });

  it('give an axis the decimals that tell its ticks apart', () => {
    assert.equal(formatAxisCost(10, 5, 'en'), '$10');
    assert.equal(formatAxisCost(0.5, 0.5, 'en'), '$0.50');
    assert.equal(formatAxisCost(0.002, 0.001, 'en'), '$0.002');
    assert.equal(formatAxisCost(20_000, 5_000, 'en'), '$20K');
  });

  it('shorten counts, shares, ages and sizes', () => {
    assert.equal(formatCompact(1_234_567, 'en'), '1.2M');
    assert.equal(formatShare(0.001, 'en'), '<1%');
    assert.equal(formatShare(0, 'en'), '0%');
    assert.equal(formatAge(30_000, 'en'), '1m');
    assert.equal(formatAge(3 * 3_600_000, 'en'), '3h');
    assert.equal(formatAge(50 * 3_600_000, 'en'), '2d');
    assert.equal(formatBytes(292_000_000, 'en'), '292 MB');
  });

  it('name civil days without moving them, and work in a locale that is none', () => {
    assert.equal(formatDay('2026-11-24', 'en'), 'Nov 24');
    assert.equal(formatCost(dollars(1), 'not a locale'), '$1.00');
    assert.equal(civilDayOf(Date.UTC(2026, 10, 24, 23, 30), 'Europe/Berlin'), '2026-11-25');
  });
});

describe('Names as text', () => {
  it('lose control characters, direction tricks and excess length', () => {
    assert.equal(plainName('a\u0000b\nc'), 'a b c');
    assert.equal(plainName('\u202eabc\u2069'), 'abc');
    assert.equal(plainName('x'.repeat(300), 5), 'xxxx…');
    assert.equal(plainName('👩‍💻'.repeat(3), 100), '👩‍💻'.repeat(3));
  });
});

describe('Folder labels', () => {
  const labels = (...paths: string[]): (string | undefined)[] => {
    const found = folderLabels(paths);
    return paths.map((path) => found.get(path));
  };

  it('are last segments, with more where those are the same', () => {
    assert.deepEqual(labels('/a/one', '/a/two'), ['one', 'two']);
    assert.deepEqual(labels('/a/x/app', '/a/y/app', '/b'), ['x/app', 'y/app', 'b']);
    assert.deepEqual(labels('C:\\work\\app', '/home/app'), ['work/app', 'home/app']);
    assert.deepEqual(labels('/app', '/x/app'), ['app', 'x/app']);
    assert.deepEqual(labels('', '/'), ['', '/']);
  });

  it('never name two different folders alike', () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
        const found = folderLabels(paths);
        assert.equal(new Set(found.values()).size, paths.length);
      }),
    );
  });
});
