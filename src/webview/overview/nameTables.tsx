import { useMemo } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import type { Measures } from '../../model/measures';
import type { Snapshot } from '../../model/snapshot';
import type { NameColors } from '../colors';
import { Choice } from '../parts/choice';
import { DataTable, type TableColumn } from '../parts/dataTable';
import { Name, nothingPriced, slotClass } from '../parts/nameCell';
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
  const { strings, show } = words;
  const { totals, answer } = useTotals(selection, dimension, snapshot);
  const labels = useMemo(
    () => (dimension === 'project' ? folderLabels(totals?.names.map(({ name }) => name) ?? []) : null),
    [dimension, totals?.names],
  );
  const empty =
    dimension === 'project' ? strings.noProject : dimension === 'branch' ? strings.noBranch : strings.unknown;
  const whole = totals?.total.costNanoDollars ?? 0;
  const rows = (totals?.names ?? []).map(({ name, total }): NameRow => {
    const share = nothingPriced(total) || whole === 0 ? null : total.costNanoDollars / whole;
    return {
      name,
      label: name === '' ? empty : (labels?.get(name) ?? name),
      total,
      share: share === null ? '' : show.share(share),
      sharePixels:
        share === null || share <= 0 ? 0 : Math.max(2, Math.round(sharePixels * Math.min(1, share))),
      paint: colors === null ? null : slotClass(colors.slotOf(name)),
    };
  });
  const columns = useMemo(
    (): TableColumn<NameRow>[] => [
      {
        id: 'name',
        title: strings[dimension],
        class: 'nameCell',
        value: ({ label }) => label,
        cell: ({ name, label, total, paint }) => (
          <div class="nameLine">
            {paint !== null && <span class={`swatch ${paint}`} />}
            <button
              type="button"
              class="nameButton"
              title={plainName(name, 400)}
              onClick={() => onOpen(dimension, name, label)}
            >
              <Name name={label} full={name} />
            </button>
            <Doubt total={total} />
          </div>
        ),
      },
      ...measureColumns<NameRow>(words),
      {
        id: 'share',
        title: strings.share,
        class: 'share',
        cell: (row) => <Share row={row} />,
      },
    ],
    [words, dimension, onOpen],
  );
  if (totals === null) return <Outcome error={answer.error} retry={answer.retry} />;
  return (
    <DataTable
      label={strings[`${dimension}Table`]}
      columns={columns}
      rows={rows}
      keyOf={nameOf}
      textOf={searchedTextOf}
      sorting={{ by: 'cost', down: true }}
      rowHeight={32}
      first={8}
      class={answer.pending ? 'names pending' : 'names'}
    />
  );
}

/** One name with all that its row shows, so that a row is drawn again only when that changes. */
interface NameRow {
  readonly name: string;
  readonly label: string;
  readonly total: Measures;
  /** '' without a share. */
  readonly share: string;
  readonly sharePixels: number;
  /** Class of the colour; null: a table without colours. */
  readonly paint: string | null;
}

const sharePixels = 56;

function nameOf({ name }: NameRow): string {
  return name;
}

function searchedTextOf({ name, label }: NameRow): string {
  return `${name} ${label}`;
}

/** What is to be doubted about a whole row's cost. */
function Doubt({ total }: { readonly total: Measures }) {
  const { strings } = useWords();
  if (nothingPriced(total)) return <span class="tag warn">{strings.noPrice}</span>;
  if (total.assumedMessages > 0 && total.assumedMessages === total.messages)
    return <span class="tag">{strings.assumed}</span>;
  return null;
}

function Share({ row: { share, sharePixels: width, paint } }: { readonly row: NameRow }) {
  return (
    <>
      <span class="shareText">{share}</span>
      <svg class="shareBar" width={sharePixels} height="4" aria-hidden="true">
        <rect class="track" width={sharePixels} height="4" rx="2" />
        {width > 0 && <rect class={`mark ${paint ?? 'slotPlain'}`} width={width} height="4" rx="2" />}
      </svg>
    </>
  );
}
