import { useMemo, useState } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import { totalTokens } from '../../model/measures';
import type { SessionRow } from '../../model/query';
import { useAnswer } from '../useAnswer';
import { Icon } from '../parts/icon';
import { Cost } from '../parts/nameCell';
import { Outcome, Section } from '../parts/section';
import { useTitle } from '../titles';
import { useWords } from '../words';
import { MessageTable } from './messageTable';
import { costPerHour } from './sessionTable';

interface SessionDetailProps {
  readonly session: string;
  readonly onBack: () => void;
}

/** One session as a whole, whatever range the page shows. */
export function SessionDetail({ session, onBack }: SessionDetailProps) {
  const { strings } = useWords();
  const filter = useMemo(() => ({ sessions: [session] }), [session]);
  const answer = useAnswer('packedSessions', filter);
  const rows = answer.known?.result.rows;
  return (
    <div class="detailPage">
      <button type="button" class="quiet back" onClick={onBack}>
        <Icon name="back" />
        <span>{strings.backToSessions}</span>
      </button>
      {rows === undefined ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : rows.length === 0 ? (
        <p class="outcome soft">{strings.noUsage}</p>
      ) : (
        rows.map((row) => <OneSession key={`${row.source}\u0000${row.host}\u0000${row.user}`} row={row} />)
      )}
    </div>
  );
}

function OneSession({ row }: { readonly row: SessionRow }) {
  const { strings, show, openTranscript } = useWords();
  const [problem, setProblem] = useState<string | null>(null);
  const title = useTitle(row.transcriptPath, true);
  const labels = folderLabels(row.projects);
  const { total, transcriptPath, startEpochMs, endEpochMs } = row;
  const rate = costPerHour(row);
  const open = (path: string): void => {
    setProblem(null);
    openTranscript(path).catch((error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <>
      <div class="detailHead">
        <h2>
          <bdi>{title === null ? row.session : plainName(title, 200)}</bdi>
        </h2>
        {transcriptPath !== null && (
          <button type="button" class="quiet" onClick={() => open(transcriptPath)}>
            <Icon name="open" />
            <span>{strings.openTranscript}</span>
          </button>
        )}
      </div>
      <p class="soft detailWhere">
        {[
          ...row.projects.map((path) => (path === '' ? strings.noProject : (labels.get(path) ?? path))),
          ...row.branches.filter((name) => name !== ''),
          ...row.models,
        ].map((name, index) => (
          <span key={index}>
            {index > 0 && ' · '}
            <bdi>{plainName(name, 80)}</bdi>
          </span>
        ))}
      </p>
      {problem !== null && (
        <p class="outcome" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      <dl class="facts">
        <Fact name={strings.cost} strong>
          <Cost total={total} />
        </Fact>
        <Fact name={strings.perHour}>{rate === null ? '–' : show.cost(rate)}</Fact>
        <Fact name={strings.start}>{show.dateTime(startEpochMs)}</Fact>
        <Fact name={strings.length}>{show.duration(endEpochMs - startEpochMs)}</Fact>
        <Fact name={strings.messages}>{show.count(total.messages)}</Fact>
        <Fact name={strings.tokens}>{show.compact(totalTokens(total))}</Fact>
        <Fact name={strings.output}>{show.compact(total.outputTokens)}</Fact>
        {total.missingOutputTokens > 0 && (
          <Fact name={strings.missingOutput}>
            {show.words(
              strings.missingValue,
              show.counted(total.missingOutputTokens),
              show.cost(total.missingCostNanoDollars),
            )}
          </Fact>
        )}
        {row.claudeCodeCostNanoDollars !== null && (
          <Fact name={strings.claudeCodeSays}>{show.cost(row.claudeCodeCostNanoDollars)}</Fact>
        )}
      </dl>
      <Section title={strings.messages}>
        <MessageTable session={row.session} messages={total.messages} />
      </Section>
    </>
  );
}

interface FactProps {
  readonly name: string;
  readonly strong?: boolean;
  readonly children: preact.ComponentChildren;
}

function Fact({ name, strong = false, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={strong ? 'strong' : ''}>{children}</dd>
    </div>
  );
}
