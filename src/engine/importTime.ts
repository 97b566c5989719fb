import { type CivilDay, type EpochMs, quarterHourMs, quarterHourOf } from '../model/time';
import type { LocalTime } from '../sources/legacy/time';
import { type CivilTime, dayName, dayNumber } from '../stats/civilTime';

/** The zone in which days are counted, for old files that name none. */
export function localTime(civil: CivilTime): LocalTime {
  const midnights = new Map<CivilDay, EpochMs>();
  return {
    dayOf: (epochMs) => dayName(civil.dayOf(epochMs)),
    instantOf: (day, wallMs) => {
      let midnight = midnights.get(day);
      if (midnight === undefined)
        midnights.set(day, (midnight = civil.firstQuarterOf(dayNumber(day)) * quarterHourMs));
      const guess = midnight + wallMs;
      // Off by what the clocks were changed by since midnight, if they were.
      const shown = Date.parse(`${civil.hourName(quarterHourOf(guess))}:00:00Z`);
      const meant = Math.floor((Date.parse(`${day}T00:00:00Z`) + wallMs) / 3_600_000) * 3_600_000;
      return guess + meant - shown;
    },
  };
}
