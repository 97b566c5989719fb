import { blockMs, type UsageBlock } from '../model/block';
import type { UsageFilter } from '../model/query';
import { addMeasures, noMeasures, type Measures } from '../model/measures';
import { quarterHourMs, quarterHourOf, type EpochMs, type QuarterHour } from '../model/time';
import type { DimensionName, Dimensions } from '../model/usageRecord';
import { nameFilter, quarterRange } from './breakdown';
import { BlockCutter } from './blocks';
import type { CivilTime } from './civilTime';
import { PlanWindows, type PlanWindow } from './planWindows';
import type { Rollups } from './rollups';
import { forEachInSlices } from './slices';

/** Answers that are remembered: a panel asks for the same few again and again. */
const rememberedAnswers = 8;
/** A window's start depends on its first hour. */
const hourQuarters = 4;

/**
 * Names that tell whose plan it is. Each user of each provider has windows of their own; the other names (a project, a
 * model) choose what is summed in them.
 */
const planDimensions = ['provider', 'user'] as const satisfies DimensionName[];

/** Messages of the ledger, where milliseconds matter. */
export interface CountedMessages {
  /** What was counted in a short range of time (`to` is exclusive), one by one. */
  countedBetween(
    from: EpochMs,
    to: EpochMs,
  ): readonly { readonly epochMs: EpochMs; readonly names: Dimensions; readonly total: Readonly<Measures> }[];
}

type CutBlock = UsageBlock & { readonly window: PlanWindow };

interface Answer {
  readonly blocks: Promise<readonly CutBlock[]>;
  /** From here on usage has changed since; Infinity: nowhere. */
  changedFrom: QuarterHour;
  readonly to: QuarterHour;
}

/** The 5-hour blocks of a stretch of time. What did not change is not summed up again. */
export class BlockHistory {
  readonly #rollups: Rollups;
  readonly #messages: CountedMessages;
  readonly #onAnswer: (remembered: boolean) => void;
  readonly #answers = new Map<string, Answer>();

  constructor(
    rollups: Rollups,
    messages: CountedMessages,
    onAnswer: (remembered: boolean) => void = () => undefined,
  ) {
    this.#rollups = rollups;
    this.#messages = messages;
    this.#onAnswer = onAnswer;
  }

  changed(quarters: Iterable<QuarterHour>): void {
    if (this.#answers.size === 0) return;
    let earliest = Infinity;
    for (const quarter of quarters) earliest = Math.min(earliest, quarter);
    for (const answer of this.#answers.values())
      if (earliest < answer.to) answer.changedFrom = Math.min(answer.changedFrom, earliest);
  }

  forget(): void {
    this.#answers.clear();
  }

  /** Blocks that lie in the filter's range or reach into it, oldest first. */
  async blocks(filter: UsageFilter, civil: CivilTime): Promise<readonly UsageBlock[]> {
    const { from, to } = quarterRange(filter, civil, this.#rollups);
    // A block that reaches out of the range is told in full.
    const until = to + blockMs / quarterHourMs + 1;
    const key = JSON.stringify([from, to, filter.only ?? {}]);
    let answer = this.#answers.get(key);
    const remembered = answer?.changedFrom === Infinity;
    this.#onAnswer(remembered);
    if (answer === undefined || !remembered) {
      const blocks = this.#cut(filter.only ?? {}, standing(answer), from, until);
      answer = { blocks, changedFrom: Infinity, to: until };
      const asked = answer;
      blocks.catch(() => {
        if (this.#answers.get(key) === asked) this.#answers.delete(key);
      });
    }
    this.#remember(key, answer);
    const [fromEpochMs, toEpochMs] = [from * quarterHourMs, to * quarterHourMs];
    return (await answer.blocks)
      .filter(({ startEpochMs, endEpochMs }) => startEpochMs < toEpochMs && endEpochMs > fromEpochMs)
      .map(({ startEpochMs, endEpochMs, firstEpochMs, lastEpochMs, total }) => ({
        startEpochMs,
        endEpochMs,
        firstEpochMs,
        lastEpochMs,
        total,
      }));
  }

  async #cut(
    only: NonNullable<UsageFilter['only']>,
    standingBlocks: Promise<readonly CutBlock[]>,
    from: QuarterHour,
    until: QuarterHour,
  ): Promise<readonly CutBlock[]> {
    const planOnly: { -readonly [Name in DimensionName]?: readonly string[] } = {};
    for (const name of planDimensions) if (only[name] !== undefined) planOnly[name] = only[name];
    const makesWindow = nameFilter(planOnly);
    const counts = nameFilter(only);
    const kept = await standingBlocks;
    const window = kept.at(-1)?.window ?? this.#windowBefore(makesWindow, from);
    const cutter = new BlockCutter(window, this.#countedAt());
    const begin = window === null ? from : window.startEpochMs / quarterHourMs;
    await forEachInSlices(this.#rollups, begin, until, (quarter, names, total) => {
      if (makesWindow(names)) cutter.add(quarter, names, total, counts(names));
    });
    return [...kept.slice(0, -1), ...cutter.blocks];
  }

  /** The window that usage from a quarter hour on may belong to. */
  #windowBefore(makesWindow: (names: Dimensions) => boolean, quarter: QuarterHour): PlanWindow | null {
    const windows = new PlanWindows(this.#rollups, makesWindow, (of) => {
      const times = this.#messages
        .countedBetween(of * quarterHourMs, (of + 1) * quarterHourMs)
        .filter(({ names }) => makesWindow(names))
        .map(({ epochMs }) => epochMs);
      return { first: times[0] ?? Infinity, last: times.at(-1) ?? -Infinity };
    });
    // The quarter hour before: a window that begins in this one is found by what is in it.
    return windows.at((quarter - 1) * quarterHourMs);
  }

  /** The rollups of a quarter hour come one after the other: its messages are asked for once. */
  #countedAt(): (epochMs: EpochMs, names: Dimensions) => Measures | null {
    let askedEpochMs = -1;
    let rows: ReturnType<CountedMessages['countedBetween']> = [];
    return (epochMs, names) => {
      if (epochMs !== askedEpochMs) {
        rows = this.#messages.countedBetween(epochMs, epochMs + 1);
        askedEpochMs = epochMs;
      }
      const own = rows.filter((row) => row.names === names);
      if (own.length === 0) return null;
      const sum = noMeasures();
      for (const { total } of own) addMeasures(sum, total);
      return sum;
    };
  }

  #remember(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > rememberedAnswers && oldest.done !== true) this.#answers.delete(oldest.value);
  }
}

/** Blocks whose windows no change has moved; the last of them may have got more usage. */
async function standing(answer: Answer | undefined): Promise<readonly CutBlock[]> {
  if (answer === undefined) return [];
  // Told apart here: it may go on to change while its blocks are waited for.
  const { changedFrom } = answer;
  return (await answer.blocks).filter(
    ({ window }) => quarterHourOf(window.startEpochMs) + hourQuarters <= changedFrom,
  );
}
