import { stat } from 'node:fs/promises';
import type { Ledger } from '../ledger/ledger';
import type { Month } from '../model/time';
import type { LegacySource } from '../sources/legacy/locate';

/** The ledger's setting that tells where an import that was cut short goes on, file by file. */
const settingName = 'legacyImport';

export interface SourceState {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** As it was stored: an earlier version wrote no months. */
interface Place extends SourceState {
  /** Whose records of the file have all been folded. */
  readonly months?: readonly Month[];
}

/**
 * Which months of each file have come in. It is put into the ledger after the records that it tells of and saved with them, so it
 * never promises what is not there.
 */
export class ImportPlaces {
  readonly #ledger: Ledger;
  readonly #places: Record<string, Place>;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    const stored = ledger.meta(settingName) ?? '';
    this.#places = stored === '' ? {} : (JSON.parse(stored) as Record<string, Place>);
  }

  /** Months to pass over; none for a file that is not what it was. */
  monthsOf({ path }: LegacySource, state: SourceState | null): readonly Month[] {
    const place = this.#places[path];
    const same = place?.bytes === state?.bytes && place?.modifiedMs === state?.modifiedMs;
    return state !== null && same ? (place?.months ?? []) : [];
  }

  put(source: LegacySource, state: SourceState | null, month: Month): void {
    if (state === null) return;
    this.#places[source.path] = { ...state, months: [...this.monthsOf(source, state), month] };
    this.#ledger.putMeta(settingName, JSON.stringify(this.#places));
  }
}

/** The import has come to its end, or the ledger has lost some of what had been folded. */
export function forgetImportPlaces(ledger: Ledger): void {
  if (ledger.meta(settingName) !== undefined) ledger.putMeta(settingName, '');
}

/** null for a folder, whose own time does not tell whether the files in it are the same. */
export async function stateOf({ kind, path, bytes }: LegacySource): Promise<SourceState | null> {
  if (kind === 'partitioned-days' || kind === 'partitioned-months') return null;
  return { bytes, modifiedMs: (await stat(path)).mtimeMs };
}
