import { useCallback, useMemo } from 'preact/hooks';
import { plainName } from '../../model/format';
import type { MessageRow } from '../../model/query';
import { DataTable, type TableColumn } from '../parts/dataTable';
import { Name } from '../parts/nameCell';
import { Outcome } from '../parts/section';
import { useWords, type Words } from '../words';
import { useMessages } from './useMessages';

interface MessageTableProps {
  readonly session: string;
  /** How many the session has: with another number they are read again. */
  readonly messages: number;
}

/** A session's messages as they were counted, a thousand at a time. */
export function MessageTable({ session, messages }: MessageTableProps) {
  const words = useWords();
  const { strings } = words;
  const { rows, more, error, showMore, retry } = useMessages(session, messages);
  const columns = useMemo(() => columnsIn(words), [words]);
  const textOf = useCallback(
    ({ model, branch, epochMs }: MessageRow) => `${model} ${branch} ${words.show.dateTime(epochMs)}`,
    [words],
  );
  if (rows === null) return <Outcome error={error} retry={retry} />;
  return (
    <>
      <DataTable
        label={strings.messages}
        columns={columns}
        rows={rows}
        keyOf={keyOf}
        textOf={textOf}
        sorting={{ by: 'time', down: false }}
        rowHeight={32}
        class="messageTable"
      />
      {more && (
        <button type="button" class="link more" onClick={showMore}>
          {strings.showMore}
        </button>
      )}
    </>
  );
}

function keyOf({ id }: MessageRow): string {
  return id;
}

function columnsIn({ strings, show }: Words): TableColumn<MessageRow>[] {
  const tokens = (
    id: string,
    title: string,
    of: (row: MessageRow) => number,
    name = '',
  ): TableColumn<MessageRow> => ({
    id,
    title,
    number: true,
    class: name,
    value: of,
    cell: (row) => <span title={show.count(of(row))}>{show.compact(of(row))}</span>,
  });
  return [
    {
      id: 'time',
      title: strings.time,
      class: 'time',
      value: ({ epochMs }) => epochMs,
      cell: ({ epochMs }) => show.dateTime(epochMs),
    },
    {
      id: 'model',
      title: strings.model,
      class: 'model',
      value: ({ model }) => model,
      cell: ({ model }) => <Name name={plainName(model, 60)} />,
    },
    tokens('input', strings.input, ({ total }) => total.inputTokens, 'input'),
    tokens('output', strings.output, ({ total }) => total.outputTokens),
    tokens('read', strings.cacheRead, ({ total }) => total.cacheReadTokens, 'cacheRead'),
    tokens(
      'write',
      strings.cacheWrite,
      ({ total }) => total.cacheWrite5mTokens + total.cacheWrite1hTokens,
      'cacheWrite',
    ),
    {
      id: 'cost',
      title: strings.cost,
      number: true,
      class: 'cost strong',
      value: ({ priced, total }) => (priced ? total.costNanoDollars : null),
      cell: ({ priced, total }) => (priced ? show.cost(total.costNanoDollars) : '?'),
    },
  ];
}
