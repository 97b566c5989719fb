import type { ComponentChildren } from 'preact';
import { fill, useWords } from '../words';
import { Icon } from './icon';

interface SectionProps {
  readonly title: string;
  readonly class?: string;
  /** Beside the title. */
  readonly controls?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, class: name = '', controls, children }: SectionProps) {
  return (
    <section class={`section ${name}`} aria-label={title}>
      <div class="sectionHead">
        <h2>{title}</h2>
        {controls}
      </div>
      {children}
    </section>
  );
}

interface TableToggleProps {
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** Behind every chart is a table. */
export function TableToggle({ open, onOpen }: TableToggleProps) {
  const { strings } = useWords();
  const text = open ? strings.hideTable : strings.showTable;
  return (
    <button
      type="button"
      class="quiet tableToggle"
      aria-pressed={open}
      title={text}
      onClick={() => onOpen(!open)}
    >
      <Icon name={open ? 'chart' : 'table'} />
      <span>{text}</span>
    </button>
  );
}

interface OutcomeProps {
  readonly error: string | null;
  readonly retry: () => void;
}

/** What stands where an answer would be: it is on its way, or could not be had. */
export function Outcome({ error, retry }: OutcomeProps) {
  const { strings } = useWords();
  if (error === null)
    return (
      <p class="outcome soft" role="status">
        {strings.loading}
      </p>
    );
  return (
    <p class="outcome" role="status">
      <Icon name="warning" /> {fill(strings.loadFailed, error)}{' '}
      <button type="button" class="link" onClick={retry}>
        {strings.retry}
      </button>
    </p>
  );
}
