import assert from 'node:assert/strict';
import { usDollars } from '../../src/model/format';
import type { PatternFinding, UsagePatterns } from '../../src/model/patterns';
import { panelStrings } from '../../src/host/panelStrings';
import { sentenceOf } from '../../src/webview/rhythm/sentences';
import { Show } from '../../src/webview/show';
import { plainL10n } from '../host/plainL10n';
import { fakeEngine } from './fakeEngine';

const words = { strings: panelStrings(plainL10n), show: new Show('en', 'UTC', usDollars) };
const { findings } = fakeEngine('patterns', {} as never) as UsagePatterns;
const sentence = (kind: PatternFinding['kind']): string =>
  sentenceOf(
    findings.find((each) => each.kind === kind)!,
    words,
  );

describe('What stands out', () => {
  it('is said in plain sentences, with every figure in its place', () => {
    for (const finding of findings) assert.doesNotMatch(sentenceOf(finding, words), /\{\d\}|undefined|NaN/);
    assert.equal(sentence('trend'), 'The last 7 days cost $96.00: 23% more than the $78.00 before.');
    assert.equal(sentence('modelShift'), 'claude-sonnet-4-6 went up from 14% to 29% of the cost.');
    assert.match(sentence('unusualDay'), /^Mon, Nov 9, 2026 cost \$33\.90, .* in usage-ledger\.$/);
  });

  it('says what came from nothing as that, and less as less', () => {
    const trend = findings.find((each) => each.kind === 'trend')!;
    assert.match(sentenceOf({ ...trend, change: null }, words), /there was nothing before/);
    assert.match(sentenceOf({ ...trend, change: -0.5 }, words), /50% less/);
  });

  it('makes names harmless', () => {
    const users: PatternFinding = {
      kind: 'users',
      count: 2,
      users: [
        { name: '\u202eevil', messages: 1, tokens: 1, costNanoDollars: 1, share: 0.6 },
        { name: '', messages: 1, tokens: 1, costNanoDollars: 1, share: 0.4 },
      ],
    };
    assert.equal(sentenceOf(users, words), '2 users share the cost: evil (60%) and unknown (40%).');
  });
});
