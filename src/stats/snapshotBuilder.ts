import { totalTokens, type Measures } from '../model/measures';
import type { NamedMeasures, PeriodMeasures, ScanHealth, Snapshot } from '../model/snapshot';
import { type EpochMs, type QuarterHour, quarterHourMs } from '../model/time';
import { CivilTime, dayName, firstOfMonth, type DayNumber } from './civilTime';
import { addTotals, DayTotals, noTotals, type Totals } from './dayTotals';
import type { Rollups } from './rollups';

/** Days of bars in a snapshot, today included. */
const barDays = 30;
/** Names listed in a period; a breakdown has them all. */
const listedNames = 50;

/** Makes snapshots of a ledger's rollups. What did not change since the last one is not summed again. */
export class SnapshotBuilder {
  readonly #rollups: Rollups;
  #civil: CivilTime;
  #totals: DayTotals;

  constructor(rollups: Rollups, timeZone: string) {
    this.#rollups = rollups;
    this.#civil = new CivilTime(timeZone);
    this.#totals = new DayTotals(rollups, this.#civil);
  }

  get civil(): CivilTime {
    return this.#civil;
  }

  setTimeZone(timeZone: string): void {
    if (timeZone === this.#civil.timeZone) return;
    this.#civil = new CivilTime(timeZone);
    this.forget();
  }

  forget(): void {
    this.#totals = new DayTotals(this.#rollups, this.#civil);
  }

  /** Sums of these quarter hours have moved. */
  changed(quarters: Iterable<QuarterHour>): void {
    this.#totals.changed(quarters);
  }

  build(generation: number, nowEpochMs: EpochMs, scan: ScanHealth): Snapshot {
    const today = this.#civil.dayOf(nowEpochMs);
    const monthStart = firstOfMonth(today);
    const days = this.#totals.days(Math.min(monthStart, today - barDays + 1), today);
    const period = (from: DayNumber, to: DayNumber): PeriodMeasures => {
      const sum = noTotals();
      for (let day = from; day <= to; day++) {
        const part = days.get(day);
        if (part !== undefined) addTotals(sum, part);
      }
      return periodOf(from, to, sum);
    };
    const allTime = this.#totals.allTime();
    const firstDay = this.#totals.firstDay() ?? today;
    return {
      format: 1,
      generation,
      takenEpochMs: nowEpochMs,
      timeZone: this.#civil.timeZone,
      todayEndsEpochMs: this.#civil.firstQuarterOf(today + 1) * quarterHourMs,
      periods: {
        today: period(today, today),
        yesterday: period(today - 1, today - 1),
        last7Days: period(today - 6, today),
        last30Days: period(today - 29, today),
        month: period(monthStart, today),
        allTime: periodOf(Math.min(firstDay, today), today, allTime),
      },
      days: Array.from({ length: barDays }, (_, index) => {
        const day = today - barDays + 1 + index;
        const sums = days.get(day) ?? noTotals();
        return { day: dayName(day), total: sums.total, byModel: ranked(sums.byModel) };
      }),
      unpricedModels: [...allTime.byModel]
        .filter(([, total]) => total.unpricedMessages > 0)
        .map(([model, total]) => ({ model, messages: total.unpricedMessages }))
        .sort((a, b) => b.messages - a.messages),
      scan,
    };
  }
}

function periodOf(from: DayNumber, to: DayNumber, sums: Totals): PeriodMeasures {
  return {
    from: dayName(from),
    to: dayName(to),
    total: sums.total,
    byModel: ranked(sums.byModel),
    byProject: ranked(sums.byProject),
  };
}

function ranked(sums: ReadonlyMap<string, Measures>): NamedMeasures[] {
  return [...sums]
    .map(([name, total]) => ({ name, total }))
    .sort(
      (a, b) =>
        b.total.costNanoDollars - a.total.costNanoDollars ||
        totalTokens(b.total) - totalTokens(a.total) ||
        (a.name < b.name ? -1 : 1),
    )
    .slice(0, listedNames);
}
