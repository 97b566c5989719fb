import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorWords, reasonWords, troubleWords, WordedError } from '../../src/host/errorWords';
import type { L10n } from '../../src/host/l10n';
import { LedgerError, type LedgerErrorReason } from '../../src/model/errors';
import { emptySnapshot, healthyScan, viewOf } from '../webview/fixtures';
import { plainL10n } from './plainL10n';

const bundle = JSON.parse(readFileSync(join(process.cwd(), 'l10n', 'bundle.l10n.de.json'), 'utf8')) as Record<
  string,
  string
>;
const german: L10n = {
  t: (message, ...args) => plainL10n.t(bundle[message] ?? `(in English) ${message}`, ...args),
};

/** A record, so that a new reason does not compile without a line here. */
const reasons: Readonly<Record<LedgerErrorReason, true>> = {
  cancelled: true,
  timeout: true,
  closed: true,
  crashed: true,
  busy: true,
  invalid: true,
  'not-found': true,
  corrupt: true,
  'newer-schema': true,
  'lease-lost': true,
  'no-leader': true,
  unavailable: true,
  'disk-full': true,
  permission: true,
  io: true,
  unexpected: true,
};

describe('The words for what went wrong', () => {
  it('are there for every reason, in English and in German, and no two reasons share them', () => {
    for (const l10n of [plainL10n, german]) {
      const all = Object.keys(reasons).map((reason) => reasonWords(reason as LedgerErrorReason, '', l10n));
      assert.equal(new Set(all).size, all.length);
      for (const words of all) assert.doesNotMatch(words, /in English|\{/);
    }
  });

  it('name the file or the number where that helps', () => {
    const denied = new LedgerError('permission', 'EACCES: permission denied, open /a/b.csv');
    assert.equal(
      errorWords(denied, plainL10n),
      'access was denied (EACCES: permission denied, open /a/b.csv)',
    );
    assert.equal(
      errorWords(denied, german),
      'Der Zugriff wurde verweigert (EACCES: permission denied, open /a/b.csv)',
    );
    assert.equal(errorWords(new LedgerError('timeout', 'x took 3 ms'), plainL10n), 'no answer came in time');
  });

  it('sort what the system throws', () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    assert.match(errorWords(full, german), /^Der Datenträger ist voll \(/);
    assert.match(errorWords('a bare word', german), /^Etwas Unerwartetes ist geschehen \(a bare word\)$/);
  });

  it('are left alone where they are the user’s already', () => {
    class FromAnotherBundle extends LedgerError {
      readonly worded = true;
    }
    for (const Kind of [WordedError, FromAnotherBundle])
      assert.equal(errorWords(new Kind('invalid', 'Das geht nicht'), german), 'Das geht nicht');
  });

  it('say of a failing scan why it fails, and nothing of one that does not', () => {
    const failing = viewOf({
      ...emptySnapshot(),
      scan: { ...healthyScan, state: 'failing', lastError: 'ENOSPC', lastErrorReason: 'disk-full' },
    });
    assert.equal(troubleWords(failing, german), 'Der Datenträger ist voll (ENOSPC)');
    assert.equal(troubleWords(viewOf(emptySnapshot()), german), null);
    const gone = viewOf(null, { engine: { kind: 'unavailable', reason: 'Der Datenträger ist voll' } });
    assert.equal(troubleWords(gone, german), 'Der Datenträger ist voll');
  });
});
