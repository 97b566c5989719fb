import { formatCost, formatCount, plainName } from '../model/format';
import type { PeriodMeasures, Snapshot } from '../model/snapshot';
import type { PanelCommand } from '../protocol/panelApi';
import { unpricedText } from './figures';
import { Icon } from './icon';
import { fill, useWords } from './words';

interface NotesProps {
  readonly period: PeriodMeasures;
  readonly snapshot: Snapshot;
  readonly run: (command: PanelCommand) => void;
}

const mostModels = 6;

/** What the period's figures leave open; nothing when they leave nothing open. */
export function Notes({ period: { total }, snapshot, run }: NotesProps) {
  const { strings, locale } = useWords();
  const { unpricedModels, scan } = snapshot;
  if (total.unpricedMessages + total.assumedMessages + total.unfinishedMessages + scan.badLines === 0)
    return null;
  return (
    <section class="notes" aria-label={strings.notes}>
      <h2>{strings.notes}</h2>
      <ul>
        {total.unpricedMessages > 0 && (
          <li>
            <Icon name="question" />
            <p>
              {unpricedText(total, strings, locale)}{' '}
              {unpricedModels.length > 0 && (
                <span class="soft">
                  {fill(
                    strings.unpricedModels,
                    unpricedModels
                      .slice(0, mostModels)
                      .map(({ model }) => plainName(model, 60))
                      .join(', ') + (unpricedModels.length > mostModels ? ' …' : ''),
                  )}{' '}
                </span>
              )}
              <button type="button" class="link" onClick={() => run('setPrices')}>
                {strings.setPrices}
              </button>
            </p>
          </li>
        )}
        {total.assumedMessages > 0 && (
          <li>
            <Icon name="info" />
            <p>{fill(strings.assumedNote, formatCost(total.assumedCostNanoDollars, locale))}</p>
          </li>
        )}
        {total.unfinishedMessages > 0 && (
          <li>
            <Icon name="info" />
            <p>
              {fill(
                total.unfinishedMessages === 1 ? strings.unfinishedOne : strings.unfinishedMany,
                formatCost(total.missingCostNanoDollars, locale),
                formatCount(total.unfinishedMessages, locale),
              )}
            </p>
          </li>
        )}
        {scan.badLines > 0 && (
          <li>
            <Icon name="info" />
            <p>
              {fill(
                scan.badLines === 1 ? strings.badLinesOne : strings.badLinesMany,
                formatCount(scan.badLines, locale),
              )}{' '}
              <button type="button" class="link" onClick={() => run('showLog')}>
                {strings.showLog}
              </button>
            </p>
          </li>
        )}
      </ul>
    </section>
  );
}
