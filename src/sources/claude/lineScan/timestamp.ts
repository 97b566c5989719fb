import { colon, dot, isDigit, minus, zero } from './bytes';

/** Before any of this existed, and after anyone will read it: years outside are a broken clock or a broken line. */
const firstYear = 2020;
const lastYear = 2099;

/**
 * A time as Claude Code writes it (`2026-11-20T08:15:30.123Z`), in milliseconds since 1970; NaN if it is written in
 * another way, or is none.
 */
export function timeAt(from: usize, to: usize): f64 {
  const isPlain =
    to - from == 24 &&
    load<u8>(from + 4) == minus &&
    load<u8>(from + 7) == minus &&
    load<u8>(from + 10) == 0x54 &&
    load<u8>(from + 13) == colon &&
    load<u8>(from + 16) == colon &&
    load<u8>(from + 19) == dot &&
    load<u8>(from + 23) == 0x5a;
  if (!isPlain) return NaN;
  const year = digits(from, 4);
  const month = digits(from + 5, 2);
  const day = digits(from + 8, 2);
  const hour = digits(from + 11, 2);
  const minute = digits(from + 14, 2);
  const second = digits(from + 17, 2);
  const millisecond = digits(from + 20, 3);
  if (year < firstYear || year > lastYear || month < 1 || month > 12) return NaN;
  if (day < 1 || day > daysOfMonth(year, month)) return NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || millisecond < 0)
    return NaN;
  const seconds = (hour * 60 + minute) * 60 + second;
  return <f64>daysSince1970(year, month, day) * 86_400_000 + <f64>(seconds * 1000 + millisecond);
}

/** −1 if there are others. */
function digits(from: usize, count: usize): i32 {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const byte = load<u8>(at);
    if (!isDigit(byte)) return -1;
    value = value * 10 + (byte - zero);
  }
  return value;
}

/** Within `firstYear` and `lastYear` every fourth year is a leap year. */
function daysOfMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

function daysSince1970(year: i32, month: i32, day: i32): i32 {
  const years = year - 1970;
  let days = years * 365 + (years + 1) / 4 + day - 1;
  for (let before = 1; before < month; before++) days += daysOfMonth(year, before);
  return days;
}
