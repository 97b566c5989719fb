import { useMemo } from 'preact/hooks';
import type { Snapshot } from '../../model/snapshot';
import { useAnswer } from '../useAnswer';
import { Outcome, Section } from '../parts/section';
import { filterOf, type Selection } from '../selection';
import { useWords } from '../words';
import { sentenceOf } from './sentences';

interface PatternsProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
}

/** What stands out, in plain sentences. */
export function Patterns({ selection, snapshot }: PatternsProps) {
  const words = useWords();
  const { strings } = words;
  const filter = useMemo(() => filterOf(selection, snapshot), [selection, snapshot]);
  const answer = useAnswer('patterns', filter);
  const found = answer.known?.result;
  const sentences = useMemo(
    () => (found?.findings ?? []).map((each) => sentenceOf(each, words)),
    [found, words],
  );
  return (
    <Section title={strings.patternsTitle} class={answer.pending ? 'patterns pending' : 'patterns'}>
      {found === undefined ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : sentences.length === 0 ? (
        <p class="outcome soft">{strings.noPatterns}</p>
      ) : (
        <ul class="sentences">
          {sentences.map((sentence, index) => (
            <li key={index}>
              <bdi>{sentence}</bdi>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
