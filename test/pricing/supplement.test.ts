import assert from 'node:assert/strict';
import type { LibraryAnswer } from '../../src/pricing/library';
import { askLibrary } from '../../src/pricing/library';
import { canonicalModelName } from '../../src/pricing/modelName';
import { fromUsd } from '../../src/pricing/rateConversion';
import type { SupplementRow } from '../../src/pricing/supplement';
import { fastMultipliers, supplement } from '../../src/pricing/supplement';

/** What is wrong with keeping a row, given what the price data says of its model on its first day. */
function complaint(row: SupplementRow, library: LibraryAnswer | null): string | null {
  const who = `supplement: ${row.model} from ${row.from}`;
  if (library?.exact !== true) {
    return row.corrects === undefined ? null : `${who} corrects a price that the price data no longer has`;
  }
  const long = library.prices.longContext[0];
  const agrees =
    same(library.prices.base, fromUsd(row.rates)) &&
    long?.abovePromptTokens === row.longContext?.abovePromptTokens &&
    (row.longContext === undefined || same(long?.rates, fromUsd(row.longContext.rates)));
  if (agrees) return `${who} is needless: the price data says the same, remove the row`;
  return row.corrects === undefined
    ? `${who} is ignored: the price data knows the model at another price; remove the row, or say what it corrects`
    : null;
}

function same(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

describe('supplement', () => {
  for (const row of supplement) {
    it(`needs ${row.model} from ${row.from}`, () => {
      const library = askLibrary(canonicalModelName(row.model), row.model, 'anthropic', Date.parse(row.from));
      const found = complaint(row, library);
      assert.equal(found, null, found ?? '');
    });
  }

  it('would notice a row that the price data has caught up with', () => {
    const row: SupplementRow = {
      model: 'claude-opus-5',
      from: '2026-07-24',
      rates: { input: 5, output: 25, cacheRead: 0.5, cacheWrite5m: 6.25, cacheWrite1h: 10 },
      standing: 'published',
      source: 'test',
      read: '2026-11-24',
    };
    const library = askLibrary(canonicalModelName(row.model), row.model, 'anthropic', Date.parse(row.from));
    assert.match(complaint(row, library) ?? '', /needless/);
    assert.match(complaint({ ...row, rates: { ...row.rates, input: 6 } }, library) ?? '', /ignored/);
    assert.equal(complaint({ ...row, rates: { ...row.rates, input: 6 }, corrects: 'input' }, library), null);
    assert.match(complaint({ ...row, corrects: 'input' }, null) ?? '', /no longer/);
  });

  it('has rows in order, with canonical names, dates and sources', () => {
    for (const [index, row] of supplement.entries()) {
      assert.equal(canonicalModelName(row.model).name, row.model);
      for (const day of [row.from, row.read]) {
        assert.equal(new Date(day).toISOString().slice(0, 10), day, row.model);
      }
      assert.ok(row.source.length > 10);
      const before = supplement[index - 1];
      if (before?.model === row.model) assert.ok(before.from < row.from, row.model);
      else assert.ok(!supplement.slice(0, index).some((other) => other.model === row.model), row.model);
    }
    for (const fast of fastMultipliers) assert.equal(canonicalModelName(fast.model).name, fast.model);
  });

  it('follows the usual shape: writes at 1.25 and 2 times the input, and 5 times the input for output', () => {
    for (const { model, rates } of supplement) {
      assert.ok(Math.abs(rates.cacheWrite5m - 1.25 * rates.input) < 1e-9, model);
      assert.ok(Math.abs(rates.cacheWrite1h - 2 * rates.input) < 1e-9, model);
      assert.ok(Math.abs(rates.output - 5 * rates.input) < 1e-9, model);
    }
  });
});
