import { folderLabels, plainName } from '../../model/format';
import { Icon } from '../parts/icon';
import { type FilterDimension, filterDimensions, type Selection, withOnly } from '../selection';
import { fill, useWords } from '../words';

interface FilterChipsProps {
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
}

/** The filters that are on, each with a way to take it away. */
export function FilterChips({ selection, onSelection }: FilterChipsProps) {
  const { strings } = useWords();
  const on = filterDimensions.filter((dimension) => selection.only[dimension] !== undefined);
  if (on.length === 0) return null;
  return (
    <ul class="chips" aria-label={strings.filters}>
      {on.map((dimension) => {
        const names = selection.only[dimension]!;
        const text = fill(
          strings.nameAndValue,
          strings[dimension],
          namesText(dimension, names, strings.none),
        );
        return (
          <li key={dimension} class="chip">
            <bdi title={names.map((name) => plainName(name, 200)).join('\n')}>{text}</bdi>
            <button
              type="button"
              class="chipClose"
              aria-label={`${strings.removeFilter}: ${text}`}
              title={strings.removeFilter}
              onClick={() => onSelection(withOnly(selection, dimension, []))}
            >
              <Icon name="cross" />
            </button>
          </li>
        );
      })}
      {on.length > 1 && (
        <li>
          <button type="button" class="link" onClick={() => onSelection({ ...selection, only: {} })}>
            {strings.clearFilters}
          </button>
        </li>
      )}
    </ul>
  );
}

function namesText(dimension: FilterDimension, names: readonly string[], none: string): string {
  const first = names[0] ?? '';
  const label = dimension === 'project' ? (folderLabels([first]).get(first) ?? first) : first;
  const text = first === '' ? none : plainName(label, 40);
  return names.length > 1 ? `${text} +${names.length - 1}` : text;
}
