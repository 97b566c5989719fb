import { useMemo } from 'preact/hooks';
import { addMeasures, type Measures, noMeasures } from '../../model/measures';
import type { BreakdownQuery } from '../../model/query';
import type { NamedMeasures, Snapshot } from '../../model/snapshot';
import { type Answer, useAnswer } from '../useAnswer';
import { previousQuery, previousTotal } from '../comparison';
import { useHeld } from '../parts/useHeld';
import { type FilterDimension, filterOf, knownPeriod, type Selection, type Span, spanOf } from '../selection';
import { useWords } from '../words';

/** Sums of a selection by one dimension, the dearest first; of what was shown before while an answer is on its way; null before the first. */
export interface NamedTotals {
  readonly span: Span;
  readonly total: Measures;
  readonly names: readonly NamedMeasures[];
}

export interface TotalsState {
  readonly totals: NamedTotals | null;
  readonly answer: Answer<'breakdown'>;
}

export function useTotals(selection: Selection, dimension: FilterDimension, snapshot: Snapshot): TotalsState {
  const period = knownPeriod(selection, snapshot);
  const known =
    dimension === 'model' ? period?.byModel : dimension === 'project' ? period?.byProject : undefined;
  const query = useMemo<BreakdownQuery>(
    () => ({ filter: filterOf(selection, snapshot), grain: 'total', by: [dimension] }),
    [selection, snapshot, dimension],
  );
  const answer = useAnswer('breakdown', known === undefined ? query : 'nothing');
  const knownTotals = useMemo(() => {
    if (period !== null && known !== undefined)
      return { span: spanOf(selection, snapshot), total: period.total, names: known };
    if (answer.known === null) return null;
    const { params, result } = answer.known;
    const total = noMeasures();
    for (const row of result) addMeasures(total, row.total);
    const by = params.by[0] ?? dimension;
    return {
      span: { from: params.filter.from!, to: params.filter.to! },
      total,
      names: result.map((row) => ({ name: row.names[by] ?? '', total: row.total })),
    };
  }, [period, known, answer.known?.params, answer.known?.result, selection, snapshot, dimension]);
  return { totals: useHeld(knownTotals, answer.pending), answer };
}

export interface PreviousTotal {
  readonly total: Measures;
  readonly span: Span;
}

/** The figures of the period before; null where there are none (yet). */
export function usePrevious(
  selection: Selection,
  snapshot: Snapshot,
  nowEpochMs: number,
): PreviousTotal | null {
  const { show } = useWords();
  const query = useMemo(() => previousQuery(selection, snapshot), [selection, snapshot]);
  const { known } = useAnswer('breakdown', query ?? 'nothing');
  // What was asked before for something else would be compared with the wrong figures.
  if (known === null || query === null || JSON.stringify(known.params) !== JSON.stringify(query)) return null;
  return {
    total: previousTotal(known.result, query, show.clockOf(nowEpochMs)),
    span: { from: query.filter.from!, to: query.filter.to! },
  };
}
