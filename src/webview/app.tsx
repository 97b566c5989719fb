import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PanelStart } from '../protocol/panelApi';
import { moodOf } from '../protocol/viewMood';
import { Accuracy } from './accuracy/accuracy';
import { NameColors } from './colors';
import type { Drill } from './drill';
import { Banner } from './frame/banner';
import { EmptyState } from './frame/emptyState';
import { Tabs } from './frame/tabs';
import { Actions, Toolbar } from './frame/toolbar';
import type { HostLink } from './hostLink';
import { useKeptFocus } from './keptFocus';
import { Overview } from './overview/overview';
import { keptOf, type PageState, pageStateOf, type Tables } from './pageState';
import { Rhythm } from './rhythm/rhythm';
import { resolved, spanOf } from './selection';
import { Sessions } from './sessions/sessions';
import { usePage } from './usePage';
import { WordsContext } from './words';

interface AppProps {
  readonly link: HostLink;
  readonly start: PanelStart;
}

/** The page in an editor. */
export function App({ link, start }: AppProps) {
  const { view, words } = usePage(link, start);
  const { strings } = words;
  const [state, setState] = useState<PageState>(() => pageStateOf(link.readState()));
  const change = (part: Partial<PageState>): void => setState((before) => ({ ...before, ...part }));
  useEffect(() => link.writeState(keptOf(state)), [link, state]);
  useKeptScroll(link);
  const page = useKeptFocus();
  const { snapshot, nowEpochMs, workspaceFolders } = view;
  const workspace = workspaceFolders.length > 0;
  const { tab, selection } = state;
  const asked = useMemo(
    () => (snapshot === null ? selection : resolved(selection, workspaceFolders, snapshot)),
    [selection, workspaceFolders, snapshot],
  );
  const colors = useRef({ models: new NameColors(), projects: new NameColors() }).current;
  if (snapshot !== null)
    for (const period of [snapshot.periods.last30Days, snapshot.periods.allTime]) {
      colors.models.learn(period.byModel);
      colors.projects.learn(period.byProject);
    }
  const tables: Tables = {
    has: (name) => state.tables.includes(name),
    set: (name, open) =>
      change({ tables: open ? [...state.tables, name] : state.tables.filter((each) => each !== name) }),
  };
  const drillInto = useCallback((drill: Drill | null): void => {
    change({ drill, session: null, tab: 'sessions' });
    window.scrollTo(0, 0);
  }, []);
  const openSession = useCallback((session: string | null): void => {
    change({ session, tab: 'sessions' });
    window.scrollTo(0, 0);
  }, []);
  const mood = moodOf(view);
  const blank = snapshot === null || (mood !== 'ready' && snapshot.periods.allTime.total.messages === 0);
  const allTime = snapshot?.periods.allTime.total;
  const doubt =
    allTime !== undefined &&
    allTime.unpricedMessages + allTime.assumedMessages + allTime.unfinishedMessages > 0;
  const today = snapshot?.periods.today.to;
  const { from, to } = snapshot === null ? { from: '', to: '' } : spanOf(asked, snapshot);
  // What no figure changes is not drawn again with every figure.
  const head = useMemo(
    () => (
      <header class="pageHead">
        <h1 class={blank ? 'name' : 'unseen'}>{strings.title}</h1>
        {!blank && (
          <Tabs
            tab={tab}
            doubt={doubt}
            // Choosing the tab that is open leads back to its beginning.
            onTab={(next) => change(next === 'sessions' && tab === next ? { session: null } : { tab: next })}
          />
        )}
        <Actions editor />
      </header>
    ),
    [strings, blank, tab, doubt],
  );
  const toolbar = useMemo(
    () =>
      today === undefined ? null : (
        <Toolbar
          selection={selection}
          onSelection={(next) => change({ selection: next })}
          span={{ from, to }}
          today={today}
          workspace={workspace}
        />
      ),
    [selection, from, to, today, workspace],
  );
  return (
    <WordsContext.Provider value={words}>
      <main class="page" ref={page}>
        {head}
        {!blank && toolbar}
        <Banner view={view} mood={mood} />
        {blank ? (
          <EmptyState view={view} mood={mood} />
        ) : (
          <div id="tabPanel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            {tab === 'overview' && (
              <Overview
                selection={asked}
                snapshot={snapshot}
                nowEpochMs={nowEpochMs}
                modelColors={colors.models}
                projectColors={colors.projects}
                state={state}
                onState={change}
                tables={tables}
                onDrill={drillInto}
              />
            )}
            {tab === 'sessions' && (
              <Sessions
                selection={asked}
                snapshot={snapshot}
                drill={state.drill}
                onDrill={drillInto}
                session={state.session}
                onSession={openSession}
              />
            )}
            {tab === 'rhythm' && (
              <Rhythm
                selection={asked}
                snapshot={snapshot}
                metric={state.metric}
                tables={tables}
                onDrill={drillInto}
              />
            )}
            {tab === 'accuracy' && <Accuracy selection={asked} snapshot={snapshot} onSession={openSession} />}
          </div>
        )}
      </main>
    </WordsContext.Provider>
  );
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
