import assert from 'node:assert/strict';
import { type RawSettings, engineSettings } from '../../src/host/settingValues';

describe('Settings', () => {
  let logged: string[];
  const read = (raw: Partial<RawSettings>): ReturnType<typeof engineSettings> => {
    logged = [];
    return engineSettings(raw as RawSettings, {
      timeZone: 'Europe/Berlin',
      user: 'ada',
      log: (_level, message) => logged.push(message),
    });
  };

  it('have defaults that need no setting', () => {
    assert.deepEqual(read({}), {
      timeZone: 'Europe/Berlin',
      costMode: 'auto',
      userPrices: [],
      extraRoots: [],
      user: 'ada',
      minIntervalMs: 2_000,
      maxIntervalMs: 300_000,
      metricsPort: 0,
      limits: [],
      messageDetailMonths: 0,
      openMonths: 4,
    });
  });

  it('take what is set', () => {
    const settings = read({
      configDirs: ['~/elsewhere', '', 3],
      timeZone: 'Asia/Kathmandu',
      costMode: 'calculate',
      user: ' grace ',
      prices: { mine: { input: 3, output: 15, cacheRead: 0.3 } },
    });
    assert.deepEqual(settings.extraRoots, ['~/elsewhere']);
    assert.match(settings.timeZone, /^Asia\/Kat(h)?mandu$/);
    assert.equal(settings.costMode, 'calculate');
    assert.equal(settings.user, 'grace');
    assert.deepEqual(settings.userPrices, [{ model: 'mine', input: 3, output: 15, cacheRead: 0.3 }]);
  });

  it('fall back, and say so, where a time zone is none', () => {
    assert.equal(read({ timeZone: 'Atlantis/Capital' }).timeZone, 'Europe/Berlin');
    assert.equal(logged.length, 1);
  });

  it('leave out, and name, prices that are none', () => {
    const bad = [
      null,
      3,
      {},
      { input: 3 },
      { input: -1, output: 1 },
      { input: NaN, output: 1 },
      { input: 1, output: 1, cacheRead: '0' },
    ];
    for (const price of bad) {
      assert.deepEqual(read({ prices: { bad: price, good: { input: 1, output: 2 } } }).userPrices, [
        { model: 'good', input: 1, output: 2 },
      ]);
      assert.equal(logged.length, 1);
    }
  });

  it('keep intervals within bounds and in order', () => {
    const { minIntervalMs, maxIntervalMs } = read({ minIntervalSeconds: 500, maxIntervalSeconds: 5 });
    assert.equal(minIntervalMs, 500_000);
    assert.equal(maxIntervalMs, 500_000);
    assert.equal(read({ minIntervalSeconds: 0 }).minIntervalMs, 1_000);
    assert.equal(read({ minIntervalSeconds: Infinity }).minIntervalMs, 2_000);
  });
});
