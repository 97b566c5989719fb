import { civilDayOf } from '../model/format';
import { quarterHourMs } from '../model/time';

/** How long until the next civil day of `timeZone` begins: every midnight is on a quarter hour. */
export function msUntilNextDay(nowEpochMs: number, timeZone: string): number {
  const today = civilDayOf(nowEpochMs, timeZone);
  let quarter = Math.floor(nowEpochMs / quarterHourMs) + 1;
  while (civilDayOf(quarter * quarterHourMs, timeZone) === today) quarter++;
  return quarter * quarterHourMs - nowEpochMs;
}
