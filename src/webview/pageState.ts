import type { PanelState } from '../protocol/panelApi';
import { type Drill, drillFrom } from './drill';
import { type FilterDimension, filterDimensions, type Selection, selectionOf } from './selection';
import { type Metric, type Split, splits } from './series';

export const tabNames = ['overview', 'sessions', 'rhythm', 'accuracy'] as const;
export type TabName = (typeof tabNames)[number];

export interface OverviewState {
  readonly metric: Metric;
  readonly split: Split;
  /** What the second table is by. */
  readonly names: FilterDimension;
}

/** Which charts are shown as tables. */
export interface Tables {
  has(name: string): boolean;
  set(name: string, open: boolean): void;
}

/** Where the person is on the page and what is chosen there: all that a page keeps over a reload. */
export interface PageState extends OverviewState {
  readonly tab: TabName;
  readonly selection: Selection;
  readonly drill: Drill | null;
  readonly session: string | null;
  readonly tables: readonly string[];
}

export function pageStateOf(kept: PanelState): PageState {
  return {
    tab: tabNames.find((name) => name === kept.tab) ?? 'overview',
    selection: selectionOf(kept),
    drill: drillFrom(kept.drill),
    session: typeof kept.session === 'string' ? kept.session : null,
    tables: Array.isArray(kept.tables) ? kept.tables : [],
    split: splits.find((name) => name === kept.split) ?? 'model',
    metric: kept.metric === 'tokens' ? 'tokens' : 'cost',
    names: filterDimensions.find((name) => name === kept.names) ?? 'project',
  };
}

export function keptOf({ selection, ...state }: PageState): PanelState {
  const { range, custom, only, here } = selection;
  return { ...state, range, here, only, ...(custom ?? {}) };
}
