import { useMemo } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import type { SessionRow } from '../../model/query';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { DataTable, type TableColumn } from '../parts/dataTable';
import { Cost } from '../parts/nameCell';
import { Outcome, Section } from '../parts/section';
import { useSeen } from '../parts/useSeen';
import { filterOf, type Selection } from '../selection';
import { useTitle } from '../titles';
import { useWords } from '../words';

interface ClaudeTotalsProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly onSession: (session: string) => void;
}

/** The newest of them: each is read as a whole, not only its part in the range. */
const mostSessions = 200;

interface Compared {
  readonly row: SessionRow;
  readonly claudeCode: number;
  readonly difference: number;
}

/** Sessions of which Claude Code tells a total of its own, beside what their transcripts explain. */
export function ClaudeTotals({ selection, snapshot, onSession }: ClaudeTotalsProps) {
  const { strings, show } = useWords();
  const filter = useMemo(() => filterOf(selection, snapshot), [selection, snapshot]);
  const inRange = useAnswer('packedSessions', filter);
  const told = useMemo(
    () =>
      inRange.known?.result.rows
        .filter(({ claudeCodeCostNanoDollars: claimed }) => claimed !== null)
        .slice(0, mostSessions)
        .map(({ session }) => session) ?? null,
    [inRange.known?.result],
  );
  const key = told?.join('\n');
  const wholeFilter = useMemo(() => ({ sessions: told ?? [] }), [key]);
  const whole = useAnswer('packedSessions', told === null || told.length === 0 ? 'nothing' : wholeFilter);
  const wholes = whole.known?.result;
  const rows = useMemo(() => wholes?.rows.flatMap(compared) ?? [], [wholes]);
  const labels = useMemo(() => folderLabels([...new Set(rows.flatMap(({ row }) => row.projects))]), [rows]);
  const failed = inRange.error === null ? whole : inRange;
  if (failed.error === null && told?.length === 0) return null;
  const columns: TableColumn<Compared>[] = [
    {
      id: 'name',
      title: strings.session,
      class: 'nameCell',
      cell: ({ row }) => (
        <ComparedName row={row} project={labels.get(row.projects[0] ?? '') ?? ''} onSession={onSession} />
      ),
    },
    {
      id: 'ours',
      title: strings.transcriptsExplain,
      number: true,
      class: 'ours',
      value: ({ row }) => row.total.costNanoDollars,
      cell: ({ row }) => <Cost total={row.total} />,
    },
    {
      id: 'claude',
      title: strings.claudeCodeSays,
      number: true,
      class: 'claude',
      value: ({ claudeCode }) => claudeCode,
      cell: ({ claudeCode }) => show.cost(claudeCode),
    },
    {
      id: 'difference',
      title: strings.difference,
      number: true,
      class: 'difference',
      value: ({ difference }) => Math.abs(difference),
      cell: ({ difference }) =>
        difference === 0 ? '=' : `${difference > 0 ? '+' : '−'}${show.cost(Math.abs(difference))}`,
    },
  ];
  return (
    <Section title={strings.claudeTotalsTitle} class={whole.pending || inRange.pending ? 'pending' : ''}>
      <p class="soft sectionLead">{strings.claudeTotalsText}</p>
      {wholes === undefined ? (
        <Outcome error={failed.error} retry={failed.retry} />
      ) : (
        <DataTable
          label={strings.claudeTotalsTitle}
          columns={columns}
          rows={rows}
          keyOf={({ row }) => `${row.session}\u0000${row.host}\u0000${row.user}`}
          textOf={({ row }) => `${row.session} ${row.projects.join(' ')}`}
          sorting={{ by: 'difference', down: true }}
          rowHeight={32}
          first={6}
          class="claudeTable"
        />
      )}
    </Section>
  );
}

/** What Claude Code says beyond what the transcripts explain: positive where it says more. */
function compared(row: SessionRow): Compared[] {
  const claudeCode = row.claudeCodeCostNanoDollars;
  return claudeCode === null ? [] : [{ row, claudeCode, difference: claudeCode - row.total.costNanoDollars }];
}

interface ComparedNameProps {
  readonly row: SessionRow;
  readonly project: string;
  readonly onSession: (session: string) => void;
}

function ComparedName({ row, project, onSession }: ComparedNameProps) {
  const { strings, show } = useWords();
  const { ref, seen } = useSeen();
  const title = useTitle(row.transcriptPath, seen);
  const where = project === '' ? strings.noProject : project;
  return (
    <div class="nameLine" ref={ref}>
      <button type="button" class="nameButton" onClick={() => onSession(row.session)}>
        <bdi class="nameText">{plainName(title ?? `${where} · ${show.dateTime(row.startEpochMs)}`, 160)}</bdi>
      </button>
    </div>
  );
}
