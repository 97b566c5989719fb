import { useMemo, useRef, useState } from 'preact/hooks';
import { folderLabels, plainName } from '../../model/format';
import type { BreakdownQuery } from '../../model/query';
import { useAnswer } from '../useAnswer';
import { Choice } from '../parts/choice';
import { Icon } from '../parts/icon';
import { Outcome } from '../parts/section';
import { type FilterDimension, filterDimensions, type Selection, type Span, withOnly } from '../selection';
import { fill, useWords } from '../words';

interface FilterMenuProps {
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
  readonly span: Span;
}

/** A button with a list that drops from it: for each dimension the names to keep. */
export function FilterMenu(props: FilterMenuProps) {
  const { strings } = useWords();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const place = (): void => {
    const at = button.current?.getBoundingClientRect();
    const element = menu.current;
    if (at === undefined || element === null) return;
    const width = Math.min(360, window.innerWidth - 16);
    element.style.width = `${width}px`;
    element.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
    element.style.top = `${at.bottom + 4}px`;
    element.style.maxHeight = `${Math.max(200, window.innerHeight - at.bottom - 12)}px`;
  };
  return (
    <>
      <button
        type="button"
        class="chip toggle"
        ref={button}
        popovertarget="filterMenu"
        aria-haspopup="dialog"
        aria-expanded={open}
      >
        <Icon name="filter" />
        <span>{strings.filter}</span>
      </button>
      <div
        id="filterMenu"
        class="popover"
        popover="auto"
        ref={menu}
        role="dialog"
        aria-label={strings.filters}
        onBeforeToggle={(event) => {
          if (event.newState === 'open') place();
        }}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && <FilterLists {...props} />}
      </div>
    </>
  );
}

/** More than this is found by searching. */
const mostShown = 100;

function FilterLists({ selection, onSelection, span }: FilterMenuProps) {
  const { strings, show } = useWords();
  const [dimension, setDimension] = useState<FilterDimension>('model');
  const [search, setSearch] = useState('');
  const query = useMemo<BreakdownQuery>(
    () => ({ filter: span, grain: 'total', by: [dimension] }),
    [span, dimension],
  );
  const answer = useAnswer('breakdown', query);
  const rows = answer.known?.params.by[0] === dimension ? answer.known.result : null;
  const kept = selection.only[dimension] ?? [];
  const names = useMemo(() => {
    const found = (rows ?? []).map((row) => ({ name: row.names[dimension] ?? '', total: row.total }));
    const there = new Set(found.map(({ name }) => name));
    // What is filtered by stays in reach where it has no usage in this range.
    return [...found, ...kept.filter((name) => !there.has(name)).map((name) => ({ name, total: null }))];
  }, [rows, dimension, kept]);
  const labels = useMemo(
    () => (dimension === 'project' ? folderLabels(names.map(({ name }) => name)) : null),
    [dimension, names],
  );
  const labelOf = (name: string): string =>
    name === '' ? strings.none : plainName(labels?.get(name) ?? name, 120);
  const wanted = search.trim().toLocaleLowerCase();
  const found = names.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const toggle = (name: string, on: boolean): void =>
    onSelection(withOnly(selection, dimension, on ? [...kept, name] : kept.filter((each) => each !== name)));
  return (
    <>
      <Choice
        group="filterDimension"
        legend={strings.filters}
        names={filterDimensions}
        chosen={dimension}
        textOf={(name) => strings[name]}
        onChoose={(next) => {
          setDimension(next);
          setSearch('');
        }}
      />
      <label class="search">
        <span class="unseen">{fill(strings.searchIn, strings[dimension])}</span>
        <Icon name="search" />
        <input
          type="search"
          value={search}
          placeholder={strings.search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {rows === null ? (
        <Outcome error={answer.error} retry={answer.retry} />
      ) : (
        <ul class="checks">
          {found.slice(0, mostShown).map(({ name, total }) => (
            <li key={name}>
              <label class="check" title={plainName(name, 400)}>
                <input
                  type="checkbox"
                  checked={kept.includes(name)}
                  onChange={(event) => toggle(name, event.currentTarget.checked)}
                />
                <bdi class="nameText">{labelOf(name)}</bdi>
                <span class="soft checkValue">{total === null ? '' : show.measuredCost(total)}</span>
              </label>
            </li>
          ))}
          {found.length === 0 && <li class="soft">{strings.nothingFound}</li>}
          {found.length > mostShown && (
            <li class="soft">{show.words(strings.andMore, found.length - mostShown)}</li>
          )}
        </ul>
      )}
    </>
  );
}
