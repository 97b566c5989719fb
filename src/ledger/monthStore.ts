import type { SqlValue } from 'sql.js';
import { LedgerError } from '../model/errors';
import type { EpochMs, QuarterHour } from '../model/time';
import type { CostState, CostStateModel } from '../model/usageRecord';
import { CompactedMessages } from './compactedMessages';
import type { DimensionSet, Interning } from './interning';
import type { KeyHash, MonthNumber } from './keyIndex';
import { measureSums, namedMeasureSums, places, upsertInto } from './measureSql';
import { MonthDatabase, type Rollup } from './monthDatabase';
import type { MonthNames } from './monthNames';
import type { Row } from './row';
import { measureColumns, messageColumns, monthSchema, openDatabase, type SqlEngine } from './schema';
import type { SessionPart } from './sessionParts';

const insertMessage = `INSERT OR REPLACE INTO message (hash, slot, ${messageColumns.join(', ')})
  VALUES (${places(messageColumns.length + 2)})`;
/** Of a message on the disk, its share of index and rollups included. */
const bytesPerRow = 160;
const selectColumns = `hash, slot, ${messageColumns.join(', ')}`;

/** Where a reader of messages stands. */
export interface MessagePosition {
  readonly epochMs: number;
  readonly hash: KeyHash;
  readonly slot: number;
}

/** Rows of certain names or sessions alone, as JSON lists of ids; null for all. */
export interface Narrowed {
  readonly dimensionSets: string | null;
  readonly origins: string | null;
}

/** One month's database, open. All of it is synchronous: it lives in memory. */
export class MonthStore {
  readonly month: MonthNumber;
  readonly migrated: boolean;
  readonly compacted: CompactedMessages;
  readonly #database: MonthDatabase;
  readonly #names: MonthNames;

