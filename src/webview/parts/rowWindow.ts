import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** What of a long list is in the page: rows, and gaps as high as the rows that are not. */
export type WindowPart = { readonly row: number } | { readonly gap: number; readonly at: number };

/** Rows (ascending) with gaps for the ones between, before and after them. */
export function withGaps(rows: readonly number[], count: number, rowHeight: number): WindowPart[] {
  const parts: WindowPart[] = [];
  let next = 0;
  for (const row of rows) {
    if (row > next) parts.push({ gap: (row - next) * rowHeight, at: next });
    parts.push({ row });
    next = row + 1;
  }
  if (count > next) parts.push({ gap: (count - next) * rowHeight, at: next });
  return parts;
}

interface RowWindowOptions {
  readonly scroller: { readonly current: HTMLDivElement | null };
  readonly count: number;
  readonly rowHeight: number;
  /** Off: every row is in the page. */
  readonly on: boolean;
  /** A row that is in the page from the beginning, because it is about to have the focus; -1: none. */
  readonly held: number;
}

/** The rows in view, and the one that has the focus wherever it is: focus is never lost to scrolling. */
export function useRowWindow({ scroller, count, rowHeight, on, held }: RowWindowOptions): {
  readonly parts: readonly WindowPart[];
} {
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const focused = useRef<number | null>(held === -1 ? null : held);
  const made = useRef<Virtualizer<HTMLDivElement, Element> | null>(null);
  const options = {
    count,
    enabled: on,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialRect: { width: 640, height: 480 },
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const rows = defaultRangeExtractor(range);
      const at = focused.current;
      return at === null || at >= count ? rows : [...new Set([...rows, at])].sort((one, two) => one - two);
    },
    onChange: () => redraw(undefined),
  };
  made.current ??= new Virtualizer<HTMLDivElement, Element>(options);
  const virtualizer = made.current;
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useEffect(() => {
    const element = scroller.current;
    if (element === null || !on) return undefined;
    const onFocus = (event: FocusEvent): void => {
      const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
      focused.current = row === null ? null : Number(row.dataset['row']);
    };
    const onBlur = (): void => void (focused.current = null);
    element.addEventListener('focusin', onFocus);
    element.addEventListener('focusout', onBlur);
    return () => {
      element.removeEventListener('focusin', onFocus);
      element.removeEventListener('focusout', onBlur);
    };
  }, [scroller, on]);
  if (!on) return { parts: Array.from({ length: count }, (_, row) => ({ row })) };
  return {
    parts: withGaps(
      virtualizer.getVirtualItems().map(({ index }) => index),
      count,
      rowHeight,
    ),
  };
}
