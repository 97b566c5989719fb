import type { UsageBlock } from '../../model/block';
import type { CivilDay, EpochMs } from '../../model/time';
import { addDays } from '../days';

/** The part of a block that lies on one civil day, in hours from its midnight. */
export interface BlockPiece {
  readonly block: UsageBlock;
  readonly fromHour: number;
  readonly toHour: number;
  /** From the first to the last message, as far as that is on this day; null if it is on another. */
  readonly used: { readonly fromHour: number; readonly toHour: number } | null;
  /** The block begins on this day: its figures are told here. */
  readonly first: boolean;
}

export interface BlockDay {
  readonly day: CivilDay;
  readonly pieces: readonly BlockPiece[];
}

type ClockOf = (epochMs: EpochMs) => {
  readonly day: CivilDay;
  readonly hour: number;
  readonly minute: number;
};

/** Blocks day by day, newest day first, only days with blocks. A block over midnight is on two days. */
export function blockDays(blocks: readonly UsageBlock[], clockOf: ClockOf): BlockDay[] {
  const days = new Map<CivilDay, BlockPiece[]>();
  for (const block of blocks) {
    const start = clockOf(block.startEpochMs);
    const end = clockOf(block.endEpochMs);
    const first = clockOf(block.firstEpochMs);
    const last = clockOf(block.lastEpochMs);
    for (let day = start.day; day <= end.day; day = addDays(day, 1)) {
      const fromHour = hourOn(day, start);
      const toHour = hourOn(day, end);
      if (toHour <= fromHour) continue;
      const usedFrom = hourOn(day, first);
      const usedTo = hourOn(day, last);
      const piece: BlockPiece = {
        block,
        fromHour,
        toHour,
        used: first.day > day || last.day < day ? null : { fromHour: usedFrom, toHour: usedTo },
        first: day === start.day,
      };
      const pieces = days.get(day);
      if (pieces === undefined) days.set(day, [piece]);
      else pieces.push(piece);
    }
  }
  return [...days]
    .map(([day, pieces]) => ({ day, pieces }))
    .sort((one, other) => (one.day < other.day ? 1 : -1));
}

/** Where an instant is on a day: 0 if it was before it, 24 if after. */
function hourOn(day: CivilDay, at: ReturnType<ClockOf>): number {
  if (at.day < day) return 0;
  if (at.day > day) return 24;
  return at.hour + at.minute / 60;
}
