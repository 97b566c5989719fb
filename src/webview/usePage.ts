import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PanelStart, PanelView } from '../protocol/panelApi';
import type { HostLink } from './hostLink';
import { Show } from './show';
import type { Words } from './words';

interface VersionedView {
  readonly view: PanelView;
  /** How many views there have been. */
  readonly version: number;
}

/** The newest view, and everything that the parts of the page need beside it. */
export function usePage(
  link: HostLink,
  start: PanelStart,
): { readonly view: PanelView; readonly words: Words } {
  const { view, version } = useView(link, start.view);
  const { code, symbol, rate } = view.money;
  const timeZone = view.snapshot?.timeZone ?? 'UTC';
  const show = useMemo(
    () => new Show(start.locale, timeZone, { code, symbol, rate }),
    [start, timeZone, code, symbol, rate],
  );
  const words = useMemo<Words>(
    () => ({
      strings: start.strings,
      show,
      host: link.host,
      answers: link.answers,
      titles: link.titles,
      version,
      run: (command, model) => {
        // A command that fails tells so by itself, in the window.
        link.host
          .call('runCommand', model === undefined ? { command } : { command, model })
          .catch(() => undefined);
      },
      openTranscript: (path) => link.host.call('openTranscript', { path }).then(() => undefined),
    }),
    [link, start, show, version],
  );
  return { view, words };
}

/** Progress comes on its own, since it comes often. */
function useView(link: HostLink, first: PanelView): VersionedView {
  const [state, setState] = useState<VersionedView>({ view: first, version: 0 });
  useEffect(() => {
    const stops = [
      link.host.on('view', (view) => setState(({ version }) => ({ view, version: version + 1 }))),
      link.host.on('progress', (progress) =>
        setState(({ view, version }) => ({ view: { ...view, progress }, version })),
      ),
    ];
    return () => stops.forEach((stop) => stop());
  }, [link]);
  return state;
}
