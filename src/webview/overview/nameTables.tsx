import { useMemo } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import type { Measures } from '../../model/measures';
import type { NamedMeasures, Snapshot } from '../../model/snapshot';
import type { NameColors } from '../colors';
import { Choice } from '../parts/choice';
import { DataTable, type TableColumn } from '../parts/dataTable';
import { Name, nothingPriced, slotClass, Swatch } from '../parts/nameCell';
import { measureColumns } from '../parts/measureColumns';
import { Outcome, Section } from '../parts/section';
import type { FilterDimension, Selection } from '../selection';
import { useWords } from '../words';
import { useTotals } from './useTotals';

interface NameTablesProps {
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  readonly colors: NameColors;
  /** What the second table shows. */
  readonly names: FilterDimension;
  readonly onNames: (names: FilterDimension) => void;
  readonly onOpen: (dimension: FilterDimension, name: string, label: string) => void;
}

const others = ['project', 'branch', 'source', 'user'] as const;

/** Where the selection's cost went: by model, and beside it by whatever else was chosen. */
export function NameTables({ selection, snapshot, colors, names, onNames, onOpen }: NameTablesProps) {
  const { strings } = useWords();
  const texts = {
    project: strings.projects,
    branch: strings.branches,
    source: strings.sources,
    user: strings.users,
  };
  const other = others.find((each) => each === names) ?? 'project';
  return (
    <div class="pair tables">
      <Section title={strings.models}>
        <NameTable {...{ selection, snapshot, colors, onOpen }} dimension="model" />
      </Section>
      <Section
        title={texts[other]}
        controls={
          <div class="controls">
            <Choice
              group="names"
              legend={strings.divideBy}
              names={others}
              chosen={other}
              textOf={(name) => texts[name]}
              onChoose={onNames}
            />
          </div>
        }
        class="chosenNames"
      >
        <NameTable key={other} {...{ selection, snapshot, colors: null, onOpen }} dimension={other} />
      </Section>
    </div>
  );
}

interface NameTableProps {
  readonly dimension: FilterDimension;
  readonly selection: Selection;
  readonly snapshot: Snapshot;
  /** null: a table without colours. */
  readonly colors: NameColors | null;
  readonly onOpen: NameTablesProps['onOpen'];
}

function NameTable({ dimension, selection, snapshot, colors, onOpen }: NameTableProps) {
  const words = useWords();
  const { strings } = words;
  const { totals, answer } = useTotals(selection, dimension, snapshot);
  const labels = useMemo(
    () => (dimension === 'project' ? folderLabels(totals?.names.map(({ name }) => name) ?? []) : null),
    [dimension, totals?.names],
  );
  if (totals === null) return <Outcome error={answer.error} retry={answer.retry} />;
  const empty =
    dimension === 'project' ? strings.noProject : dimension === 'branch' ? strings.noBranch : strings.unknown;
  const labelOf = (name: string): string => (name === '' ? empty : (labels?.get(name) ?? name));
  const whole = totals.total.costNanoDollars;
  const columns: TableColumn<NamedMeasures>[] = [
    {
      id: 'name',
      title: strings[dimension],
      class: 'nameCell',
      value: ({ name }) => labelOf(name),
      cell: ({ name, total }) => (
        <div class="nameLine">
          {colors !== null && <Swatch slot={colors.slotOf(name)} />}
          <button
            type="button"
            class="nameButton"
            title={plainName(name, 400)}
            onClick={() => onOpen(dimension, name, labelOf(name))}
          >
            <Name name={labelOf(name)} full={name} />
          </button>
          <Doubt total={total} />
        </div>
      ),
    },
    ...measureColumns(words),
    {
      id: 'share',
      title: strings.share,
      class: 'share',
      cell: ({ name, total }) => (
        <Share
          share={nothingPriced(total) || whole === 0 ? null : total.costNanoDollars / whole}
          paint={colors === null ? 'slotPlain' : slotClass(colors.slotOf(name))}
        />
      ),
    },
  ];
  return (
    <DataTable
      label={strings[`${dimension}Table`]}
      columns={columns}
      rows={totals.names}
      keyOf={({ name }) => name}
      textOf={({ name }) => `${name} ${labelOf(name)}`}
      sorting={{ by: 'cost', down: true }}
      rowHeight={32}
      first={8}
      class={answer.pending ? 'names pending' : 'names'}
    />
  );
}

/** What is to be doubted about a whole row's cost. */
function Doubt({ total }: { readonly total: Measures }) {
  const { strings } = useWords();
  if (nothingPriced(total)) return <span class="tag warn">{strings.noPrice}</span>;
  if (total.assumedMessages > 0 && total.assumedMessages === total.messages)
    return <span class="tag">{strings.assumed}</span>;
  return null;
}

function Share({ share, paint }: { readonly share: number | null; readonly paint: string }) {
  const { show } = useWords();
  return (
    <>
      <span class="shareText">{share === null ? '' : show.share(share)}</span>
      <svg class="shareBar" width="56" height="4" aria-hidden="true">
        <rect class="track" width="56" height="4" rx="2" />
        {share !== null && share > 0 && (
          <rect class={`mark ${paint}`} width={Math.max(2, 56 * Math.min(1, share))} height="4" rx="2" />
        )}
      </svg>
    </>
  );
}
