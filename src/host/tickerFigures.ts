import { toErrorMessage } from '../model/errors';
import { isInFolders } from '../model/folders';
import type { Log } from '../model/logRecord';
import { addMeasures, type Measures, noMeasures } from '../model/measures';
import type { BreakdownRow, SessionRow } from '../model/query';
import type { EngineCalls } from '../protocol/engineApi';
import type { PanelView } from '../protocol/panelApi';
import type { TemplatePiece } from './displaySettings';
import type { AskedFigures } from './tickerText';

/** How far back a session's messages are summed: one that is resumed after longer starts from zero. */
const sessionDays = 7;

export interface TickerFiguresOptions {
  readonly breakdown: (
    query: EngineCalls['breakdown']['params'],
  ) => Promise<EngineCalls['breakdown']['result']>;
  readonly sessions: (
    filter: EngineCalls['sessions']['params'],
  ) => Promise<EngineCalls['sessions']['result']>;
  /** Of the workspace's first folder; '' for none. */
  readonly branch: () => string;
  /** There are other figures than before. */
  readonly changed: () => void;
  readonly log: Log;
}

/**
 * The figures of project, branch and session, which no snapshot has. The engine is asked for what the ticker shows and
 * for nothing else, one question at a time, and once for a snapshot.
 */
export class TickerFigures {
  readonly #options: TickerFiguresOptions;
  #today: readonly BreakdownRow[] | null = null;
  #sessions: readonly SessionRow[] | null = null;
  /** What the last questions were about; the same is not asked again. */
  #asked = '';
  #asking = false;
  #failure = '';

  constructor(options: TickerFiguresOptions) {
    this.#options = options;
  }

  /** What is known; asks for what is not. */
  of(view: PanelView, pieces: readonly TemplatePiece[]): AskedFigures {
    this.#ask(view, pieces);
    const { workspaceFolders } = view;
    const here = (row: BreakdownRow): boolean => isInFolders(row.names.project ?? '', workspaceFolders);
    const noProject = this.#today === null || workspaceFolders.length === 0;
    const branch = this.#options.branch();
    return {
      project: noProject ? null : sum(this.#today, here),
      branch:
        noProject || branch === ''
          ? null
          : sum(this.#today, (row) => here(row) && row.names.branch === branch),
      session: latest(this.#sessions, workspaceFolders)?.total ?? null,
    };
  }

  #ask(view: PanelView, pieces: readonly TemplatePiece[]): void {
    const { snapshot } = view;
    if (snapshot === null || view.origin !== 'engine') return;
    const uses = (...parts: string[]): boolean =>
      pieces.some((piece) => typeof piece !== 'string' && parts.includes(piece.part));
    const wanted = { today: uses('project', 'branch'), sessions: uses('session') };
    if (!wanted.today && !wanted.sessions) return;
    const about = JSON.stringify([snapshot.generation, wanted]);
    // After an answer the ticker looks again, and so gets to the snapshots that came meanwhile.
    if (about === this.#asked || this.#asking) return;
    this.#asked = about;
    this.#asking = true;
    void this.#answer(snapshot.periods.today.to, wanted);
  }

  async #answer(
    today: string,
    wanted: { readonly today: boolean; readonly sessions: boolean },
  ): Promise<void> {
    const { breakdown, sessions, changed, log } = this.#options;
    try {
      const [rows, found] = await Promise.all([
        wanted.today
          ? breakdown({ filter: { from: today, to: today }, grain: 'total', by: ['project', 'branch'] })
          : null,
        wanted.sessions ? sessions({ from: daysBefore(today, sessionDays - 1), to: today }) : null,
      ]);
      this.#today = rows;
      this.#sessions = found;
      this.#failure = '';
    } catch (error) {
      const { reason, message } = toErrorMessage(error);
      // The next snapshot asks again; the same failure is told once.
      if (message !== this.#failure) log('warn', 'The ticker got no figures', { reason, message });
      this.#failure = message;
    } finally {
      this.#asking = false;
    }
    changed();
  }
}

function sum(rows: readonly BreakdownRow[] | null, passes: (row: BreakdownRow) => boolean): Measures {
  const total = noMeasures();
  for (const row of rows ?? []) if (passes(row)) addMeasures(total, row.total);
  return total;
}

/** The session of the latest message, in this project where one is open. */
function latest(sessions: readonly SessionRow[] | null, folders: readonly string[]): SessionRow | null {
  const here = (sessions ?? []).filter(
    ({ projects }) => folders.length === 0 || projects.some((project) => isInFolders(project, folders)),
  );
  return here.reduce<SessionRow | null>(
    (best, each) => (best === null || each.endEpochMs > best.endEpochMs ? each : best),
    null,
  );
}

function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}
