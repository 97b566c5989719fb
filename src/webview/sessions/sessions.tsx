import { useMemo, useRef } from 'preact/hooks';
import type { SessionRow } from '../../model/query';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { type Drill, runsWithin } from '../drill';
import type { TableMemory } from '../parts/dataTable';
import { Icon } from '../parts/icon';
import { Outcome, Section } from '../parts/section';
import { filterOf, recentPart, type Selection } from '../selection';
import { useWords } from '../words';
import { SessionDetail } from './sessionDetail';
import { SessionTable } from './sessionTable';

interface SessionsProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly drill: Drill | null;
  readonly onDrill: (drill: Drill | null) => void;
  /** The id of the session that is looked at. */
  readonly session: string | null;
  readonly onSession: (session: string | null) => void;
}

const noRows: readonly SessionRow[] = [];

/** All sessions of the selection, or one of them with its messages. */
export function Sessions(props: SessionsProps) {
  const { session, onSession } = props;
  const memory = useRef<TableMemory | null>(null);
  return session === null ? (
    <SessionList {...props} memory={memory} />
  ) : (
    <SessionDetail key={session} session={session} onBack={() => onSession(null)} />
  );
}

interface SessionListProps extends SessionsProps {
  readonly memory: { current: TableMemory | null };
}

function SessionList({ selection, snapshot, drill, onDrill, onSession, memory }: SessionListProps) {
  const { strings, show } = useWords();
  const filter = useMemo(() => {
    const { from, to, only } = filterOf(selection, snapshot);
    const names = { ...only, ...drill?.only };
    return {
      ...(drill?.span ?? { from: from!, to: to! }),
      ...(Object.keys(names).length === 0 ? {} : { only: names }),
    };
  }, [selection, snapshot, drill]);
  const answer = useAnswer('packedSessions', filter);
  const recentFilter = useMemo(() => recentPart(filter), [filter]);
  const recent = useAnswer('packedSessions', answer.pending ? (recentFilter ?? 'nothing') : 'nothing');
  // The latest sessions of years are there to be looked at while the others are still being summed up.
  const known = answer.pending && recent.known !== null && !recent.pending ? recent.known : answer.known;
  const found = known?.result.rows ?? noRows;
  const within = drill?.within ?? null;
  const rows = useMemo<readonly SessionRow[]>(
    () =>
      within === null
        ? found
        : found.filter((row) => runsWithin(row, within, (epochMs) => show.hourOf(epochMs))),
    [found, within, show],
  );
  return (
    <Section
      title={strings.sessions}
      class={answer.pending ? 'pending' : ''}
      controls={
        drill !== null && (
          <span class="chip">
            <bdi>{drill.label}</bdi>
            <button
              type="button"
              class="chipClose"
              aria-label={`${strings.removeFilter}: ${drill.label}`}
              title={strings.removeFilter}
              onClick={() => onDrill(null)}
            >
              <Icon name="cross" />
            </button>
          </span>
        )
      }
    >
      {answer.pending && known !== null && (
        <p class="soft" role="status">
          {strings.loading}
        </p>
      )}
      {known === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : (
        <SessionTable rows={rows} memory={memory} onOpen={onSession} />
      )}
    </Section>
  );
}
