import { civilDayOf } from '../model/format';
import type { ScanProgress, Snapshot } from '../model/snapshot';
import type { PanelView } from './panelApi';

/** What must be said beside the figures, or instead of them. Ticker and panel ask the same question. */
export type ViewMood =
  /** Nothing is known yet. */
  | 'waiting'
  /** Looked, and found nothing. */
  | 'empty'
  /** The first scan of this ledger runs: figures are incomplete. */
  | 'firstScan'
  | 'ready'
  /** Figures of some time ago, which nothing has confirmed since. */
  | 'stale'
  /** Engine or scan fails: figures are those of the last good time. */
  | 'failing';

/** Figures from disk are confirmed within seconds, normally; only then are they worth a warning. */
const unconfirmedMs = 10 * 60_000;

export function moodOf(view: PanelView): ViewMood {
  const { snapshot } = view;
  if (view.engine.kind === 'failing' || view.engine.kind === 'unavailable') return 'failing';
  if (snapshot === null) return view.progress === null ? 'waiting' : 'firstScan';
  if (snapshot.scan.state === 'failing') return 'failing';
  if (!snapshot.scan.complete && (view.progress !== null || snapshot.scan.state === 'scanning'))
    return 'firstScan';
  const otherDay = isOtherDay(snapshot, view.nowEpochMs);
  const unconfirmed = view.origin === 'disk' && ageMs(view) > unconfirmedMs;
  if (otherDay || unconfirmed) return 'stale';
  if (snapshot.scan.state === 'empty' && snapshot.periods.allTime.total.messages === 0) return 'empty';
  return 'ready';
}

/** Whether how far a scan is stands where the figures would be, or above them. */
export function showsProgress(view: PanelView): boolean {
  const mood = moodOf(view);
  return mood === 'waiting' || mood === 'firstScan';
}

/** Without a date format where possible: making the first one takes longer than all else that a new window shows. */
function isOtherDay(
  { takenEpochMs, todayEndsEpochMs, timeZone, periods }: Snapshot,
  nowEpochMs: number,
): boolean {
  if (todayEndsEpochMs !== undefined && nowEpochMs >= takenEpochMs) return nowEpochMs >= todayEndsEpochMs;
  return civilDayOf(nowEpochMs, timeZone) !== periods.today.to;
}

/** How old the shown figures are; 0 without any. */
export function ageMs(view: PanelView): number {
  return view.snapshot === null ? 0 : Math.max(0, view.nowEpochMs - view.snapshot.takenEpochMs);
}

/** Share of a running scan that is done, 0 to 1, by bytes where there are any. */
export function shareDone(progress: ScanProgress): number {
  const [done, total] =
    progress.bytesTotal > 0
      ? [progress.bytesDone, progress.bytesTotal]
      : [progress.filesDone, progress.filesTotal];
  return total > 0 ? Math.min(1, done / total) : 0;
}
