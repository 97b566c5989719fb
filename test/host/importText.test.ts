import assert from 'node:assert/strict';
import { importDocument, importSummary } from '../../src/host/importText';
import { usDollars } from '../../src/model/format';
import type { ImportReport, ImportSums } from '../../src/model/importReport';
import { plainL10n } from './plainL10n';

const sums = (dollars: number, requests = 1): ImportSums => ({
  requests,
  tokens: dollars * 1_000,
  costNanoDollars: dollars * 1e9,
});

const cutOff = { reason: 'corrupt', message: 'the document is cut off' } as const;

const report: ImportReport = {
  dryRun: true,
  folder: '/old',
  files: [
    { name: 'usage.json', kind: 'usage', bytes: 2_000, entries: 3, damage: null, keptAs: null },
    {
      name: 'daily_usage.json',
      kind: 'daily-usage',
      bytes: 9,
      entries: 0,
      damage: cutOff,
      keptAs: null,
    },
  ],
  sessions: 1_200,
  days: 2,
  months: 0,
  users: { count: 101, first: ['ada', 'bob'] },
  firstDay: '2025-03-01',
  lastDay: '2025-03-09',
  found: sums(11, 40),
  unattributed: sums(2),
  ledgerBefore: sums(0, 0),
  ledgerAfter: sums(0, 0),
  otherSources: sums(3),
  disagreements: {
    count: 1,
    first: [{ file: 'usage.json', user: 'ada', of: '2025-03-02', total: sums(4), details: sums(3) }],
  },
  badEntries: {
    count: 1,
    first: [{ file: 'usage.json', place: 'sessions › 4', reason: 'no-time', field: '' }],
  },
  profiles: 2,
  profilesWithoutUsage: 1,
  limits: [{ period: 'day', user: 'bob', softNanoDollars: 4e9, hardNanoDollars: 5e9 }],
  problems: [{ file: 'daily_usage.json', error: cutOff }],
};
const options = { l10n: plainL10n, locale: 'en', money: usDollars };

describe('The report of an import as text', () => {
  it('tells in a few lines what must be known before one says yes', () => {
    assert.deepEqual(importSummary(report, options).split('\n'), [
      '1,200 sessions and 2 days of 101 users',
      'Altogether $11.00, 11,000 tokens, 40 requests',
      'From Sat, Mar 1, 2025 to Sun, Mar 9, 2025',
      'Of it without a model of their own: $2.00, 2,000 tokens, 1 request',
      'Totals that disagree with their details: 1',
      'Entries that cannot be understood: 1',
      'Files with problems: 1',
      'On the same days the ledger already holds $3.00, 3,000 tokens, 1 request from other sources. If the files tell of the same usage, it would count twice.',
    ]);
  });

  it('keeps silent about what is as it should be', () => {
    const fine = {
      ...report,
      unattributed: sums(0, 0),
      otherSources: sums(0, 0),
      disagreements: { count: 0, first: [] },
      badEntries: { count: 0, first: [] },
      problems: [],
    };
    assert.equal(importSummary(fine, options).split('\n').length, 3);
  });

  it('shows both sides of every disagreement, what was passed over, limits, and how much of a list it shows', () => {
    const text = importDocument(report, options);
    for (const expected of [
      'What would be imported',
      'cannot be read to its end: a file is damaged (the document is cut off)',
      'daily_usage.json: a file is damaged (the document is cut off)',
      'Users (the first 2 of 101)',
      'usage.json › ada › 2025-03-02: total $4.00, 4,000 tokens, 1 request; details $3.00',
      'usage.json › sessions › 4: no time',
      'A day, bob, $5.00, warns at $4.00',
    ])
      assert.ok(text.includes(expected), `${expected}\n${text}`);
    assert.ok(!text.includes('After:'));
    const done = importDocument({ ...report, dryRun: false, ledgerAfter: sums(11) }, options);
    assert.ok(done.includes('What was imported') && done.includes('After: $11.00'));
  });
});
