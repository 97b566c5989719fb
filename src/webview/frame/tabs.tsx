import { useRef } from 'preact/hooks';
import { type TabName, tabNames } from '../pageState';
import { nextIndex } from '../parts/roving';
import { useWords } from '../words';

interface TabsProps {
  readonly tab: TabName;
  readonly onTab: (tab: TabName) => void;
  /** Figures are open to doubt: the last tab says so. */
  readonly doubt: boolean;
}

export function Tabs({ tab, onTab, doubt }: TabsProps) {
  const { strings } = useWords();
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const to = nextIndex(event.key, tabNames.indexOf(tab), tabNames.length);
    if (to === null) return;
    event.preventDefault();
    onTab(tabNames[to]!);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={strings.title} ref={list} onKeyDown={onKey}>
      {tabNames.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          class="tab"
          aria-selected={name === tab}
          aria-controls="tabPanel"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => onTab(name)}
        >
          <span data-text={strings[name]}>{strings[name]}</span>
          {name === 'accuracy' && doubt && (
            <span class="doubt" title={strings.openPoints}>
              <span aria-hidden="true">?</span>
              <span class="unseen">{strings.openPoints}</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
