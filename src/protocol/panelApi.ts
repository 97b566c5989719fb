import type { MoneyFormat } from '../model/format';
import type { BreakdownQuery, BreakdownRow } from '../model/query';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import type { EpochMs } from '../model/time';

/** How the engine of this window is, apart from how its scans go (that is in the snapshot). */
export interface EngineStatus {
  /** `unavailable`: it runs, but cannot use the ledger just now, and keeps trying. `failing`: it has been given up. */
  readonly kind: 'idle' | 'starting' | 'running' | 'unavailable' | 'restarting' | 'failing' | 'stopped';
  /** Why it restarts, fails or waits, for people. */
  readonly reason: string | null;
}

/** Everything the page shows that it did not ask for itself. Always complete, never a difference. */
export interface PanelView {
  readonly snapshot: Snapshot | null;
  /** `disk`: the last snapshot of an earlier run, which nothing has confirmed yet. */
  readonly origin: 'none' | 'disk' | 'engine';
  readonly progress: ScanProgress | null;
  readonly engine: EngineStatus;
  /** The host's clock when the view was made. */
  readonly nowEpochMs: EpochMs;
  /** What every surface shows money in. */
  readonly money: MoneyFormat;
  /** "This project": the workspace's folders with their other Git worktrees; see `isInFolders`. Empty: no workspace. */
  readonly workspaceFolders: readonly string[];
}

export interface PanelStart {
  readonly locale: string;
  readonly strings: PanelStrings;
  readonly view: PanelView;
}

/** The commands that the page may run; the host maps each to one of its own. */
export const panelCommands = ['refresh', 'export', 'showLog', 'openSettings', 'setPrices'] as const;
export type PanelCommand = (typeof panelCommands)[number];

/** Calls from the page to the host. */
export interface PanelCalls {
  /** The page is there and wants everything. */
  ready: { params: null; result: PanelStart };
  breakdown: { params: BreakdownQuery; result: readonly BreakdownRow[] };
  runCommand: { params: { readonly command: PanelCommand }; result: null };
}

/** What the host tells the page. */
export interface PanelEvents {
  view: PanelView;
  progress: ScanProgress | null;
}

/**
 * One page's life behind a webview. A hidden webview is thrown away and made anew, so that replies to the page
 * before must not reach the page after: every message carries the token of the page it belongs to.
 */
export interface PanelEnvelope {
  readonly page: string;
  readonly message: unknown;
}

export function isPanelEnvelope(value: unknown): value is PanelEnvelope {
  return (
    typeof value === 'object' &&
    value !== null &&
    'page' in value &&
    typeof value.page === 'string' &&
    'message' in value
  );
}

/** What a page keeps over reloads, and what its serializer gets. */
export interface PanelState {
  readonly range?: string;
  readonly tableOpen?: boolean;
  readonly metric?: 'cost' | 'tokens';
  readonly scrollTop?: number;
}

/** The page's words, in the user's language. `{0}` stands for a figure or a name. */
export interface PanelStrings {
  readonly title: string;
  readonly range: string;
  readonly today: string;
  readonly last7Days: string;
  readonly last30Days: string;
  readonly month: string;
  readonly allTime: string;
  readonly refresh: string;
  readonly export: string;
  readonly showLog: string;
  readonly openSettings: string;
  readonly setPrices: string;
  readonly cost: string;
  readonly tokens: string;
  readonly messages: string;
  readonly cacheReads: string;
  readonly saved: string;
  readonly perDay: string;
  readonly yesterday: string;
  readonly input: string;
  readonly output: string;
  readonly cacheRead: string;
  readonly cacheWrite: string;
  readonly webSearches: string;
  readonly ofPrompt: string;
  readonly outputTokens: string;
  readonly perMessage: string;
  readonly costByDay: string;
  readonly costByHour: string;
  readonly costByMonth: string;
  readonly tokensByDay: string;
  readonly tokensByHour: string;
  readonly tokensByMonth: string;
  readonly showTable: string;
  readonly hideTable: string;
  readonly day: string;
  readonly hour: string;
  readonly monthColumn: string;
  readonly total: string;
  readonly other: string;
  readonly models: string;
  readonly projects: string;
  readonly model: string;
  readonly project: string;
  readonly share: string;
  readonly noProject: string;
  readonly showAll: string;
  readonly showLess: string;
  readonly assumed: string;
  readonly noPrice: string;
  readonly partlyPriced: string;
  readonly notes: string;
  readonly unpricedOne: string;
  readonly unpricedMany: string;
  readonly unpricedModels: string;
  readonly assumedNote: string;
  readonly unfinishedOne: string;
  readonly unfinishedMany: string;
  readonly badLinesOne: string;
  readonly badLinesMany: string;
  readonly health: string;
  readonly updated: string;
  readonly files: string;
  readonly lastScan: string;
  readonly lastScanValue: string;
  readonly badLines: string;
  readonly folders: string;
  readonly found: string;
  readonly notFound: string;
  readonly watching: string;
  readonly watchingEvents: string;
  readonly watchingPolling: string;
  readonly watchingOff: string;
  readonly window: string;
  readonly leader: string;
  readonly follower: string;
  readonly never: string;
  readonly emptyTitle: string;
  readonly emptyText: string;
  readonly emptyAdd: string;
  readonly scanningTitle: string;
  readonly scanningText: string;
  readonly scanningFiles: string;
  readonly incomplete: string;
  readonly stale: string;
  readonly engineFailing: string;
  readonly engineRestarting: string;
  readonly scanFailing: string;
  readonly retry: string;
  readonly noUsage: string;
  readonly loading: string;
  readonly loadFailed: string;
  readonly timeZone: string;
  readonly chartHint: string;
}
