import { useMemo } from 'preact/hooks';
import type { BreakdownQuery } from '../../model/query';
import type { Snapshot } from '../../model/snapshot';
import { type Answer, useAnswer } from '../useAnswer';
import { useHeld } from '../parts/useHeld';
import { type Selection, type Span, spanOf } from '../selection';
import { type Series, type Split, seriesFromRows, seriesFromSnapshot, seriesQuery } from '../series';

export interface SeriesState {
  /** The newest that is known, also while another one is on its way. */
  readonly series: Series | null;
  readonly answer: Answer<'breakdown'>;
}

/** The chart's data: from the snapshot where that is enough, otherwise asked for. */
export function useSeries(selection: Selection, split: Split, snapshot: Snapshot): SeriesState {
  const query = useMemo(() => seriesQuery(selection, split, snapshot), [selection, split, snapshot]);
  const answer = useAnswer('breakdown', query ?? 'nothing');
  const { known } = answer;
  const newest = useMemo(() => {
    if (query === null) return seriesFromSnapshot(spanOf(selection, snapshot), split, snapshot);
    return known === null
      ? null
      : seriesFromRows(spanAsked(known.params), splitAsked(known.params), known.result);
  }, [query, known?.result, known?.params, selection, split, snapshot]);
  return { series: useHeld(newest, answer.pending), answer };
}

/** What was drawn for is told by the question itself, which may be the one before. */
function spanAsked({ filter }: BreakdownQuery): Span {
  return { from: filter.from!, to: filter.to! };
}

function splitAsked({ by }: BreakdownQuery): Split {
  return by[0] === 'project' ? 'project' : by[0] === 'model' ? 'model' : 'kind';
}
