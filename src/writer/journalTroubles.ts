import { errorCode } from '../model/errors';
import type { Log } from '../model/logRecord';
import { errorKindOf, type ErrorKind } from './errorKind';
import type { PlaceName } from './journalPlaces';

export interface JournalCounts {
  retries: number;
  /** Times that writing moved on from the place before. */
  fallbacks: { backup: number; emergency: number; none: number };
  errors: Record<ErrorKind, number>;
  /** Segments brought to the primary place from elsewhere. */
  broughtHome: number;
  lastError: { readonly epochMs: number; readonly code: string; readonly message: string } | null;
}

/** Every error of a journal is counted, sorted and logged here and nowhere else. */
export class JournalTroubles {
  readonly counts: JournalCounts = {
    retries: 0,
    fallbacks: { backup: 0, emergency: 0, none: 0 },
    errors: { transient: 0, persistent: 0, unexpected: 0 },
    broughtHome: 0,
    lastError: null,
  };
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  failed(doing: string, place: PlaceName, error: unknown): ErrorKind {
    const kind = errorKindOf(error);
    const code = errorCode(error);
    const message = error instanceof Error ? error.message : String(error);
    this.counts.errors[kind]++;
    this.counts.lastError = { epochMs: Date.now(), code, message };
    this.#log(kind === 'unexpected' ? 'error' : 'warn', `${doing} the journal failed`, {
      place,
      kind,
      code,
      message,
    });
    return kind;
  }

  /** Writing goes on at the next place; undefined when there is none. */
  movedOn(next: PlaceName | undefined): void {
    if (next === 'backup' || next === 'emergency') this.counts.fallbacks[next]++;
    else this.counts.fallbacks.none++;
  }
}
