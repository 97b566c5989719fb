import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PanelCommand, PanelStart, PanelView } from '../protocol/panelApi';
import { moodOf } from '../protocol/viewMood';
import { Banner } from './banner';
import { ChartSection } from './chartSection';
import { ModelColors } from './colors';
import { EmptyState } from './emptyState';
import { Figures } from './figures';
import { Health } from './health';
import type { HostLink } from './hostLink';
import { NameTable } from './nameTable';
import { Notes } from './notes';
import { type RangeName, rangeNamed } from './ranges';
import type { Metric } from './series';
import { Toolbar } from './toolbar';
import { useSeries } from './useSeries';
import { WordsContext } from './words';

interface AppProps {
  readonly link: HostLink;
  readonly start: PanelStart;
}

export function App({ link, start }: AppProps) {
  const view = useView(link, start.view);
  const kept = useMemo(() => link.readState(), [link]);
  const [range, setRange] = useState<RangeName>(rangeNamed(kept.range));
  const [tableOpen, setTableOpen] = useState(kept.tableOpen ?? false);
  const [metric, setMetric] = useState<Metric>(kept.metric === 'tokens' ? 'tokens' : 'cost');
  const words = useMemo(() => ({ locale: start.locale, strings: start.strings }), [start]);
  const colors = useRef(new ModelColors());
  useEffect(() => link.writeState({ range, tableOpen, metric }), [link, range, tableOpen, metric]);
  useKeptScroll(link);

  const { snapshot } = view;
  const series = useSeries(link, range, snapshot);
  if (snapshot !== null) colors.current.learn(snapshot);
  const mood = moodOf(view);
  const run = (command: PanelCommand): void => {
    // A command that fails tells so by itself, in the window.
    link.host.call('runCommand', { command }).catch(() => undefined);
  };
  const blank = snapshot === null || (mood !== 'ready' && snapshot.periods.allTime.total.messages === 0);
  const period = snapshot?.periods[range];
  return (
    <WordsContext.Provider value={words}>
      <main class="page">
        <Toolbar range={range} onRange={setRange} run={run} rangesShown={!blank} />
        <Banner view={view} mood={mood} run={run} />
        {blank || period === undefined ? (
          <EmptyState view={view} mood={mood} run={run} />
        ) : (
          <>
            <Figures range={range} snapshot={snapshot} />
            <ChartSection
              key={range}
              series={series}
              colors={colors.current}
              metric={metric}
              onMetric={setMetric}
              tableOpen={tableOpen}
              onTableOpen={setTableOpen}
            />
            <div class="tables">
              <NameTable kind="model" period={period} colors={colors.current} />
              <NameTable kind="project" period={period} />
            </div>
            <Notes period={period} snapshot={snapshot} run={run} />
          </>
        )}
        {snapshot !== null && <Health snapshot={snapshot} run={run} />}
      </main>
    </WordsContext.Provider>
  );
}

/** The newest view; progress comes on its own, since it comes often. */
function useView(link: HostLink, first: PanelView): PanelView {
  const [view, setView] = useState(first);
  useEffect(() => {
    const stops = [
      link.host.on('view', setView),
      link.host.on('progress', (progress) => setView((before) => ({ ...before, progress }))),
    ];
    return () => stops.forEach((stop) => stop());
  }, [link]);
  return view;
}

function useKeptScroll(link: HostLink): void {
  useEffect(() => {
    window.scrollTo(0, link.readState().scrollTop ?? 0);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onScroll = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => link.writeState({ scrollTop: window.scrollY }), 200);
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [link]);
}
