import { blockMs, type UsageBlock } from '../model/block';
import type { UsageFilter } from '../model/query';
import { quarterHourMs, quarterHourOf, type QuarterHour } from '../model/time';
import type { DimensionName } from '../model/usageRecord';
import { nameFilter, quarterRange } from './breakdown';
import { BlockCutter } from './blocks';
import type { CivilTime } from './civilTime';
import { PlanWindows } from './planWindows';
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

interface Answer {
  readonly blocks: Promise<readonly UsageBlock[]>;
  /** From here on usage has changed since; Infinity: nowhere. */
  changedFrom: QuarterHour;
  readonly to: QuarterHour;
}

/** The 5-hour blocks of a stretch of time. What did not change is not summed up again. */
export class BlockHistory {
  readonly #rollups: Rollups;
  readonly #onAnswer: (remembered: boolean) => void;
  readonly #answers = new Map<string, Answer>();

  constructor(rollups: Rollups, onAnswer: (remembered: boolean) => void = () => undefined) {
    this.#rollups = rollups;
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
    const until = to + blockMs / quarterHourMs;
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
    return (await answer.blocks).filter(
      ({ startEpochMs, endEpochMs }) => startEpochMs < toEpochMs && endEpochMs > fromEpochMs,
    );
  }

  async #cut(
    only: NonNullable<UsageFilter['only']>,
    standingBlocks: Promise<readonly UsageBlock[]>,
    from: QuarterHour,
    until: QuarterHour,
  ): Promise<readonly UsageBlock[]> {
    const planOnly: { -readonly [Name in DimensionName]?: readonly string[] } = {};
    for (const name of planDimensions) if (only[name] !== undefined) planOnly[name] = only[name];
    const makesWindow = nameFilter(planOnly);
    const counts = nameFilter(only);
    const kept = await standingBlocks;
    // The quarter hour before: a window that begins in the range's first is found by what is in it.
    const window =
      kept.at(-1)?.startEpochMs ?? new PlanWindows(this.#rollups, makesWindow).at((from - 1) * quarterHourMs);
    const cutter = new BlockCutter(window);
    const begin = window === null ? from : window / quarterHourMs;
    await forEachInSlices(this.#rollups, begin, until, (quarter, names, total) => {
      if (makesWindow(names)) cutter.add(quarter, total, counts(names));
    });
    return [...kept.slice(0, -1), ...cutter.blocks];
  }

  #remember(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > rememberedAnswers && oldest.done !== true) this.#answers.delete(oldest.value);
  }
}

/** Blocks whose windows no change has moved; the last of them may have got more usage. */
async function standing(answer: Answer | undefined): Promise<readonly UsageBlock[]> {
  if (answer === undefined) return [];
  // Told apart here: it may go on to change while its blocks are waited for.
  const { changedFrom } = answer;
  return (await answer.blocks).filter(
    ({ startEpochMs }) => quarterHourOf(startEpochMs) + hourQuarters <= changedFrom,
  );
}
