import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PanelStrings } from '../protocol/panelApi';

/** Language and words, which every part of the page needs and which never change while it lives. */
export interface Words {
  readonly locale: string;
  readonly strings: PanelStrings;
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
