import { useEffect, useState } from 'preact/hooks';
import type { ScanProgress } from '../../model/snapshot';
import type { PanelView } from '../../protocol/panelApi';
import { ageMs, type ViewMood, shareDone } from '../../protocol/viewMood';
import { Icon } from '../parts/icon';
import { fill, useWords } from '../words';

interface BannerProps {
  readonly view: PanelView;
  readonly mood: ViewMood;
}

/** Says what is to be doubted about the figures below; nothing when nothing is. */
export function Banner({ view, mood }: BannerProps) {
  const { strings, show, run } = useWords();
  const age = useAge(view, mood === 'stale');
  const { snapshot, engine } = view;
  if (mood === 'failing') {
    const text =
      engine.kind === 'failing' || engine.kind === 'unavailable'
        ? fill(strings.engineFailing, view.trouble ?? '')
        : fill(strings.scanFailing, view.trouble ?? '');
    return (
      <div class="banner bad" role="alert">
        <Icon name="warning" />
        <p>{text}</p>
        <button type="button" class="link" onClick={() => run('refresh')}>
          {strings.retry}
        </button>
        <button type="button" class="link" onClick={() => run('showLog')}>
          {strings.showLog}
        </button>
      </div>
    );
  }
  if (mood === 'firstScan' && snapshot !== null && snapshot.periods.allTime.total.messages > 0)
    return (
      <div class="banner">
        <ScanProgressLine progress={view.progress} />
      </div>
    );
  if (mood === 'stale')
    return (
      <div class="banner" role="status">
        <Icon name="clock" />
        <p>{fill(strings.stale, show.age(age))}</p>
        <button type="button" class="link" onClick={() => run('refresh')}>
          {strings.refresh}
        </button>
      </div>
    );
  if (engine.kind === 'restarting')
    return (
      <div class="banner" role="status">
        <Icon name="clock" />
        <p>{strings.engineRestarting}</p>
      </div>
    );
  return null;
}

/** How far the first scan is, in words and as a bar. */
export function ScanProgressLine({ progress }: { readonly progress: ScanProgress | null }) {
  const { strings, show } = useWords();
  return (
    <div class="scan">
      <p>
        <strong>{strings.scanningTitle}</strong>{' '}
        <span class="soft">
          {progress === null
            ? strings.scanningText
            : show.words(
                strings.scanningFiles,
                progress.filesDone,
                progress.filesTotal,
                show.bytes(progress.bytesDone),
                show.bytes(progress.bytesTotal),
              )}
        </span>
      </p>
      {progress === null ? (
        <progress aria-label={strings.scanningTitle} />
      ) : (
        <progress aria-label={strings.scanningTitle} max={1} value={shareDone(progress)} />
      )}
    </div>
  );
}

/** The age of the figures, which grows while it is shown. */
function useAge(view: PanelView, shown: boolean): number {
  const [elapsedMs, setElapsed] = useState(0);
  useEffect(() => {
    setElapsed(0);
    if (!shown) return undefined;
    const began = performance.now();
    const timer = setInterval(() => setElapsed(performance.now() - began), 60_000);
    return () => clearInterval(timer);
  }, [view, shown]);
  return ageMs(view) + elapsedMs;
}
