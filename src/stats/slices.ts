import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QuarterHour } from '../model/time';
import type { Rollups, RollupVisitor } from './rollups';

const quartersADay = 96;
/** How long others may be kept waiting. */
const sliceMs = 8;

/** `Rollups.forEach`, day by day and with pauses in which others have a turn: for what looks at years. */
export async function forEachInSlices(
  rollups: Rollups,
  from: QuarterHour,
  to: QuarterHour,
  visit: RollupVisitor,
): Promise<void> {
  let began = performance.now();
  for (let start = from; start < to; start += quartersADay) {
    rollups.forEach(start, Math.min(to, start + quartersADay), visit);
    if (performance.now() - began < sliceMs) continue;
    await nextTurn();
    began = performance.now();
  }
}
