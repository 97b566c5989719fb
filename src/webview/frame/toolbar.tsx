import type { CivilDay } from '../../model/time';
import { Choice, ChoiceList } from '../parts/choice';
import { Icon, type IconName } from '../parts/icon';
import { isCivilDay } from '../days';
import { ordered, type RangeName, rangeNames, type Selection, type Span } from '../selection';
import { useWords } from '../words';
import { FilterChips } from './filterChips';
import { FilterMenu } from './filterMenu';

interface ToolbarProps {
  readonly selection: Selection;
  readonly onSelection: (selection: Selection) => void;
  /** What is selected, in days. */
  readonly span: Span;
  readonly today: CivilDay;
  /** The window has folders open, which "this project" can mean. */
  readonly workspace: boolean;
}

/** Which usage is shown: its time and its filters. */
export function Toolbar({ selection, onSelection, span, today, workspace }: ToolbarProps) {
  const { strings } = useWords();
  const choice = {
    legend: strings.range,
    names: rangeNames,
    chosen: selection.range,
    textOf: (name: RangeName) => strings[name],
    onChoose: (range: RangeName) =>
      // A range of one's own begins as the one that was shown.
      onSelection({
        ...selection,
        range,
        custom: range === 'custom' ? (selection.custom ?? span) : selection.custom,
      }),
  };
  return (
    <div class="toolbar">
      <div class="toolLine">
        <div class="wideOnly">
          <Choice group="range" {...choice} />
        </div>
        <div class="narrowOnly">
          <ChoiceList {...choice} />
        </div>
        <div class="filters">
          {workspace && (
            <button
              type="button"
              class="chip toggle"
              aria-pressed={selection.here}
              onClick={() => onSelection({ ...selection, here: !selection.here })}
            >
              <Icon name={selection.here ? 'check' : 'folder'} />
              <span>{strings.thisProject}</span>
            </button>
          )}
          <FilterMenu selection={selection} onSelection={onSelection} span={span} />
        </div>
      </div>
      {selection.range === 'custom' && (
        <CustomRange selection={selection} onSelection={onSelection} span={span} today={today} />
      )}
      <FilterChips selection={selection} onSelection={onSelection} />
    </div>
  );
}

function CustomRange({ selection, onSelection, span, today }: Omit<ToolbarProps, 'workspace'>) {
  const { strings } = useWords();
  const { from, to } = span;
  const input = (name: 'from' | 'to', value: string) => (
    <label class="dateField">
      <span class="soft">{strings[name]}</span>
      <input
        type="date"
        value={value}
        max={today}
        required
        onChange={(event) => {
          const day = event.currentTarget.value;
          if (!isCivilDay(day)) return;
          const custom = name === 'from' ? ordered(day, to) : ordered(from, day);
          onSelection({ ...selection, custom });
        }}
      />
    </label>
  );
  return (
    <div class="customRange">
      {input('from', from)}
      {input('to', to)}
    </div>
  );
}

/** What can be done with the page as a whole. */
export function Actions({ editor }: { readonly editor: boolean }) {
  const { strings, run } = useWords();
  const action = (command: Parameters<typeof run>[0], icon: IconName, text: string) => (
    <button type="button" class="quiet" title={text} onClick={() => run(command)}>
      <Icon name={icon} />
      <span>{text}</span>
    </button>
  );
  return (
    <div class="actions">
      {action('refresh', 'refresh', strings.refresh)}
      {action('export', 'export', strings.export)}
      {editor && action('moveToNewWindow', 'window', strings.newWindow)}
    </div>
  );
}
