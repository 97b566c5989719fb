import type { ComponentChildren } from 'preact';
import { formatCount, formatDateTime } from '../model/format';
import type { Snapshot } from '../model/snapshot';
import type { PanelCommand } from '../protocol/panelApi';
import { Icon } from './icon';
import { fill, useWords } from './words';

interface HealthProps {
  readonly snapshot: Snapshot;
  readonly run: (command: PanelCommand) => void;
}

/** How the figures came about, folded away under one line. */
export function Health({ snapshot, run }: HealthProps) {
  const { strings, locale } = useWords();
  const { scan, timeZone } = snapshot;
  const at = scan.lastFinishedEpochMs;
  const when = at === null ? strings.never : formatDateTime(at, timeZone, locale);
  const watching = {
    events: strings.watchingEvents,
    polling: strings.watchingPolling,
    off: strings.watchingOff,
  }[scan.watcher];
  return (
    <footer>
      <details class="health">
        <summary>
          <span>{strings.health}</span>
          <span class="soft">{fill(strings.updated, when)}</span>
        </summary>
        <dl>
          <Fact name={strings.lastScan}>
            {fill(
              strings.lastScanValue,
              when,
              formatCount(scan.filesRead, locale),
              formatCount(scan.filesSeen, locale),
            )}
          </Fact>
          <Fact name={strings.watching}>{watching}</Fact>
          <Fact name={strings.window}>{scan.role === 'leader' ? strings.leader : strings.follower}</Fact>
          <Fact name={strings.badLines}>{formatCount(scan.badLines, locale)}</Fact>
          <Fact name={strings.folders}>
            <ul class="roots">
              {scan.roots.map(({ path, exists }) => (
                <li key={path}>
                  <Icon name={exists ? 'check' : 'cross'} />
                  <code dir="ltr">{path}</code>
                  <span class="soft">{exists ? strings.found : strings.notFound}</span>
                </li>
              ))}
            </ul>
          </Fact>
        </dl>
        <p class="soft">
          {fill(strings.timeZone, timeZone)}{' '}
          <button type="button" class="link" onClick={() => run('openSettings')}>
            {strings.openSettings}
          </button>{' '}
          <button type="button" class="link" onClick={() => run('showLog')}>
            {strings.showLog}
          </button>
        </p>
      </details>
    </footer>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
