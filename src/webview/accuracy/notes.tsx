import type { ComponentChildren } from 'preact';
import { plainName } from '../../model/format';
import type { Measures } from '../../model/measures';
import type { Snapshot } from '../../model/snapshot';
import { Icon, type IconName } from '../parts/icon';
import { Section } from '../parts/section';
import { fill, useWords } from '../words';

interface NotesProps {
  readonly total: Measures;
  readonly snapshot: Snapshot;
}

const mostModels = 12;

/** What the selection's figures leave open, or that they leave nothing open. */
export function Notes({ total, snapshot }: NotesProps) {
  const { strings, show, run } = useWords();
  const { unpricedModels, scan } = snapshot;
  const nothing =
    total.unpricedMessages + total.assumedMessages + total.unfinishedMessages + scan.badLines === 0;
  return (
    <Section title={strings.notes} class="notes">
      <ul>
        {nothing && <Note icon="check">{strings.nothingOpen}</Note>}
        {total.unpricedMessages > 0 && (
          <Note icon="question">{show.words(strings.unpriced, total.unpricedMessages)}</Note>
        )}
        {total.assumedMessages > 0 && (
          <Note icon="info">{fill(strings.assumedNote, show.cost(total.assumedCostNanoDollars))}</Note>
        )}
        {total.unfinishedMessages > 0 && (
          <Note icon="info">
            {show.words(
              strings.unfinished,
              total.unfinishedMessages,
              show.counted(total.missingOutputTokens),
              show.cost(total.missingCostNanoDollars),
            )}
          </Note>
        )}
        {scan.badLines > 0 && (
          <Note icon="info">
            {show.words(strings.badLinesNote, scan.badLines)}{' '}
            <button type="button" class="link" onClick={() => run('showLog')}>
              {strings.showLog}
            </button>
          </Note>
        )}
      </ul>
      {unpricedModels.length > 0 && (
        <div class="unpriced">
          <h3>{strings.unpricedTitle}</h3>
          <ul>
            {unpricedModels.slice(0, mostModels).map(({ model, messages }) => (
              <li key={model}>
                <bdi class="nameText" title={plainName(model, 400)}>
                  {plainName(model, 100)}
                </bdi>
                <span class="soft">{show.words(strings.messagesOf, messages)}</span>
                <button
                  type="button"
                  class="link"
                  aria-label={`${strings.setPrice}: ${plainName(model, 100)}`}
                  onClick={() => run('setPrice', model)}
                >
                  {strings.setPrice}
                </button>
              </li>
            ))}
          </ul>
          {unpricedModels.length > mostModels && (
            <p class="soft">{show.words(strings.andMore, unpricedModels.length - mostModels)}</p>
          )}
        </div>
      )}
    </Section>
  );
}

function Note({ icon, children }: { readonly icon: IconName; readonly children: ComponentChildren }) {
  return (
    <li>
      <Icon name={icon} />
      <p>{children}</p>
    </li>
  );
}
