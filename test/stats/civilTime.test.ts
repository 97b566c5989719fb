import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quarterHourMs } from '../../src/model/time';
import { CivilTime, dayName, dayNumber, firstOfMonth } from '../../src/stats/civilTime';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];

/** The civil day by asking Intl outright, with nothing remembered. */
function plainDay(timeZone: string, epochMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(epochMs);
}

describe('civil time', () => {
  it('gives the day that Intl gives, in every zone, daylight saving included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2035, 0) }),
        (zone, epochMs) => {
          const quarter = Math.floor(epochMs / quarterHourMs);
          const civil = new CivilTime(zone);
          assert.equal(dayName(civil.dayOfQuarter(quarter)), plainDay(zone, quarter * quarterHourMs));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('starts each day at the first quarter hour that carries its date', () => {
    for (const zone of zones) {
      const civil = new CivilTime(zone);
      for (let day = dayNumber('2025-03-01'); day < dayNumber('2025-12-01'); day++) {
        const first = civil.firstQuarterOf(day);
        assert.equal(civil.dayOfQuarter(first), day, `${zone} ${dayName(day)}`);
        assert.equal(civil.dayOfQuarter(first - 1), day - 1, `${zone} ${dayName(day)}`);
      }
    }
  });

  it('knows the day that daylight saving makes 23 or 25 hours long', () => {
    const berlin = new CivilTime('Europe/Berlin');
    const length = (day: string): number =>
      berlin.firstQuarterOf(dayNumber(day) + 1) - berlin.firstQuarterOf(dayNumber(day));
    assert.equal(length('2025-03-30'), 23 * 4);
    assert.equal(length('2025-10-26'), 25 * 4);
    assert.equal(length('2025-06-01'), 24 * 4);
  });

  it('names hours in the zone', () => {
    assert.equal(
      new CivilTime('Asia/Kathmandu').hourName(Date.UTC(2025, 5, 1) / quarterHourMs),
      '2025-06-01T05',
    );
  });

  it('refuses zones and days that do not exist', () => {
    assert.throws(() => new CivilTime('Mars/Olympus'), RangeError);
    assert.throws(() => dayNumber('2025-13-01'), RangeError);
    assert.throws(() => dayNumber('yesterday'), RangeError);
    assert.equal(dayName(firstOfMonth(dayNumber('2024-02-29'))), '2024-02-01');
  });
});
