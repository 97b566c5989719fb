import type { Ledger } from '../ledger/ledger';
import type { Lease } from '../ledger/lease';
import { LedgerError } from '../model/errors';
import type { Log } from '../model/logRecord';
import type { UsageRecord } from '../model/usageRecord';
import { Checkpoints } from './checkpoints';
import type { Role } from './engine';
import type { Figures } from './figures';
import { Journals } from './journals';
import type { LatestFiles } from './latestFiles';
import type { Prices } from './prices';
import { journalFolderOf } from './storage';

export interface WritePathOptions {
  readonly ledger: Ledger;
  readonly prices: Prices;
  readonly figures: () => Figures;
  /** null, all three or none: the ledger is in memory. */
  readonly storageFolder: string | null;
  readonly latest: LatestFiles | null;
  readonly lease: Lease | null;
  /** Called before the ledger is written. */
  readonly onSave: () => void;
  readonly log: Log;
}

/** The way of records into the ledger and to the disk, at whose end the journals are cut (law 4). */
export class WritePath {
  readonly checkpoints: Checkpoints;
  readonly journals: Journals | null;
  readonly #options: WritePathOptions;

  constructor(options: WritePathOptions) {
    this.#options = options;
    const { storageFolder, log } = options;
    this.checkpoints = new Checkpoints(() => this.#save(), log);
    this.journals =
      storageFolder === null
        ? null
        : new Journals({
            folder: journalFolderOf(storageFolder),
            fold: (records) => this.fold(records),
            log,
          });
  }

  readonly calls: Pick<Role['calls'], 'flush'> = {
    flush: async ({ windowId, save }) => {
      const records = (await this.journals?.fold(windowId)) ?? 0;
      if (save) await this.checkpoints.now();
      else if (this.unsaved) this.checkpoints.schedule();
      this.#options.figures().tellSoon();
      return { durable: 'ledger', records };
    },
  };

  /** Something is in memory, or in a journal, that belongs into the ledger's files. */
  get unsaved(): boolean {
    return this.#options.ledger.dirty || (this.journals?.cuttable.size ?? 0) > 0;
  }

  fold(records: readonly UsageRecord[]): void {
    const { ledger, prices, figures } = this.#options;
    const { quarters } = ledger.fold(records.map((record) => prices.price(record)));
    figures().changed(quarters);
    figures().tellDuringScan();
  }

  async saveAndTell(): Promise<void> {
    await this.checkpoints.now();
    this.#options.figures().tellNow();
  }

  /** Ends, with all on the disk. */
  async stop(): Promise<void> {
    await this.checkpoints.stop();
    if (this.unsaved) await this.checkpoints.now();
  }

  /** Resolves with the bytes that the ledger has written. */
  async #save(): Promise<number> {
    const { ledger, lease, latest, prices, figures, onSave } = this.#options;
    onSave();
    const cuttable = this.journals?.cuttable ?? new Set();
    const { complete, failures, bytes } = await ledger.checkpoint();
    if (!complete) {
      const first = failures[0];
      throw new LedgerError(first?.reason ?? 'io', failures.map(({ message }) => message).join('; '));
    }
    await this.journals?.cut(
      cuttable,
      (records) => ledger.holdsOnDisk(records.map(({ key }) => key)),
      () => lease?.check(),
    );
    await latest?.write(figures().current(), prices.cards.known());
    return bytes;
  }
}
