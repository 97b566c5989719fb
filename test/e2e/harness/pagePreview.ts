import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';

/** The panel's page in a bare browser with a stand-in for the host: every state, theme and width in little time. */
export interface Preview {
  readonly scenarios: readonly string[];
  open(options: {
    theme?: string;
    width?: number;
    height?: number;
    /** Device pixels to a pixel of the page. */
    scale?: number;
    scenario?: string;
    layout?: string;
    state?: object;
  }): Promise<{
    page: Page;
    problems: string[];
    commands: string[];
    asked: string[];
    parts: Parts;
    show: (scenario: string, theme: string) => Promise<void>;
  }>;
  close(): Promise<void>;
}

interface Parts {
  readonly scenarios: Record<string, { view: object }>;
}

/** Where the Tab key has come to. */
export interface Stop {
  readonly what: string;
  /** It has an outline, or what it draws has. */
  readonly marked: boolean;
  readonly inSight: boolean;
}

/** In the page: what has the focus; null for the page as a whole. */
export const whereFocusIs = `(() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const outlined = (element) => {
    const { outlineStyle, outlineWidth, stroke } = getComputedStyle(element);
    const focusColor = getComputedStyle(document.body).getPropertyValue('--vscode-focusBorder').trim();
    const painted = document.createElement('i');
    painted.style.color = focusColor;
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || stroke === painted.style.color;
  };
  const marks = [at, at.nextElementSibling, at.closest('.search'), ...at.querySelectorAll('.hit, .cell, .blockFrame')];
  const { left, top, width, height } = at.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  return {
    what: at.outerHTML.slice(0, 100),
    // The browser's own parts of a field, which it marks itself, are not the page's to ask about.
    marked: !at.matches(':focus') || marks.some((element) => element !== null && outlined(element)),
    inSight: left >= 0 && left + width <= innerWidth && top + height > 0 && top < innerHeight,
  };
})()`;

const script = join(__dirname, '..', '..', '..', 'test', 'webview', 'preview.mjs');
export const themes = ['dark', 'light', 'hc-dark', 'hc-light'];

export async function openPreview(): Promise<Preview> {
  const preview = (await import(pathToFileURL(script).href)) as { openPreview: () => Promise<Preview> };
  return preview.openPreview();
}
