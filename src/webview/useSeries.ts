import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BreakdownRow } from '../model/query';
import type { Snapshot } from '../model/snapshot';
import type { HostLink } from './hostLink';
import { type RangeName, seriesQuery } from './ranges';
import { type Series, seriesFromRows, seriesFromSnapshot } from './series';

export interface SeriesState {
  /** The newest that is known, also while a newer one is on its way. */
  readonly series: Series | null;
  readonly error: string | null;
}

interface Answer {
  readonly key: string;
  readonly rows: readonly BreakdownRow[];
}

/**
 * The chart's data: from the snapshot where that is enough, otherwise asked for. Each new snapshot asks again, never
 * twice at a time, and what is shown stays until the answer is there.
 */
export function useSeries(link: HostLink, range: RangeName, snapshot: Snapshot | null): SeriesState {
  const query = useMemo(() => (snapshot === null ? null : seriesQuery(range, snapshot)), [range, snapshot]);
  const key = JSON.stringify(query);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [failure, setFailure] = useState<{ key: string; error: string } | null>(null);
  const asking = useRef<string | null>(null);
  const [asked, setAsked] = useState(0);

  useEffect(() => {
    if (query === null || asking.current === key) return;
    asking.current = key;
    const taken = snapshot;
    const finish = (): void => {
      if (asking.current === key) asking.current = null;
      if (latest.current !== taken) setAsked((times) => times + 1);
    };
    link.host.call('breakdown', query).then(
      (rows) => {
        setAnswer({ key, rows });
        setFailure(null);
        finish();
      },
      (error: unknown) => {
        setFailure({ key, error: error instanceof Error ? error.message : String(error) });
        finish();
      },
    );
  }, [link, key, snapshot, asked]);

  const latest = useRef(snapshot);
  latest.current = snapshot;

  return useMemo(() => {
    if (snapshot === null) return { series: null, error: null };
    if (query === null) return { series: seriesFromSnapshot(range, snapshot), error: null };
    const error = failure?.key === key ? failure.error : null;
    const rows = answer?.key === key ? answer.rows : null;
    return {
      series: rows === null ? null : seriesFromRows(range, snapshot.periods[range], rows),
      error: rows === null ? error : null,
    };
  }, [range, snapshot, query, key, answer, failure]);
}
