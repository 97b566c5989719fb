import { LedgerError } from '../model/errors';
import { quarterHourMs } from '../model/time';
import type { Ledger } from '../ledger/ledger';
import { breakdown, quarterRange } from '../stats/breakdown';
import type { Rollups } from '../stats/rollups';
import type { SnapshotBuilder } from '../stats/snapshotBuilder';
import type { Role } from './engine';
import { MessageStreams } from './messageStreams';

type Questions = Pick<
  Role['calls'],
  'breakdown' | 'openMessages' | 'nextMessages' | 'closeMessages' | 'sessions' | 'sessionTitle' | 'blocks'
>;

/** Answers what is asked of the ledger. Changes nothing. */
export class Answers {
  readonly #ledger: Ledger;
  readonly #rollups: Rollups;
  readonly #builder: SnapshotBuilder;
  readonly #streams = new MessageStreams();

  constructor(ledger: Ledger, rollups: Rollups, builder: SnapshotBuilder) {
    this.#ledger = ledger;
    this.#rollups = rollups;
    this.#builder = builder;
  }

  readonly calls: Questions = {
    breakdown: (query) => breakdown(query, this.#builder.civil, this.#rollups),
    openMessages: async (filter) => {
      const { from, to } = quarterRange(filter, this.#builder.civil, this.#rollups);
      const rows = this.#ledger.messages({
        fromEpochMs: from * quarterHourMs,
        toEpochMs: to * quarterHourMs,
        ...(filter.only === undefined ? {} : { only: filter.only }),
      });
      return { stream: await this.#streams.open(rows) };
    },
    nextMessages: ({ stream }) => this.#streams.next(stream),
    closeMessages: async ({ stream }) => {
      await this.#streams.close(stream);
      return null;
    },
    sessions: () => notBuilt(),
    sessionTitle: () => notBuilt(),
    blocks: () => notBuilt(),
  };

  /** Ends every stream that is still being read. */
  close(): Promise<void> {
    return this.#streams.closeAll();
  }
}

export function notBuilt(): never {
  throw new LedgerError('unavailable', 'not built yet');
}
