import { Disposable, type Event } from 'vscode';
import type { Snapshot } from '../model/snapshot';
import type { SnapshotStore } from './snapshotStore';

/** What `activate` returns to other extensions. */
export interface HostApi {
  readonly apiVersion: 1;
  /** The figures that ticker and panel show now; null before there are any. */
  getSnapshot(): Snapshot | null;
  /** Fires whenever `getSnapshot` has something new. */
  readonly onDidChange: Event<Snapshot>;
}

export function createApi(store: SnapshotStore): HostApi {
  return {
    apiVersion: 1,
    getSnapshot: () => store.snapshot,
    onDidChange: (listener, thisArgs?: unknown, disposables?: Disposable[]) => {
      const stop = store.onChange((change) => {
        if (change === 'snapshot' && store.snapshot !== null) listener.call(thisArgs, store.snapshot);
      });
      const disposable = new Disposable(stop);
      disposables?.push(disposable);
      return disposable;
    },
  };
}
