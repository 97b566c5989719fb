import { addMeasures, noMeasures, type Measures } from '../model/measures';
import type { BreakdownQuery, BreakdownRow } from '../model/query';
import type { NamedMeasures, Snapshot } from '../model/snapshot';
import type { CivilDay, EpochMs } from '../model/time';
import type { NamedTotals, UsageSummary } from '../api';

const longestDays = 3_660;

/** @throws RangeError for anything but a whole number of days from 1 to 3,660. */
export function checkDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > longestDays) {
    throw new RangeError(`days must be a whole number from 1 to ${longestDays}`);
  }
}

/** The civil days, both inclusive, of the last `days` days in a zone. */
export function lastDays(
  days: number,
  timeZone: string,
  nowEpochMs: EpochMs,
): { from: CivilDay; to: CivilDay } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const to = parts.format(nowEpochMs);
  const from = new Date(Date.parse(`${to}T00:00:00Z`) - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  return { from, to };
}

export function summaryQuery(range: { readonly from: CivilDay; readonly to: CivilDay }): BreakdownQuery {
  return { filter: range, grain: 'total', by: ['model', 'project'] };
}

interface Range {
  readonly from: CivilDay;
  readonly to: CivilDay;
  readonly timeZone: string;
}

/** A summary of the engine's answer to `summaryQuery`. */
export function summaryOf(rows: readonly BreakdownRow[], range: Range): UsageSummary {
  return summed(
    range,
    rows.map(({ names, total }) => ({ model: names.model ?? '', project: names.project ?? '', total })),
  );
}

/** What can be said while the engine cannot be asked: the last snapshot's days, and what was recorded since. */
export function summaryWithoutEngine(
  snapshot: Snapshot | null,
  pending: readonly {
    readonly day: CivilDay;
    readonly model: string;
    readonly project: string;
    readonly total: Measures;
  }[],
  range: Range,
): UsageSummary {
  const within = ({ day }: { readonly day: CivilDay }): boolean => day >= range.from && day <= range.to;
  const known = (snapshot?.days ?? [])
    .filter(within)
    .flatMap(({ byModel }) => byModel.map(({ name, total }) => ({ model: name, project: '', total })));
  return summed(range, [...known, ...pending.filter(within)]);
}

function summed(
  { from, to, timeZone }: Range,
  parts: readonly { readonly model: string; readonly project: string; readonly total: Measures }[],
): UsageSummary {
  const total = noMeasures();
  const byModel = new Map<string, Measures>();
  const byProject = new Map<string, Measures>();
  for (const part of parts) {
    addMeasures(total, part.total);
    addNamed(byModel, part.model, part.total);
    if (part.project !== '') addNamed(byProject, part.project, part.total);
  }
  return { from, to, timeZone, total, byModel: ranked(byModel), byProject: ranked(byProject) };
}

function addNamed(sums: Map<string, Measures>, name: string, part: Measures): void {
  let sum = sums.get(name);
  if (sum === undefined) sums.set(name, (sum = noMeasures()));
  addMeasures(sum, part);
}

function ranked(sums: ReadonlyMap<string, Measures>): NamedTotals[] {
  return [...sums]
    .map(([name, total]): NamedMeasures => ({ name, total }))
    .sort((a, b) => b.total.costNanoDollars - a.total.costNanoDollars || (a.name < b.name ? -1 : 1));
}
