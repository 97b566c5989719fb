import assert from 'node:assert/strict';
import { usDollars } from '../../src/model/format';
import { repricedMessage } from '../../src/host/repricedMessage';
import { plainL10n } from './plainL10n';

describe('The message of new prices', () => {
  it('says how many messages cost how much more or less', () => {
    const repriced = {
      messages: 1_234,
      beforeNanoDollars: 1_500_000_000,
      afterNanoDollars: 2_000_000_000,
      models: ['some-new-model'],
    };
    assert.equal(
      repricedMessage(repriced, plainL10n, 'en', usDollars),
      'Prices have changed: 1,234 messages cost $2.00 instead of $1.50',
    );
  });
});
