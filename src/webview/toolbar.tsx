import type { PanelCommand } from '../protocol/panelApi';
import { Icon } from './icon';
import { type RangeName, rangeNames } from './ranges';
import { useWords } from './words';

interface ToolbarProps {
  readonly range: RangeName;
  readonly onRange: (range: RangeName) => void;
  readonly run: (command: PanelCommand) => void;
  readonly rangesShown: boolean;
}

export function Toolbar({ range, onRange, run, rangesShown }: ToolbarProps) {
  const { strings } = useWords();
  return (
    <header class="toolbar">
      <h1 class={rangesShown ? 'unseen' : 'name'}>{strings.title}</h1>
      {rangesShown && (
        <fieldset class="ranges">
          <legend class="unseen">{strings.range}</legend>
          {rangeNames.map((name) => (
            <label key={name} class="range">
              <input
                type="radio"
                name="range"
                value={name}
                checked={name === range}
                onChange={() => onRange(name)}
              />
              <span data-text={strings[name]}>{strings[name]}</span>
            </label>
          ))}
        </fieldset>
      )}
      <div class="actions">
        <button type="button" class="quiet" title={strings.refresh} onClick={() => run('refresh')}>
          <Icon name="refresh" />
          <span>{strings.refresh}</span>
        </button>
        <button type="button" class="quiet" title={strings.export} onClick={() => run('export')}>
          <Icon name="export" />
          <span>{strings.export}</span>
        </button>
      </div>
    </header>
  );
}
