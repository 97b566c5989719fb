import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { AskedCall, PanelCalls } from '../protocol/panelApi';
import type { HostEndpoint } from './hostLink';
import { useWords } from './words';

type Params<Name extends AskedCall> = PanelCalls[Name]['params'];
type Result<Name extends AskedCall> = PanelCalls[Name]['result'];

interface Entry {
  readonly name: AskedCall;
  readonly params: unknown;
  result: { readonly value: unknown } | null;
  error: string | null;
  /** Of the snapshot that the newest question followed. */
  asked: number;
  asking: boolean;
  readonly listeners: Set<() => void>;
}

/** More than one page ever shows at a time; what nobody looks at goes first. */
const mostEntries = 60;

/**
 * What the page has asked the engine, by question. An answer stays until a newer one is there; a question is never
 * under way twice.
 */
export class Answers {
  readonly #host: Pick<HostEndpoint, 'call'>;
  readonly #entries = new Map<string, Entry>();

  constructor(host: Pick<HostEndpoint, 'call'>) {
    this.#host = host;
  }

  entry(name: AskedCall, params: unknown): Entry {
    const key = keyOf(name, params);
    let entry = this.#entries.get(key);
    // Last in the map is what was used last.
    if (entry !== undefined) this.#entries.delete(key);
    else entry = { name, params, result: null, error: null, asked: -1, asking: false, listeners: new Set() };
    this.#entries.set(key, entry);
    this.#forget();
    return entry;
  }

  /** Asks, unless this version of the answer is there or on its way. */
  want(entry: Entry, version: number): void {
    if (entry.asked >= version) return;
    entry.asked = version;
    if (!entry.asking) void this.#ask(entry);
  }

  /** Asks again after a failure. */
  retry(entry: Entry): void {
    if (!entry.asking) void this.#ask(entry);
  }

  async #ask(entry: Entry): Promise<void> {
    entry.asking = true;
    for (;;) {
      const version = entry.asked;
      try {
        const value = await this.#host.call(entry.name, entry.params as never);
        entry.result = { value };
        entry.error = null;
      } catch (error) {
        entry.error = error instanceof Error ? error.message : String(error);
      }
      if (entry.asked === version || entry.listeners.size === 0) break;
      for (const listener of [...entry.listeners]) listener();
    }
    entry.asking = false;
    for (const listener of [...entry.listeners]) listener();
  }

  #forget(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= mostEntries) return;
      if (entry.listeners.size === 0 && !entry.asking) this.#entries.delete(key);
    }
  }
}

function keyOf(name: AskedCall, params: unknown): string {
  return `${name} ${JSON.stringify(params)}`;
}

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
  const { answers, version } = useWords();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const asks = params !== 'nothing';
  const entry = asks ? answers.entry(name, params) : null;
  const last = useRef<Entry | null>(null);
  useEffect(() => {
    if (entry === null) return undefined;
    const listener = (): void => redraw(undefined);
    entry.listeners.add(listener);
    answers.want(entry, version);
    return () => {
      entry.listeners.delete(listener);
    };
  }, [answers, entry, version]);
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
