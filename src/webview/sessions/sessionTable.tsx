import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import type { SessionRow } from '../../model/query';
import { sessionKey } from '../../model/sessionOrder';
import { DataTable, type TableColumn, type TableMemory } from '../parts/dataTable';
import { measureColumns } from '../parts/measureColumns';
import { useSeen } from '../parts/useSeen';
import { useTitle } from '../titles';
import { useWords, type Words } from '../words';

interface SessionTableProps {
  readonly rows: readonly SessionRow[];
  readonly memory: { current: TableMemory | null };
  readonly onOpen: (session: string) => void;
}

/** Below this a session is too short for a rate to mean anything. */
const shortestForRateMs = 5 * 60_000;

export function costPerHour({ total, startEpochMs, endEpochMs }: SessionRow): number | null {
  const lengthMs = endEpochMs - startEpochMs;
  return lengthMs < shortestForRateMs ? null : Math.round((total.costNanoDollars * 3_600_000) / lengthMs);
}

export function SessionTable({ rows, memory, onOpen }: SessionTableProps) {
  const words = useWords();
  const columns = useColumns(rows, words, onOpen);
  return (
    <DataTable
      label={words.strings.sessions}
      columns={columns}
      rows={rows}
      keyOf={sessionKey}
      textOf={textOf}
      sorting={{ by: 'start', down: true }}
      rowHeight={47}
      memory={memory}
      class="sessionTable"
    />
  );
}

function textOf({ session, projects, branches, models, source }: SessionRow): string {
  return [session, ...projects, ...branches, ...models, source].join(' ');
}

function useColumns(
  rows: readonly SessionRow[],
  words: Words,
  onOpen: SessionTableProps['onOpen'],
): readonly TableColumn<SessionRow>[] {
  // Of the same projects the labels are the same, however often their figures change.
  const projects = useMemo(() => {
    const names = new Set<string>();
    for (const row of rows) for (const name of row.projects) names.add(name);
    return JSON.stringify([...names].sort());
  }, [rows]);
  return useMemo((): TableColumn<SessionRow>[] => {
    const { strings, show } = words;
    const labels = folderLabels(JSON.parse(projects) as string[]);
    return [
      {
        id: 'name',
        title: strings.session,
        class: 'nameCell',
        cell: (row) => (
          <SessionName row={row} project={labels.get(row.projects[0] ?? '') ?? ''} onOpen={onOpen} />
        ),
      },
      {
        id: 'start',
        title: strings.start,
        number: true,
        class: 'start',
        value: ({ startEpochMs }) => startEpochMs,
        cell: ({ startEpochMs }) => show.dateTime(startEpochMs),
      },
      {
        id: 'length',
        title: strings.length,
        number: true,
        class: 'length',
        value: ({ startEpochMs, endEpochMs }) => endEpochMs - startEpochMs,
        cell: ({ startEpochMs, endEpochMs }) => show.duration(endEpochMs - startEpochMs),
      },
      ...measureColumns<SessionRow>(words),
      {
        id: 'rate',
        title: strings.perHour,
        number: true,
        class: 'rate',
        value: costPerHour,
        cell: (row) => {
          const rate = costPerHour(row);
          return rate === null ? <span class="soft">–</span> : show.cost(rate);
        },
      },
    ];
  }, [projects, words, onOpen]);
}

interface SessionNameProps {
  readonly row: SessionRow;
  readonly project: string;
  readonly onOpen: (session: string) => void;
}

function SessionName({ row, project, onOpen }: SessionNameProps) {
  const { strings } = useWords();
  const { ref, seen } = useSeen();
  const title = useTitle(row.transcriptPath, seen);
  const where = project === '' ? strings.noProject : plainName(project, 80);
  const branch = row.branches.find((name) => name !== '') ?? '';
  // A session without a title goes by its project, which need not be said twice.
  const parts = [title === null ? '' : where, plainName(branch, 60), plainName(row.models[0] ?? '', 60)];
  return (
    <div class="twoLines" ref={ref}>
      <button type="button" class="nameButton" onClick={() => onOpen(row.session)}>
        <bdi class="nameText">
          {title === null ? `${where} · ${row.session.slice(0, 8)}` : plainName(title, 160)}
        </bdi>
      </button>
      <div class="soft lineTwo" title={plainName(row.projects.join('\n'), 400)}>
        {parts
          .filter((part) => part !== '')
          .map((part, index) => (
            <Fragment key={index}>
              {index > 0 && ' · '}
              <bdi>{part}</bdi>
            </Fragment>
          ))}
        {row.models.length > 1 && ` +${row.models.length - 1}`}
      </div>
    </div>
  );
}
