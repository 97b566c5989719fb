import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PanelCommand, PanelStrings } from '../protocol/panelApi';
import type { Answers } from './answers';
import type { HostEndpoint } from './hostLink';
import type { Show } from './show';
import type { Titles } from './titles';

/** What every part of the page needs: its words, its way to write figures, and its line to the host. */
export interface Words {
  readonly strings: PanelStrings;
  readonly show: Show;
  readonly host: Pick<HostEndpoint, 'call'>;
  readonly answers: Answers;
  readonly titles: Titles;
  /** @param model whose price is to be set. */
  readonly run: (command: PanelCommand, model?: string) => void;
  readonly openTranscript: (path: string) => Promise<void>;
}

export const WordsContext = createContext<Words | null>(null);

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) throw new Error('the page is drawn before the host has sent its words');
  return words;
}

/** Puts the values in place of `{0}`, `{1}` … */
export function fill(text: string, ...values: (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (slot, index) => String(values[Number(index)] ?? slot));
}
