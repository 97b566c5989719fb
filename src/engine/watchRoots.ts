import type { Log } from '../model/logRecord';
import type { Root } from '../sources/claude/locate';
import { type TranscriptWatch, watchTranscripts } from '../sources/claude/watch';
import type { SweepScope } from './aggregator';
import type { ScanHealthKeeper } from './scanHealth';

/** Watches the roots, says in the health how it does that, and tells what to look at. */
export function watchRoots(
  roots: readonly Root[],
  health: ScanHealthKeeper,
  log: Log,
  onChange: (scope: SweepScope) => void,
): TranscriptWatch {
  const watch = watchTranscripts(roots, (paths) => onChange(paths ?? 'everything'), {
    onMode: (mode, error) => {
      health.watcher = mode;
      health.watcherReason = error?.message ?? null;
      if (error !== null) log('warn', 'changes are found by polling from now on', { error: error.message });
    },
    onError: (error) => log('warn', 'a folder cannot be watched', { error: error.message }),
  });
  health.watcher = watch.mode;
  if (watch.mode === 'events') health.watcherReason = null;
  return watch;
}