  /** Throws `corrupt` or `newer-schema`. `rowsToCome`: about how many are going to be written at once. */
  constructor(
    sql: SqlEngine,
    month: MonthNumber,
    bytes: Uint8Array | null,
    interning: Interning,
    rowsToCome = 0,
  ) {
    const { db, migrated } = openDatabase(sql, monthSchema, bytes, Math.ceil(rowsToCome * bytesPerRow));
    this.month = month;
    this.migrated = migrated;
    try {
      this.#database = new MonthDatabase(db, interning);
      this.#names = this.#database.names;
      this.compacted = new CompactedMessages(this.#database);
    } catch (error) {
      db.close();
      throw new LedgerError('corrupt', `month database: ${(error as Error).message}`, { cause: error });
    }
  }

  get generation(): number {
    return Number(this.#database.all('PRAGMA user_version')[0]?.[0] ?? 0);
  }

  begin(): void {
    this.#database.begin();
  }

  commit(): void {
    this.#database.commit();
  }

  rollback(): void {
    this.#database.rollback();
  }

  transaction(work: () => void): void {
    this.#database.transaction(work);
  }

  rowsOf(hash: KeyHash): Row[] {
    const statement = this.#database.statement(`SELECT ${selectColumns} FROM message WHERE hash = ?`);
    statement.bind([hash]);
    const rows: Row[] = [];
    while (statement.step()) rows.push(this.#rowFrom(statement.get()));
    statement.reset();
    return rows;
  }

  *allRows(): Generator<Row> {
    const statement = this.#database.prepare(`SELECT ${selectColumns} FROM message`);
    try {
      while (statement.step()) yield this.#rowFrom(statement.get());
    } finally {
      statement.free();
    }
  }

  /** Rows that come after a place, in the order of the file. */
  rowsAfter({ hash, slot }: { readonly hash: KeyHash; readonly slot: number }, limit: number): Row[] {
    const statement = this.#database.statement(
      `SELECT ${selectColumns} FROM message WHERE (hash, slot) > (?, ?) ORDER BY hash, slot LIMIT ?`,
    );
    statement.bind([hash, slot, limit]);
    const rows: Row[] = [];
    while (statement.step()) rows.push(this.#rowFrom(statement.get()));
    statement.reset();
    return rows;
  }

  freeSlot(hash: KeyHash): number {
    const statement = this.#database.statement('SELECT max(slot) FROM message WHERE hash = ?');
    const highest = statement.get([hash])[0];
    statement.reset();
    return typeof highest === 'number' ? highest + 1 : 0;
  }

  putRow(row: Row): void {
    this.#database
      .statement(insertMessage)
      .run([
        row.hash,
        row.slot,
        row.key,
        row.requestId,
        row.sidechain ? 1 : 0,
        row.epochMs,
        row.counted ? 1 : 0,
        this.#names.idOfSet(row.dimensions),
        this.#names.idOfOrigin(row.origin),
        row.input,
        row.output,
        row.cacheRead,
        row.cacheWrite5m,
        row.cacheWrite1h,
        row.webSearches,
        row.cost,
        row.reportedCost,
        (row.assumed ? 1 : 0) | (row.unfinished ? 2 : 0) | (row.fast ? 4 : 0) | (row.usOnly ? 8 : 0),
        row.missingOutputTokens,
        row.missingCost,
        row.cacheReadSaved,
        row.cacheWriteExtra,
        row.contentCharacters,
        row.requests,
      ]);
  }

  removeRow(hash: KeyHash, slot: number): void {
    this.#database.statement('DELETE FROM message WHERE hash = ? AND slot = ?').run([hash, slot]);
  }

  addToRollup(quarter: QuarterHour, dimensions: DimensionSet, values: ArrayLike<number>): void {
    const set = this.#names.idOfSet(dimensions);
    this.#database.statement(upsertInto('rollup')).run([quarter, set, ...Array.from(values)]);
  }

  dropEmptyRollups(): void {
    this.#database.statement('DELETE FROM rollup WHERE messages = 0').run();
  }

  /** Makes all rollups anew from the counted messages, and what is left of compacted ones. */
  recount(): void {
    const rollups = [...this.rollups('message')];
    this.#database.exec('DELETE FROM rollup');
    for (const { quarter, dimensions, values } of rollups) this.addToRollup(quarter, dimensions, values);
  }

  /** Keys with several rows, or with one that does not count. */
  entangledHashes(): number[] {
    const rows = this.#database.all(
      'SELECT hash FROM message GROUP BY hash HAVING count(*) > 1 OR min(counted) = 0',
    );
    return rows.map(([hash]) => Number(hash));
  }

  putCostState(state: CostState): void {
    this.#database
      .statement('INSERT OR REPLACE INTO cost_state VALUES (?, ?, ?, ?, ?)')
      .run([state.session, state.path, state.epochMs, state.totalCost, JSON.stringify(state.models)]);
  }

  /** Every rollup, as stored or as the counted messages (and what is left of compacted ones) say. */
  rollups(from: 'rollup' | 'message'): Iterable<Rollup> {
    const sql =
      from === 'rollup'
        ? `SELECT quarter_hour, dimension_set, ${measureColumns.join(', ')} FROM rollup`
        : `SELECT quarter_hour, dimension_set, ${measureColumns.map((name) => `sum(${name})`).join(', ')} FROM (
             SELECT epoch_ms / 900000 AS quarter_hour, dimension_set, ${namedMeasureSums}
               FROM message WHERE counted = 1 GROUP BY 1, 2
             UNION ALL SELECT * FROM compacted_rollup) GROUP BY 1, 2`;
    return this.#database.rollups(sql);
  }

  hashes(): Float64Array {
    const hashes = this.#database.all('SELECT hash FROM message UNION SELECT hash FROM compacted_key');
    return Float64Array.from(hashes.map(([hash]) => Number(hash)));
  }

  costStates(): CostState[] {
    return this.#database
      .all('SELECT session, path, epoch_ms, total_cost_nano_dollars, models FROM cost_state')
      .map(([session, path, epochMs, totalCost, models]) => ({
        session: String(session),
        path: String(path),
        epochMs: Number(epochMs),
        totalCost: Number(totalCost),
        models: JSON.parse(String(models)) as CostStateModel[],
      }));
  }

  /** Counted messages after a position and before an instant, in the order of time. */
  countedAfter(after: MessagePosition, untilEpochMs: number, limit: number, narrowed: Narrowed): Row[] {
    const statement = this.#database.statement(
      `SELECT ${selectColumns} FROM message INDEXED BY message_time
       WHERE epoch_ms >= ?1 AND (epoch_ms, hash, slot) > (?1, ?2, ?3) AND epoch_ms < ?4 AND counted = 1
         ${narrowed.dimensionSets === null ? '' : 'AND dimension_set IN (SELECT value FROM json_each(?6))'}
         ${narrowed.origins === null ? '' : 'AND origin IN (SELECT value FROM json_each(?7))'}
       ORDER BY epoch_ms, hash, slot LIMIT ?5`,
    );
    statement.bind({
      '?1': after.epochMs,
      '?2': after.hash,
      '?3': after.slot,
      '?4': untilEpochMs,
      '?5': limit,
      ...(narrowed.dimensionSets === null ? {} : { '?6': narrowed.dimensionSets }),
      ...(narrowed.origins === null ? {} : { '?7': narrowed.origins }),
    });
    const rows: Row[] = [];
    while (statement.step()) rows.push(this.#rowFrom(statement.get()));
    statement.reset();
    return rows;
  }

  /** The ids by which a filter's rows are told; null if no row passes. */
  narrowed(
    passes: ((dimensions: DimensionSet) => boolean) | null,
    sessions: ReadonlySet<string> | null,
  ): Narrowed | null {
    const sets = passes === null ? null : this.#names.setsThat(passes);
    const origins =
      sessions === null ? null : this.#names.originsThat(({ session }) => sessions.has(session));
    if (sets?.length === 0 || origins?.length === 0) return null;
    return {
      dimensionSets: sets === null ? null : JSON.stringify(sets),
      origins: origins === null ? null : JSON.stringify(origins),
    };
  }

  /**
   * Sums of counted messages by origin and names. `range` is null for the whole month; `without` are places of rows that
   * live on in another month.
   */
  sessionParts(
    range: { readonly fromEpochMs: EpochMs; readonly toEpochMs: EpochMs } | null,
    without: readonly string[],
  ): SessionPart[] {
    const statement = this.#database.statement(
      `SELECT origin, dimension_set, min(epoch_ms), max(epoch_ms), ${measureSums} FROM message WHERE counted = 1
         ${range === null ? '' : 'AND epoch_ms >= ?1 AND epoch_ms < ?2'}
         ${without.length === 0 ? '' : "AND hash || ':' || slot NOT IN (SELECT value FROM json_each(?3))"}
       GROUP BY origin, dimension_set`,
    );
    statement.bind({
      ...(range === null ? {} : { '?1': range.fromEpochMs, '?2': range.toEpochMs }),
      ...(without.length === 0 ? {} : { '?3': JSON.stringify(without) }),
    });
    const parts: SessionPart[] = [];
    while (statement.step()) {
      const [origin, set, first, last, ...values] = statement.get() as number[];
      parts.push({
        origin: this.#names.origin(origin!),
        dimensions: this.#names.set(set!),
        firstEpochMs: first!,
        lastEpochMs: last!,
        values,
      });
    }
    statement.reset();
    return parts;
  }

  export(generation: number): Uint8Array {
    return this.#database.export(generation);
  }

  close(): void {
    this.#database.close();
  }

  #rowFrom(values: readonly SqlValue[]): Row {
    const number = (index: number): number => values[index] as number;
    const flags = number(17);
    const epochMs = number(5);
    return {
      hash: number(0),
      key: values[2] as string,
      requestId: values[3] as string,
      sidechain: values[4] === 1,
      epochMs,
      counted: values[6] === 1,
      dimensions: this.#names.set(number(7)),
      origin: this.#names.origin(number(8)),
      tokenSum: number(9) + number(10) + number(11) + number(12) + number(13),
      input: number(9),
      output: number(10),
      cacheRead: number(11),
      cacheWrite5m: number(12),
      cacheWrite1h: number(13),
      webSearches: number(14),
      cost: values[15] as number | null,
      reportedCost: values[16] as number | null,
      assumed: (flags & 1) !== 0,
      unfinished: (flags & 2) !== 0,
      fast: (flags & 4) !== 0,
      usOnly: (flags & 8) !== 0,
      missingOutputTokens: number(18),
      missingCost: number(19),
      cacheReadSaved: number(20),
      cacheWriteExtra: number(21),
      contentCharacters: number(22),
      requests: number(23),
      month: this.month,
      storedMonth: this.month,
      slot: number(1),
      before: null,
      alone: false,
      pendingMonth: -1,
      changed: false,
    };
  }
}
