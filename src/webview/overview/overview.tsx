import { useCallback } from 'preact/hooks';
import type { Snapshot } from '../../model/snapshot';
import type { NameColors } from '../colors';
import { isUnfinishedDay } from '../comparison';
import { type Drill, drillIntoBucket } from '../drill';
import type { OverviewState, Tables } from '../pageState';
import { Outcome } from '../parts/section';
import type { FilterDimension, Selection } from '../selection';
import { fill, useWords } from '../words';
import { ChartSection } from './chartSection';
import { Figures } from './figures';
import { MonthSection } from './monthSection';
import { NameTables } from './nameTables';
import { NowSection } from './nowSection';
import { useSeries } from './useSeries';
import { usePrevious, useTotals } from './useTotals';

interface OverviewProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly nowEpochMs: number;
  readonly modelColors: NameColors;
  readonly projectColors: NameColors;
  readonly state: OverviewState;
  readonly onState: (change: Partial<OverviewState>) => void;
  readonly tables: Tables;
  readonly onDrill: (drill: Drill) => void;
}

export function Overview(props: OverviewProps) {
  const { selection, snapshot, nowEpochMs, modelColors, state, onState, tables, onDrill } = props;
  const { strings } = useWords();
  const openName = useCallback(
    (dimension: FilterDimension, name: string, label: string) =>
      onDrill({
        span: null,
        only: { [dimension]: [name] },
        within: null,
        label: fill(strings.nameAndValue, strings[dimension], label),
      }),
    [onDrill, strings],
  );
  return (
    <>
      <SelectedFigures selection={selection} snapshot={snapshot} nowEpochMs={nowEpochMs} />
      <SelectedChart {...props} />
      <div class="pair">
        <MonthSection
          snapshot={snapshot}
          only={selection.only}
          nowEpochMs={nowEpochMs}
          tableOpen={tables.has('month')}
          onTableOpen={(open) => tables.set('month', open)}
        />
        <NowSection snapshot={snapshot} nowEpochMs={nowEpochMs} />
      </div>
      <NameTables
        selection={selection}
        snapshot={snapshot}
        colors={modelColors}
        names={state.names}
        onNames={(names) => onState({ names })}
        onOpen={openName}
      />
    </>
  );
}

// Each part asks for itself, so that an answer draws that part anew and nothing else.

function SelectedFigures({
  selection,
  snapshot,
  nowEpochMs,
}: Pick<OverviewProps, 'selection' | 'snapshot' | 'nowEpochMs'>) {
  const { totals, answer } = useTotals(selection, 'model', snapshot);
  const previous = usePrevious(selection, snapshot, nowEpochMs);
  return totals === null ? (
    <Outcome error={answer.error} retry={answer.retry} />
  ) : (
    <Figures totals={totals} previous={previous} today={isUnfinishedDay(selection, snapshot)} />
  );
}

function SelectedChart(props: OverviewProps) {
  const { selection, snapshot, modelColors, projectColors, state, onState, tables, onDrill } = props;
  return (
    <ChartSection
      series={useSeries(selection, state.split, snapshot)}
      modelColors={modelColors}
      projectColors={projectColors}
      metric={state.metric}
      onMetric={(metric) => onState({ metric })}
      split={state.split}
      onSplit={(split) => onState({ split })}
      tableOpen={tables.has('series')}
      onTableOpen={(open) => tables.set('series', open)}
      onOpen={(bucket, label) => onDrill(drillIntoBucket(bucket, label))}
    />
  );
}
