import type { Snapshot } from '../../model/snapshot';
import { useTotals } from '../overview/useTotals';
import { Outcome } from '../parts/section';
import type { Selection } from '../selection';
import { ClaudeTotals } from './claudeTotals';
import { Health } from './health';
import { Notes } from './notes';

interface AccuracyProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly onSession: (session: string) => void;
}

/** How far the figures can be trusted, and how they come about. */
export function Accuracy({ selection, snapshot, onSession }: AccuracyProps) {
  const { totals, answer } = useTotals(selection, 'model', snapshot);
  return (
    <>
      {totals === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : (
        <Notes total={totals.total} snapshot={snapshot} />
      )}
      <ClaudeTotals selection={selection} snapshot={snapshot} onSession={onSession} />
      <Health snapshot={snapshot} />
    </>
  );
}
