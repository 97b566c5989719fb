import type { MoneyFormat } from '../model/format';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import type { EpochMs } from '../model/time';
import type { EngineCalls } from './engineApi';

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
  /** Why the figures are not being updated, in the user's language: for pages, which have no words of their own. */
  readonly trouble?: string | null;
  /** The host's clock when the view was made. */
  readonly nowEpochMs: EpochMs;
  /** What every surface shows money in. */
  readonly money: MoneyFormat;
  /** "This project": the workspace's folders with their other Git worktrees; see `isInFolders`. Empty: no workspace. */
  readonly workspaceFolders: readonly string[];
}

/** Where the page is: an editor, or the side bar, which has room for the essentials only. */
export type PanelLayout = 'editor' | 'sideBar';

export interface PanelStart {
  readonly layout: PanelLayout;
  readonly locale: string;
  readonly strings: PanelStrings;
  readonly view: PanelView;
}

/** The commands that the page may run; the host maps each to one of its own. */
export const panelCommands = [
  'refresh',
  'export',
  'showLog',
  'showPanel',
  'moveToNewWindow',
  'openSettings',
  'setPrice',
  'setLimit',
] as const;
export type PanelCommand = (typeof panelCommands)[number];

/** What the page may ask the engine; the host checks the parameters and passes the question on. */
export const askedCalls = [
  'breakdown',
  'openMessages',
  'nextMessages',
  'closeMessages',
  'packedSessions',
  'sessionTitle',
  'blocks',
  'patterns',
  'history',
  'health',
] as const satisfies (keyof EngineCalls)[];
export type AskedCall = (typeof askedCalls)[number];

/** Calls from the page to the host. */
export interface PanelCalls extends Pick<EngineCalls, AskedCall> {
  /** The page is there and wants everything. */
  ready: { params: null; result: PanelStart };
  runCommand: {
    params: {
      readonly command: PanelCommand;
      /** For `setPrice`: whose. */
      readonly model?: string;
    };
    result: null;
  };
  /** Shows a transcript in an editor. @throws LedgerError `not-found` once it is gone. */
  openTranscript: { params: { readonly path: string }; result: null };
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
  readonly tab?: string;
  readonly range?: string;
  /** Of a range that was chosen by hand. */
  readonly from?: string;
  readonly to?: string;
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** Only this window's workspace. */
  readonly here?: boolean;
  /** What the sessions are narrowed to beside range and filters. */
  readonly drill?: unknown;
  /** The session that is looked at. */
  readonly session?: string | null;
  /** Names of the charts that are shown as tables. */
  readonly tables?: readonly string[];
  readonly split?: string;
  readonly metric?: string;
  readonly names?: string;
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
  readonly cost: string;
  readonly tokens: string;
  readonly messages: string;
  readonly cacheReads: string;
  readonly perDay: string;
  readonly input: string;
  readonly output: string;
  readonly cacheRead: string;
  readonly cacheWrite: string;
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
  readonly unpriced: string;
  readonly assumedNote: string;
  readonly unfinished: string;
  readonly badLinesNote: string;
  readonly health: string;
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
  readonly last90Days: string;
  readonly custom: string;
  readonly from: string;
  readonly to: string;
  readonly newWindow: string;
  readonly overview: string;
  readonly sessions: string;
  readonly rhythm: string;
  readonly accuracy: string;
  readonly openPoints: string;
  readonly filter: string;
  readonly filters: string;
  readonly thisProject: string;
  readonly removeFilter: string;
  readonly clearFilters: string;
  readonly nameAndValue: string;
  readonly none: string;
  readonly andMore: string;
  readonly search: string;
  readonly searchIn: string;
  readonly foundOf: string;
  readonly nothingFound: string;
  readonly divideBy: string;
  readonly shownFigure: string;
  readonly byModel: string;
  readonly byProject: string;
  readonly byKind: string;
  readonly cacheSavings: string;
  readonly yesterdayByNow: string;
  readonly comparedWith: string;
  readonly unchanged: string;
  readonly moreBy: string;
  readonly lessBy: string;
  readonly branches: string;
  readonly branch: string;
  readonly sources: string;
  readonly source: string;
  readonly users: string;
  readonly user: string;
  readonly noBranch: string;
  readonly unknown: string;
  readonly modelTable: string;
  readonly projectTable: string;
  readonly branchTable: string;
  readonly sourceTable: string;
  readonly userTable: string;
  readonly monthTitle: string;
  readonly soFar: string;
  readonly monthBefore: string;
  readonly projected: string;
  readonly nowTitle: string;
  readonly noBlock: string;
  readonly blockTitle: string;
  readonly blockEnds: string;
  readonly burnRate: string;
  readonly blockProjected: string;
  readonly tokensOf: string;
  readonly messagesOf: string;
  readonly setLimit: string;
  readonly changeLimits: string;
  readonly limitDay: string;
  readonly limitWeek: string;
  readonly limitMonth: string;
  readonly spentOf: string;
  readonly limitOver: string;
  readonly limitNear: string;
  readonly limitMuted: string;
  readonly session: string;
  readonly start: string;
  readonly length: string;
  readonly perHour: string;
  readonly time: string;
  readonly backToSessions: string;
  readonly openTranscript: string;
  readonly missingOutput: string;
  readonly missingValue: string;
  readonly claudeCodeSays: string;
  readonly showMore: string;
  readonly heatmapCost: string;
  readonly heatmapTokens: string;
  readonly gridHint: string;
  readonly busiestHour: string;
  readonly blocksTitle: string;
  readonly showAllDays: string;
  readonly patternsTitle: string;
  readonly noPatterns: string;
  readonly patternUsers: string;
  readonly patternHours: string;
  readonly patternWeekdays: string;
  readonly patternTrendNew: string;
  readonly patternTrend: string;
  readonly patternUnusual: string;
  readonly patternModelUp: string;
  readonly patternModelDown: string;
  readonly patternProject: string;
  readonly patternCache: string;
  readonly nothingOpen: string;
  readonly unpricedTitle: string;
  readonly setPrice: string;
  readonly claudeTotalsTitle: string;
  readonly claudeTotalsText: string;
  readonly transcriptsExplain: string;
  readonly difference: string;
  readonly ledger: string;
  readonly ledgerValue: string;
  readonly savedAt: string;
  readonly notSavedYet: string;
  readonly recoveries: string;
  readonly nextScan: string;
  readonly failedRuns: string;
  readonly fromMemory: string;
  readonly memory: string;
  readonly lastRuns: string;
  readonly filesReadColumn: string;
  readonly bytesReadColumn: string;
  readonly took: string;
  readonly outcome: string;
  readonly fine: string;
  readonly fileErrors: string;
  readonly openPanel: string;
  readonly blocksHint: string;
}
