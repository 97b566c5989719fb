import { useMemo, useState } from 'preact/hooks';
import {
  folderLabels,
  formatCompact,
  formatCost,
  formatCount,
  formatShare,
  plainName,
} from '../model/format';
import { type Measures, totalTokens } from '../model/measures';
import type { NamedMeasures, PeriodMeasures } from '../model/snapshot';
import { slotClass } from './labels';
import type { ModelColors } from './colors';
import { fill, useWords } from './words';

interface NameTableProps {
  readonly kind: 'model' | 'project';
  readonly period: PeriodMeasures;
  readonly colors?: ModelColors;
}

const shownAtFirst = 8;
/** More rows than anybody reads; the export has them all. */
const mostRows = 500;

/** Models or projects of a period, the dearest first. */
export function NameTable({ kind, period, colors }: NameTableProps) {
  const { strings, locale } = useWords();
  const [all, setAll] = useState(false);
  const names = kind === 'model' ? period.byModel : period.byProject;
  const labels = useMemo(
    () => (kind === 'project' ? folderLabels(names.map(({ name }) => name)) : null),
    [kind, names],
  );
  const title = kind === 'model' ? strings.models : strings.projects;
  const shown = names.slice(0, all ? mostRows : shownAtFirst);
  return (
    <section class="names" aria-label={title}>
      <h2>{title}</h2>
      {names.length === 0 ? (
        <p class="soft">{strings.noUsage}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{kind === 'model' ? strings.model : strings.project}</th>
              <th scope="col" class="number messages">
                {strings.messages}
              </th>
              <th scope="col" class="number">
                {strings.tokens}
              </th>
              <th scope="col" class="number cost">
                {strings.cost}
              </th>
              <th scope="col" class="share">
                {strings.share}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((named) => (
              <Row
                key={named.name}
                named={named}
                label={labels?.get(named.name) ?? named.name}
                whole={period.total}
                slot={colors === undefined ? undefined : colors.slotOf(named.name)}
              />
            ))}
          </tbody>
        </table>
      )}
      {names.length > shownAtFirst && (
        <button type="button" class="link more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? strings.showLess : fill(strings.showAll, formatCount(names.length, locale))}
        </button>
      )}
    </section>
  );
}

interface RowProps {
  readonly named: NamedMeasures;
  readonly label: string;
  readonly whole: Measures;
  /** undefined: a table without colours. */
  readonly slot: number | null | undefined;
}

function Row({ named: { name, total }, label, whole, slot }: RowProps) {
  const { strings, locale } = useWords();
  const share = whole.costNanoDollars > 0 ? total.costNanoDollars / whole.costNanoDollars : 0;
  const none = total.unpricedMessages > 0 && total.unpricedMessages === total.messages;
  return (
    <tr>
      <th scope="row" class="nameCell" title={plainName(name, 400)}>
        <div class="nameLine">
          {slot !== undefined && <span class={`swatch ${slotClass(slot)}`} />}
          <bdi class="nameText">{name === '' ? strings.noProject : plainName(label, 120)}</bdi>
          {none && <span class="tag warn">{strings.noPrice}</span>}
          {!none && total.assumedMessages > 0 && total.assumedMessages === total.messages && (
            <span class="tag">{strings.assumed}</span>
          )}
        </div>
      </th>
      <td class="number messages">{formatCount(total.messages, locale)}</td>
      <td class="number" title={formatCount(totalTokens(total), locale)}>
        {formatCompact(totalTokens(total), locale)}
      </td>
      <td class="number strong">
        {none ? '–' : formatCost(total.costNanoDollars, locale)}
        {!none && total.unpricedMessages > 0 && (
          <span
            class="unsure"
            title={fill(strings.partlyPriced, formatCount(total.unpricedMessages, locale))}
          >
            {' +?'}
          </span>
        )}
      </td>
      <td class="share">
        <span class="shareText">{none ? '' : formatShare(share, locale)}</span>
        <svg class="shareBar" width="56" height="4" aria-hidden="true">
          <rect class="track" width="56" height="4" rx="2" />
          {share > 0 && (
            <rect
              class={slot === undefined ? 'mark slotPlain' : `mark ${slotClass(slot)}`}
              width={Math.max(2, 56 * Math.min(1, share))}
              height="4"
              rx="2"
            />
          )}
        </svg>
      </td>
    </tr>
  );
}
