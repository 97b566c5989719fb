import { LedgerError } from '../model/errors';
import type { ImportReport } from '../model/importReport';
import type { Role } from './engine';
import { LegacyImport, type LegacyImportOptions } from './legacyImport';

export type ImportsOptions = () => Omit<LegacyImportOptions, 'folder' | 'dryRun'>;

/** Imports old files, one folder at a time. */
export class Imports {
  readonly #options: ImportsOptions;
  #running: { readonly work: LegacyImport; readonly ended: Promise<ImportReport> } | null = null;
  #stopped = false;

  constructor(options: ImportsOptions) {
    this.#options = options;
  }

  readonly calls: Pick<Role['calls'], 'importLegacy' | 'cancelImport'> = {
    importLegacy: async ({ folder, dryRun }) => {
      if (this.#stopped) throw new LedgerError('closed', 'this window leads no more');
      if (this.#running !== null) throw new LedgerError('busy', 'an import is under way already');
      const work = new LegacyImport({ ...this.#options(), folder, dryRun });
      const ended = work.run();
      this.#running = { work, ended };
      try {
        return await ended;
      } finally {
        this.#running = null;
      }
    },
    cancelImport: () => {
      this.#running?.work.cancel('cancelled');
      return null;
    },
  };

  /** Ends the import that is under way: the next one goes on where this one was. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#running;
    running?.work.cancel('closed');
    // Whoever asked for it has been told.
    await running?.ended.catch(() => undefined);
  }
}
