import assert from 'node:assert/strict';
import { displaySettings, templatePieces } from '../../src/host/displaySettings';

describe('Settings of how figures look', () => {
  let logged: number;
  const read = (settings: Record<string, unknown>): ReturnType<typeof displaySettings> => {
    logged = 0;
    return displaySettings(
      (name) => settings[name],
      () => logged++,
    );
  };

  it('show today’s cost in US dollars unless told otherwise', () => {
    assert.deepEqual(read({}), {
      ticker: { pieces: [{ part: 'today', metric: 'cost' }], alignment: 'right', priority: 100 },
      money: { code: 'USD', symbol: '', rate: 1 },
    });
  });

  it('take what is set', () => {
    const { ticker, money } = read({
      'ticker.show': 'project',
      'ticker.metric': 'tokens',
      'ticker.alignment': 'left',
      'ticker.priority': 3,
      'currency.code': 'eur',
      'currency.symbol': ' E ',
      'currency.rate': 0.9,
    });
    assert.deepEqual(ticker, {
      pieces: [{ part: 'project', metric: 'tokens' }],
      alignment: 'left',
      priority: 3,
    });
    assert.deepEqual(money, { code: 'EUR', symbol: 'E', rate: 0.9 });
  });

  it('fall back where they are edited to nonsense, and never to another currency’s rate', () => {
    const { ticker, money } = read({
      'ticker.show': 'tomorrow',
      'ticker.metric': 7,
      'ticker.priority': 'high',
      'currency.code': 'euros',
      'currency.rate': 0.9,
    });
    assert.deepEqual(ticker, read({}).ticker);
    assert.deepEqual(money, { code: 'USD', symbol: '', rate: 1 });
    assert.equal(read({ 'currency.code': 'EUR', 'currency.rate': -1 }).money.rate, 1);
  });

  it('read a template as text and parts, each with what it counts', () => {
    const pieces = templatePieces('T {today} {project:tokens}!', 'both', () => undefined);
    assert.deepEqual(pieces, [
      'T ',
      { part: 'today', metric: 'both' },
      ' ',
      { part: 'project', metric: 'tokens' },
      '!',
    ]);
  });

  it('leave what is no part as it stands, and say so', () => {
    let warned = 0;
    const pieces = templatePieces('{tody} {today:costs} {today}', 'cost', () => warned++);
    assert.deepEqual(pieces, ['{tody} {today:costs} ', { part: 'today', metric: 'cost' }]);
    assert.equal(warned, 2);
  });
});
