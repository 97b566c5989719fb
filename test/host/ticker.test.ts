import assert from 'node:assert/strict';
import { displaySettings, type TickerSettings } from '../../src/host/displaySettings';
import { Ticker } from '../../src/host/ticker';
import { TickerFigures } from '../../src/host/tickerFigures';
import type { BreakdownRow, SessionRow } from '../../src/model/query';
import type { PanelView } from '../../src/protocol/panelApi';
import { fixtureNow, measures, snapshotOf, viewOf } from '../webview/fixtures';
import { plainL10n } from './plainL10n';

const settings = (values: Record<string, unknown> = {}): TickerSettings =>
  displaySettings(
    (name) => values[name],
    () => undefined,
  ).ticker;

function view(generation: number, cost = 1_000_000_000): PanelView {
  const snapshot = snapshotOf(() => [{ name: 'm', total: measures({ messages: 1, costNanoDollars: cost }) }]);
  return viewOf({ ...snapshot, generation }, { workspaceFolders: ['/home/ada/app'] });
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The ticker’s item', () => {
  let touched: string[];
  let places: string[];
  const create = (first: TickerSettings): Ticker => {
    touched = [];
    places = [];
    return new Ticker({
      settings: first,
      createItem: ({ alignment, priority }) => {
        places.push(`${alignment} ${priority}`);
        return {
          setText: ({ text }) => touched.push(text),
          setTooltip: () => touched.push('tooltip'),
          setAlarm: (reached) => touched.push(`alarm ${reached ?? 'off'}`),
          dispose: () => touched.push('gone'),
        };
      },
      figures: new TickerFigures({
        breakdown: () => Promise.reject(new Error('nobody asks')),
        sessions: () => Promise.reject(new Error('nobody asks')),
        branch: () => '',
        changed: () => undefined,
        log: () => undefined,
      }),
      locale: 'en',
      l10n: plainL10n,
    });
  };

  it('is touched only when what it says has changed', () => {
    const ticker = create(settings());
    for (let round = 0; round < 50; round++) ticker.update(view(round));
    assert.deepEqual(touched, ['$(pulse) $1.00', 'tooltip']);
    ticker.update(view(51, 2_000_000_000));
    assert.deepEqual(touched.slice(2), ['$(pulse) $2.00', 'tooltip']);
  });

  it('can be given its text first, and the rest later', () => {
    const ticker = create(settings());
    ticker.updateText(view(1));
    assert.deepEqual(touched, ['$(pulse) $1.00']);
    ticker.update(view(1));
    assert.deepEqual(touched.slice(1), ['tooltip']);
  });

  it('takes its colour when a limit is reached, and loses it once', () => {
    const ticker = create(settings());
    const { snapshot } = view(1);
    const limit = {
      limit: { id: 'day:all', period: 'day' as const, softNanoDollars: null, hardNanoDollars: 1 },
      from: '2026-11-24',
      to: '2026-11-24',
      spentNanoDollars: 2,
      reached: 'hard' as const,
      muted: false,
    };
    for (const limits of [[limit], [limit], [], []]) ticker.update(viewOf({ ...snapshot!, limits }));
    assert.deepEqual(
      touched.filter((each) => each.startsWith('alarm')),
      ['alarm hard', 'alarm off'],
    );
  });

  it('shows another template at the next look, and moves to another place', () => {
    const ticker = create(settings());
    ticker.update(view(1));
    ticker.configure(settings({ 'ticker.template': 'Σ {month}' }));
    ticker.update(view(1));
    assert.equal(touched.at(-1), '$(pulse) Σ $24.00');
    ticker.configure(settings({ 'ticker.alignment': 'left', 'ticker.priority': 7 }));
    ticker.update(view(1));
    assert.deepEqual(places, ['right 100', 'left 7']);
    assert.deepEqual(touched.slice(-3), ['gone', '$(pulse) $1.00', 'tooltip']);
  });
});

