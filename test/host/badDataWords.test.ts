import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { badEntryWords, badLineWords } from '../../src/host/badDataWords';
import type { L10n } from '../../src/host/l10n';
import type { BadEntryReason } from '../../src/model/importReport';
import type { BadLineReason } from '../../src/sources/claude/badLine';
import { plainL10n } from './plainL10n';

const bundle = JSON.parse(readFileSync(join(process.cwd(), 'l10n', 'bundle.l10n.de.json'), 'utf8')) as Record<
  string,
  string
>;
const german: L10n = {
  t: (message, ...args) => plainL10n.t(bundle[message] ?? `(in English) ${message}`, ...args),
};

// Records, so that a new reason does not compile without a line here.
const lineReasons: Readonly<Record<BadLineReason, true>> = {
  'not-json': true,
  'wrong-type': true,
  'bad-number': true,
  'bad-timestamp': true,
  'bad-version': true,
  'empty-name': true,
  'name-too-long': true,
  'no-model': true,
  'no-tokens': true,
  'bad-iteration': true,
  'no-time': true,
  'line-too-long': true,
};
const entryReasons: Readonly<Record<BadEntryReason, true>> = {
  'not-json': true,
  'too-large': true,
  'bad-time': true,
  'name-too-long': true,
  'bad-count': true,
  'bad-amount': true,
  'no-session': true,
  'no-time': true,
  'no-period': true,
  'no-total': true,
  'no-name': true,
  'month-among-days': true,
  'beyond-counting': true,
};

describe('The words for what cannot be counted', () => {
  for (const [language, l10n] of Object.entries({ English: plainL10n, German: german }))
    it(`are there for every reason, in ${language}`, () => {
      for (const reason of Object.keys(lineReasons)) {
        const words = badLineWords(reason, l10n);
        assert.notEqual(words, reason);
        assert.doesNotMatch(words, /in English|\{/);
      }
      for (const reason of Object.keys(entryReasons) as BadEntryReason[])
        assert.doesNotMatch(badEntryWords({ reason, field: 'cost' }, l10n), /in English|\{/);
    });

  it('name the field', () => {
    assert.equal(badEntryWords({ reason: 'bad-amount', field: 'cost' }, german), 'cost ist kein Geldbetrag');
  });

  it('are the reason itself where another version’s engine knows more of them', () => {
    assert.equal(badLineWords('too-green', german), 'too-green');
  });
});
