import { useEffect, useRef } from 'preact/hooks';

/**
 * The keyboard goes on where it was: when what has the focus goes away, the focus goes to the first thing that can have
 * it in the nearest part of the page around it that is still there.
 */
export function useKeptFocus(): { readonly current: HTMLElement | null } {
  const page = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = page.current;
    if (element === null) return undefined;
    /** What has the focus, and all that it lies in, from the inside out. */
    let path: readonly Element[] = [];
    const onFocus = (event: FocusEvent): void => {
      const all: Element[] = [];
      for (let at = event.target as Element | null; at !== null; at = at.parentElement) all.push(at);
      path = all;
    };
    const observer = new MutationObserver(() => {
      // Never out of the hands of somebody who is elsewhere in the window.
      if (path[0]?.isConnected !== false || document.activeElement !== document.body || !document.hasFocus())
        return;
      const around = path.filter((each) => each.isConnected && element.contains(each));
      for (const each of around) {
        const next = firstStop(each);
        if (next === undefined) continue;
        next.focus({ preventScroll: true });
        return;
      }
    });
    element.addEventListener('focusin', onFocus);
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      element.removeEventListener('focusin', onFocus);
      observer.disconnect();
    };
  }, []);
  return page;
}

function firstStop(part: Element): HTMLElement | undefined {
  const stops = part.querySelectorAll<HTMLElement>('button, select, input, [tabindex]');
  return [...stops].find(
    (stop) =>
      stop.tabIndex >= 0 &&
      !stop.matches(':disabled, [type="radio"]:not(:checked)') &&
      stop.checkVisibility(),
  );
}
