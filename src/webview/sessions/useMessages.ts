import { useEffect, useReducer, useState } from 'preact/hooks';
import type { MessageRow } from '../../model/query';
import type { HostEndpoint } from '../hostLink';
import { useWords } from '../words';

export interface MessagesState {
  /** null while the first are on their way. */
  readonly rows: readonly MessageRow[] | null;
  /** There are more than those. */
  readonly more: boolean;
  readonly error: string | null;
  readonly showMore: () => void;
  readonly retry: () => void;
}

interface Read {
  readonly rows: readonly MessageRow[];
  readonly more: boolean;
}

/** The first `chunks` thousand messages of a session; its stream is closed when they are there. */
export async function readMessages(
  host: Pick<HostEndpoint, 'call'>,
  session: string,
  chunks: number,
): Promise<Read> {
  const { stream } = await host.call('openMessages', { sessions: [session] });
  const rows: MessageRow[] = [];
  for (let chunk = 0; chunk < chunks; chunk++) {
    const next = await host.call('nextMessages', { stream });
    if (next.length === 0) return { rows, more: false };
    rows.push(...next);
  }
  // Whether there is one more is only known by asking.
  const more = (await host.call('nextMessages', { stream })).length > 0;
  await host.call('closeMessages', { stream });
  return { rows, more };
}

/** What was read stays in sight while it is read again, since the session has grown. */
export function useMessages(session: string, messages: number): MessagesState {
  const { host } = useWords();
  const [chunks, setChunks] = useState(1);
  const [attempt, again] = useReducer((times: number) => times + 1, 0);
  const [read, setRead] = useState<Read | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    readMessages(host, session, chunks).then(
      (next) => {
        if (!here) return;
        setRead(next);
        setError(null);
      },
      (failure: unknown) => {
        if (here) setError(failure instanceof Error ? failure.message : String(failure));
      },
    );
    return () => {
      here = false;
    };
  }, [host, session, messages, chunks, attempt]);
  return {
    rows: read?.rows ?? null,
    more: read?.more ?? false,
    error,
    showMore: () => setChunks(chunks + 1),
    retry: () => again(undefined),
  };
}