describe('The ticker’s own questions', () => {
  const rows: BreakdownRow[] = [
    ['/home/ada/app', 'main', 1],
    ['/home/ada/app/sub', 'side', 2],
    ['/home/ada/apple', 'main', 4],
  ].map(([project, branch, cost]) => ({
    bucket: '',
    names: { project: String(project), branch: String(branch) },
    total: measures({ messages: 1, costNanoDollars: Number(cost) }),
  }));
  const session = (name: string, project: string, endEpochMs: number, cost: number): SessionRow => ({
    session: name,
    source: 'claude-code',
    user: 'ada',
    host: 'engine',
    models: [],
    projects: [project],
    branches: [],
    startEpochMs: endEpochMs - 1,
    endEpochMs,
    total: measures({ messages: 1, costNanoDollars: cost }),
    transcriptPath: null,
    claudeCodeCostNanoDollars: null,
  });
  let asked: string[];
  let failing: Error | null;
  let logged: number;
  let changed: number;
  const create = (branch = 'main'): TickerFigures => {
    asked = [];
    failing = null;
    logged = 0;
    changed = 0;
    return new TickerFigures({
      breakdown: ({ filter }) => {
        asked.push(`breakdown ${filter.from ?? ''} ${filter.to ?? ''}`);
        return failing === null ? Promise.resolve(rows) : Promise.reject(failing);
      },
      sessions: ({ from, to }) => {
        asked.push(`sessions ${from ?? ''} ${to ?? ''}`);
        return Promise.resolve([
          session('elsewhere', '/home/ada/other', fixtureNow, 100),
          session('late', '/home/ada/app/sub', fixtureNow - 1_000, 10),
          session('early', '/home/ada/app', fixtureNow - 9_000, 20),
        ]);
      },
      branch: () => branch,
      changed: () => changed++,
      log: () => logged++,
    });
  };
  const pieces = (template: string): TickerSettings['pieces'] =>
    settings({ 'ticker.template': template }).pieces;

  it('are none while the template needs none', async () => {
    const figures = create();
    figures.of(view(1), pieces('{today} {block} {month}'));
    await nextTurn();
    assert.deepEqual(asked, []);
  });

  it('are asked once for a snapshot, however often the ticker looks', async () => {
    const figures = create();
    for (const generation of [1, 1, 1, 2]) {
      for (let look = 0; look < 5; look++) figures.of(view(generation), pieces('{project} {branch}'));
      await nextTurn();
    }
    assert.deepEqual(asked, ['breakdown 2026-11-24 2026-11-24', 'breakdown 2026-11-24 2026-11-24']);
    assert.equal(changed, 2);
  });

  it('give the sums of this project with its subfolders, and of its branch', async () => {
    const figures = create('side');
    figures.of(view(1), pieces('{project} {branch}'));
    await nextTurn();
    const { project, branch, session: none } = figures.of(view(1), pieces('{project} {branch}'));
    assert.equal(project?.costNanoDollars, 3);
    assert.equal(branch?.costNanoDollars, 2);
    assert.equal(none, null);
    assert.equal(figures.of({ ...view(1), workspaceFolders: [] }, pieces('{project}')).project, null);
  });

  it('find the session of the latest message in this project', async () => {
    const figures = create();
    figures.of(view(1), pieces('{session}'));
    await nextTurn();
    assert.deepEqual(asked, ['sessions 2026-11-18 2026-11-24']);
    assert.equal(figures.of(view(1), pieces('{session}')).session?.costNanoDollars, 10);
    const nowhere = { ...view(1), workspaceFolders: [] };
    assert.equal(figures.of(nowhere, pieces('{session}')).session?.costNanoDollars, 100);
  });

  it('keep the last answer while the next fails, which is told once', async () => {
    const figures = create();
    figures.of(view(1), pieces('{project}'));
    await nextTurn();
    failing = new Error('the engine is gone');
    for (const generation of [2, 3]) {
      figures.of(view(generation), pieces('{project}'));
      await nextTurn();
    }
    assert.equal(asked.length, 3);
    assert.equal(figures.of(view(3), pieces('{project}')).project?.costNanoDollars, 3);
    assert.equal(logged, 1);
  });
});
