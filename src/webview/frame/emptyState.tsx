import type { PanelView } from '../../protocol/panelApi';
import type { ViewMood } from '../../protocol/viewMood';
import { Icon } from '../parts/icon';
import { useWords } from '../words';
import { ScanProgressLine } from './banner';

interface EmptyStateProps {
  readonly view: PanelView;
  readonly mood: ViewMood;
}

/** What stands where the figures would be before there are any. */
export function EmptyState({ view, mood }: EmptyStateProps) {
  const { strings, run } = useWords();
  const roots = view.snapshot?.scan.roots ?? [];
  if (mood === 'firstScan' || mood === 'waiting')
    return (
      <section class="blank" aria-busy="true">
        <ScanProgressLine progress={view.progress} />
      </section>
    );
  if (mood === 'failing' && roots.length === 0) return null;
  return (
    <section class="blank">
      <svg class="sketch" viewBox="0 0 96 56" width="96" height="56" aria-hidden="true">
        <path d="M4 51.5h88" />
        <rect x="14" y="30" width="12" height="18" rx="2" />
        <rect x="34" y="18" width="12" height="30" rx="2" />
        <rect x="54" y="38" width="12" height="10" rx="2" />
        <rect x="74" y="8" width="12" height="40" rx="2" />
      </svg>
      <h2>{strings.emptyTitle}</h2>
      <p>{strings.emptyText}</p>
      <ul class="roots">
        {roots.map(({ path, exists }) => (
          <li key={path}>
            <Icon name="folder" />
            <code dir="ltr">{path}</code>
            <span class="soft">{exists ? strings.found : strings.notFound}</span>
          </li>
        ))}
      </ul>
      <p class="soft">{strings.emptyAdd}</p>
      <p>
        <button type="button" class="primary" onClick={() => run('openSettings')}>
          {strings.openSettings}
        </button>
      </p>
    </section>
  );
}
