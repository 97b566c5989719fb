import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageRow } from '../model/query';
import type { EpochMs } from '../model/time';
import { type DimensionName, dimensionNames } from '../model/usageRecord';
import type { Book } from './book';
import { placeOf } from './month';
import type { DimensionSet } from './interning';
import type { MonthNumber } from './keyIndex';
import type { MessagePosition } from './monthStore';
import { latestEpochMs, namedMeasures, type Row, writeMeasures } from './row';
import { type SessionPart, SessionPartCache } from './sessionParts';

const dayMs = 86_400_000;

export interface MessageFilter {
  /** Inclusive. */
  readonly fromEpochMs?: EpochMs;
  /** Exclusive. */
  readonly toEpochMs?: EpochMs;
  /** For any dimension, the names to keep. */
  readonly only?: Readonly<Partial<Record<DimensionName, readonly string[]>>>;
  /** Sessions to keep. */
  readonly sessions?: readonly string[];
}

interface MonthRange {
  readonly number: MonthNumber;
  readonly fromEpochMs: EpochMs;
  readonly toEpochMs: EpochMs;
  /** The range is all of the month. */
  readonly whole: boolean;
}

export interface ReaderOptions {
  readonly now: () => EpochMs;
  /** Does some work with the book as it is now; throws if there is none any more. */
  readonly read: <Result>(work: (book: Book) => Result) => Result;
  /** No month is needed any more; as many stay open as may. */
  readonly done: () => void;
}

/** Closes the month that a reader has passed, if it was the reader who opened it: many years take the room of a month. */
class Passing {
  readonly #read: ReaderOptions['read'];
  #opened: MonthNumber | null = null;

  constructor(read: ReaderOptions['read']) {
    this.#read = read;
  }

  on(number: MonthNumber): void {
    this.#read((book) => {
      if (this.#opened !== null) book.months.closeIfIdle(book.months.of(this.#opened));
      this.#opened = book.months.of(number).store === null ? number : null;
    });
  }
}

/** Reads what a filter keeps of the months, one after the other, with pauses. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #sessionParts: SessionPartCache;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#sessionParts = new SessionPartCache(options.now);
  }

  /** The ledger has been read anew. */
  forget(): void {
    this.#sessionParts.clear();
  }

  get rememberedParts(): number {
    return this.#sessionParts.count;
  }

  tidy(unusedSinceEpochMs: EpochMs): void {
    this.#sessionParts.dropUnusedSince(unusedSinceEpochMs);
  }

  /** Counted messages in the order of time, in chunks; memory stays bounded whatever their number. */
  async *messages(filter: MessageFilter, chunk: number): AsyncGenerator<readonly MessageRow[]> {
    try {
      yield* this.#messages(filter, chunk);
    } finally {
      this.#options.done();
    }
  }

  async *#messages(filter: MessageFilter, chunk: number): AsyncGenerator<readonly MessageRow[]> {
    const { read } = this.#options;
    const passing = new Passing(read);
    let rows: MessageRow[] = [];
    for (const { number, fromEpochMs, toEpochMs } of this.#monthsIn(filter)) {
      passing.on(number);
      // Day by day, so that looking for few among many leaves others their turns.
      for (let day = fromEpochMs; day < toEpochMs; day += dayMs) {
        let position: MessagePosition | null = { epochMs: day, hash: -1, slot: -1 };
        while (position !== null) {
          const from: MessagePosition = position;
          const until = Math.min(day + dayMs, toEpochMs);
          const placed = read((book) => this.#messagesAfter(book, number, from, until, chunk, filter));
          if (placed === 'none in the month') {
            day = toEpochMs;
            break;
          }
          const end = placed.at(-1);
          position =
            end === undefined || placed.length < chunk
              ? null
              : { epochMs: end.row.epochMs, hash: end.row.hash, slot: end.row.slot };
          for (const { row, moved } of placed) {
            if (moved) continue;
            rows.push(messageRow(row));
            if (rows.length === chunk) {
              yield rows;
              rows = [];
            }
          }
          await nextTurn();
        }
      }
    }
    if (rows.length > 0) yield rows;
  }

  #messagesAfter(
    book: Book,
    number: MonthNumber,
    from: MessagePosition,
    untilEpochMs: EpochMs,
    chunk: number,
    filter: MessageFilter,
  ): readonly { readonly row: Row; readonly moved: boolean }[] | 'none in the month' {
    const month = book.months.of(number);
    book.write(month);
    const sessions = filter.sessions === undefined ? null : new Set(filter.sessions);
    const summed = sessions === null ? null : this.#sessionParts.find(month);
    if (summed?.some(({ origin }) => sessions?.has(origin.session)) === false) return 'none in the month';
    const store = book.months.store(month);
    const narrowed = store.narrowed(dimensionFilter(filter), sessions);
    if (narrowed === null) return 'none in the month';
    return store
      .countedAfter(from, untilEpochMs, chunk, narrowed)
      .map((row) => ({ row, moved: month.moved.has(placeOf(row.hash, row.slot)) }));
  }

  /** What each session used, by origin and names, month by month. Whole months that did not change are remembered. */
  async *sessionParts(filter: MessageFilter): AsyncGenerator<readonly SessionPart[]> {
    const { read, done } = this.#options;
    const passing = new Passing(read);
    const passes = dimensionFilter(filter);
    const sessions = filter.sessions === undefined ? null : new Set(filter.sessions);
    for (const { number, fromEpochMs, toEpochMs, whole } of this.#monthsIn(filter)) {
      passing.on(number);
      const parts = read((book) => {
        const month = book.months.of(number);
        book.write(month);
        const known = whole ? this.#sessionParts.find(month) : null;
        if (known !== null) return known;
        const moved = [...month.moved.keys()];
        const store = book.months.store(month);
        const found = store.sessionParts(whole ? null : { fromEpochMs, toEpochMs }, moved);
        if (whole) this.#sessionParts.keep(month, found);
        return found;
      });
      yield parts.filter(
        ({ origin, dimensions }) => (passes?.(dimensions) ?? true) && (sessions?.has(origin.session) ?? true),
      );
      await nextTurn();
    }
    done();
  }

  /** The months that a filter reaches into, and how much of each it takes. */
  #monthsIn({ fromEpochMs = 0, toEpochMs = latestEpochMs + 1 }: MessageFilter): readonly MonthRange[] {
    const ranges: MonthRange[] = [];
    const numbers = this.#options.read((book) => [...book.months.keys()]);
    for (const number of numbers.sort((one, other) => one - other)) {
      const [first, end] = [Date.UTC(1970, number), Date.UTC(1970, number + 1)];
      const from = Math.max(fromEpochMs, first);
      const to = Math.min(toEpochMs, end);
      if (from < to)
        ranges.push({ number, fromEpochMs: from, toEpochMs: to, whole: from === first && to === end });
    }
    return ranges;
  }
}

/** null: every name passes. */
function dimensionFilter({ only = {} }: MessageFilter): ((dimensions: DimensionSet) => boolean) | null {
  const wanted = dimensionNames.flatMap((name) => {
    const names = only[name];
    return names === undefined ? [] : [{ name, names: new Set(names) }];
  });
  if (wanted.length === 0) return null;
  return (dimensions) => wanted.every(({ name, names }) => names.has(dimensions[name]));
}

function messageRow(row: Row): MessageRow {
  const measures: number[] = [];
  writeMeasures(row, measures);
  return {
    ...row.dimensions,
    id: row.key,
    epochMs: row.epochMs,
    session: row.origin.session,
    total: namedMeasures(measures),
    priced: row.cost !== null,
  };
}
