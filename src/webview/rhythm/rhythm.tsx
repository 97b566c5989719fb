import type { Snapshot } from '../../model/snapshot';
import type { Drill } from '../drill';
import type { Tables } from '../pageState';
import type { Selection } from '../selection';
import type { Metric } from '../series';
import { Blocks } from './blocks';
import { Heatmap } from './heatmap';
import { Patterns } from './patterns';

interface RhythmProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly metric: Metric;
  readonly tables: Tables;
  readonly onDrill: (drill: Drill) => void;
}

/** How usage is spread over time. */
export function Rhythm({ selection, snapshot, metric, tables, onDrill }: RhythmProps) {
  return (
    <>
      <Patterns selection={selection} snapshot={snapshot} />
      <Heatmap
        selection={selection}
        snapshot={snapshot}
        metric={metric}
        tableOpen={tables.has('heatmap')}
        onTableOpen={(open) => tables.set('heatmap', open)}
        onDrill={onDrill}
      />
      <Blocks
        selection={selection}
        snapshot={snapshot}
        tableOpen={tables.has('blocks')}
        onTableOpen={(open) => tables.set('blocks', open)}
        onDrill={onDrill}
      />
    </>
  );
}
