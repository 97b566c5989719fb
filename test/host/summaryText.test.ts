import assert from 'node:assert/strict';
import { summaryText } from '../../src/host/summaryText';
import { usDollars } from '../../src/model/format';
import { measures, snapshotOf } from '../webview/fixtures';
import { plainL10n } from './plainL10n';

describe('The copied summary', () => {
  const snapshot = snapshotOf(
    () => [
      { name: 'claude-opus-4-6', total: measures({ messages: 2, inputTokens: 10, costNanoDollars: 1e9 }) },
    ],
    ['/home/ada/a|b', '/home/ada/<img src=x>'],
  );
  const text = summaryText(snapshot, usDollars, 'en', plainL10n);

  it('has a row for each period and for the most expensive models and projects', () => {
    assert.match(text, /\| Today \| \$1\.00 \| 10 \| 2 \|/);
    assert.match(text, /\| 30 days \| \$30\.00 \| 300 \| 60 \|/);
    assert.match(text, /\| claude-opus-4-6 \| \$30\.00 \|/);
  });

  it('stays a table, and text, whatever the projects are called', () => {
    assert.ok(text.includes('a\\|b'));
    assert.ok(text.includes('\\<img src=x\\>'));
    for (const block of text.split('\n\n').filter((each) => each.startsWith('|'))) {
      const widths = block.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
      assert.equal(new Set(widths).size, 1, block);
    }
  });

  it('is in the currency of the settings', () => {
    const euros = summaryText(snapshot, { code: 'EUR', symbol: '', rate: 0.5 }, 'en', plainL10n);
    assert.match(euros, /\| Today \| €0\.50 \|/);
  });
});
