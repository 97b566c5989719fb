import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { AskedCall, PanelCalls } from '../protocol/panelApi';
import type { Entry } from './answers';
import type { ToldSessions } from './toldSessions';
import { useWords } from './words';

type Params<Name extends AskedCall> = PanelCalls[Name]['params'];
/** What is made of an answer where that tells only what has changed, else the answer. */
type Result<Name extends AskedCall> = Name extends 'packedSessions'
  ? ToldSessions
  : PanelCalls[Name]['result'];

export interface Answer<Name extends AskedCall> {
  /** The newest that is known, with what was asked for it: while another question is open, that of the one before. */
  readonly known: { readonly params: Params<Name>; readonly result: Result<Name> } | null;
  /** The present question has no answer yet. */
  readonly pending: boolean;
  /** Why the present question has none. */
  readonly error: string | null;
  readonly retry: () => void;
}

/** A question to the engine that is asked again with every snapshot, as long as somebody looks; `nothing` asks nothing. */
export function useAnswer<Name extends AskedCall>(
  name: Name,
  params: Params<Name> | 'nothing',
): Answer<Name> {
  const { answers } = useWords();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const asks = params !== 'nothing';
  const entry = asks ? answers.entry(name, params) : null;
  const last = useRef<Entry | null>(null);
  useEffect(() => {
    if (entry === null) return undefined;
    const listener = (): void => redraw(undefined);
    entry.listeners.add(listener);
    void answers.want(entry);
    return () => {
      entry.listeners.delete(listener);
    };
  }, [answers, entry]);
  if (entry === null) last.current = null;
  else if (entry.result !== null) last.current = entry;
  const shown = last.current;
  const error = entry?.result === null ? entry.error : null;
  return {
    known:
      shown === null || shown.result === null || error !== null
        ? null
        : { params: shown.params as Params<Name>, result: shown.result.value as Result<Name> },
    pending: entry !== null && entry.result === null && entry.error === null,
    error,
    retry: () => {
      if (entry !== null) answers.retry(entry);
    },
  };
}
