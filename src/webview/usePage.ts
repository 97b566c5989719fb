import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PanelStart, PanelView } from '../protocol/panelApi';
import type { HostLink } from './hostLink';
import { Show } from './show';
import type { Words } from './words';

/** The newest view, and everything that the parts of the page need beside it. */
export function usePage(
  link: HostLink,
  start: PanelStart,
): { readonly view: PanelView; readonly words: Words } {
  const view = useView(link, start.view);
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
      run: (command, model) => {
        // A command that fails tells so by itself, in the window.
        link.host
          .call('runCommand', model === undefined ? { command } : { command, model })
          .catch(() => undefined);
      },
      openTranscript: (path) => link.host.call('openTranscript', { path }).then(() => undefined),
    }),
    [link, start, show],
  );
  return { view, words };
}

/** Progress comes on its own, since it comes often. */
function useView(link: HostLink, first: PanelView): PanelView {
  const [view, setView] = useState(first);
  useEffect(() => {
    let come = 0;
    let shown = 0;
    const stops = [
      link.host.on('view', (next) => {
        const number = ++come;
        void link.answers.refresh(() => {
          if (number < shown) return;
          shown = number;
          setView(next);
        });
      }),
      link.host.on('progress', (progress) => setView((before) => ({ ...before, progress }))),
    ];
    return () => stops.forEach((stop) => stop());
  }, [link]);
  return view;
}
