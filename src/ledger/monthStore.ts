import type { Database, SqlValue, Statement } from 'sql.js';
import { LedgerError } from '../model/errors';
import { type EpochMs, type QuarterHour, quarterHourOf } from '../model/time';
import type { CostState, CostStateModel } from '../model/usageRecord';
import type { DimensionSet, Interning } from './interning';
import type { KeyHash, MonthNumber } from './keyIndex';
import {
  compactableBetween,
  measureSums,
  namedMeasureSums,
  notUnpriced,
  places,
  upsertInto,
} from './measureSql';
import { MonthNames } from './monthNames';
import { measureCount, type Row, writeMeasures } from './row';
import type { SessionPart } from './sessionParts';
import {
  exportDatabase,
  measureColumns,
  messageColumns,
  monthSchema,
  openDatabase,
  type SqlEngine,
} from './schema';

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
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #names: MonthNames;
  #anyCompacted = false;

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
    this.#db = db;
    try {
      const tables = {
        all: (text: string) => this.#all(text),
        statement: (text: string) => this.#statement(text),
      };
      this.#names = new MonthNames(tables, interning);
      this.#noteCompacted();
    } catch (error) {
      db.close();
      throw new LedgerError('corrupt', `month database: ${(error as Error).message}`, { cause: error });
    }
  }

  get generation(): number {
    return Number(this.#all('PRAGMA user_version')[0]?.[0] ?? 0);
  }

  begin(): void {
    this.#db.exec('BEGIN');
  }

  commit(): void {
    this.#db.exec('COMMIT');
  }

  rollback(): void {
    this.#db.exec('ROLLBACK');
    this.#names.load();
  }

  transaction(work: () => void): void {
    this.begin();
    try {
      work();
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  rowsOf(hash: KeyHash): Row[] {
    const statement = this.#statement(`SELECT ${selectColumns} FROM message WHERE hash = ?`);
    statement.bind([hash]);
    const rows: Row[] = [];
    while (statement.step()) rows.push(this.#rowFrom(statement.get()));
    statement.reset();
    return rows;
  }

  *allRows(): Generator<Row> {
    const statement = this.#db.prepare(`SELECT ${selectColumns} FROM message`);
    try {
      while (statement.step()) yield this.#rowFrom(statement.get());
    } finally {
      statement.free();
    }
  }

  /** Rows that come after a place, in the order of the file. */
  rowsAfter({ hash, slot }: { readonly hash: KeyHash; readonly slot: number }, limit: number): Row[] {
    const statement = this.#statement(
      `SELECT ${selectColumns} FROM message WHERE (hash, slot) > (?, ?) ORDER BY hash, slot LIMIT ?`,
    );
    statement.bind([hash, slot, limit]);
    const rows: Row[] = [];
    while (statement.step()) rows.push(this.#rowFrom(statement.get()));
    statement.reset();
    return rows;
  }

  freeSlot(hash: KeyHash): number {
    const statement = this.#statement('SELECT max(slot) FROM message WHERE hash = ?');
    const highest = statement.get([hash])[0];
    statement.reset();
    return typeof highest === 'number' ? highest + 1 : 0;
  }

  putRow(row: Row): void {
    this.#statement(insertMessage).run([
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
    this.#statement('DELETE FROM message WHERE hash = ? AND slot = ?').run([hash, slot]);
  }

  addToRollup(quarter: QuarterHour, dimensions: DimensionSet, values: ArrayLike<number>): void {
    const set = this.#names.idOfSet(dimensions);
    this.#statement(upsertInto('rollup')).run([quarter, set, ...Array.from(values)]);
  }

  dropEmptyRollups(): void {
    this.#statement('DELETE FROM rollup WHERE messages = 0').run();
  }

  /** Makes all rollups anew from the counted messages, and what is left of compacted ones. */
  recount(): void {
    const rollups = [...this.rollups('message')];
    this.#db.exec('DELETE FROM rollup');
    for (const { quarter, dimensions, values } of rollups) this.addToRollup(quarter, dimensions, values);
  }

  /** Keys with several rows, or with one that does not count. */
  entangledHashes(): number[] {
    const rows = this.#all('SELECT hash FROM message GROUP BY hash HAVING count(*) > 1 OR min(counted) = 0');
    return rows.map(([hash]) => Number(hash));
  }

  putCostState(state: CostState): void {
    this.#statement('INSERT OR REPLACE INTO cost_state VALUES (?, ?, ?, ?, ?)').run([
      state.session,
      state.path,
      state.epochMs,
      state.totalCost,
      JSON.stringify(state.models),
    ]);
  }

  /** The sums that are left of compacted messages. */
  *compactedRollups(): Generator<{ quarter: QuarterHour; dimensions: DimensionSet; values: number[] }> {
    const sql = `SELECT quarter_hour, dimension_set, ${measureColumns.join(', ')} FROM compacted_rollup`;
    for (const [quarter, set, ...values] of this.#all(sql))
      yield {
        quarter: Number(quarter),
        dimensions: this.#names.set(Number(set)),
        values: values.map(Number),
      };
  }

  /** Every rollup, as stored or as the counted messages (and what is left of compacted ones) say. */
  *rollups(
    from: 'rollup' | 'message',
  ): Generator<{ quarter: QuarterHour; dimensions: DimensionSet; values: number[] }> {
    const sql =
      from === 'rollup'
        ? `SELECT quarter_hour, dimension_set, ${measureColumns.join(', ')} FROM rollup`
        : `SELECT quarter_hour, dimension_set, ${measureColumns.map((name) => `sum(${name})`).join(', ')} FROM (
             SELECT epoch_ms / 900000 AS quarter_hour, dimension_set, ${namedMeasureSums}
               FROM message WHERE counted = 1 GROUP BY 1, 2
             UNION ALL SELECT * FROM compacted_rollup) GROUP BY 1, 2`;
    for (const [quarter, set, ...values] of this.#all(sql))
      yield {
        quarter: Number(quarter),
        dimensions: this.#names.set(Number(set)),
        values: values.map(Number),
      };
  }

  hashes(): Float64Array {
    const hashes = this.#all('SELECT hash FROM message UNION SELECT hash FROM compacted_key');
    return Float64Array.from(hashes.map(([hash]) => Number(hash)));
  }

  costStates(): CostState[] {
    return this.#all('SELECT session, path, epoch_ms, total_cost_nano_dollars, models FROM cost_state').map(
      ([session, path, epochMs, totalCost, models]) => ({
        session: String(session),
        path: String(path),
        epochMs: Number(epochMs),
        totalCost: Number(totalCost),
        models: JSON.parse(String(models)) as CostStateModel[],
      }),
    );
  }

  messageCount(): number {
    return Number(this.#all('SELECT count(*) FROM message')[0]?.[0] ?? 0);
  }

  /** Counted messages after a position and before an instant, in the order of time. */
  countedAfter(after: MessagePosition, untilEpochMs: number, limit: number, narrowed: Narrowed): Row[] {
    const statement = this.#statement(
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
    const statement = this.#statement(
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

  /** The message of this key was counted here and has been compacted: only its share of the sums is left. */
  isCompacted(hash: KeyHash): boolean {
    if (!this.#anyCompacted) return false;
    const statement = this.#statement('SELECT 1 FROM compacted_key WHERE hash = ?');
    statement.bind([hash]);
    const found = statement.step();
    statement.reset();
    return found;
  }

  compactedKeys(): Float64Array {
    return Float64Array.from(this.#all('SELECT hash FROM compacted_key').map(([hash]) => Number(hash)));
  }

  /** Messages that `compact` would take. */
  compactable(): number {
    return Number(this.#all(`SELECT count(*) FROM message WHERE ${notUnpriced}`)[0]?.[0] ?? 0);
  }

  /**
   * Makes sums of the messages of some keys, those that come after one: what stays of each is its key's hash, so that it
   * is never counted again. Those without a price, and others of their keys, stay as they are, for a price may yet come.
   * After each slice the month's sums are those of what is left and of what was made sums of; `next` is null at the end.
   */
  compactSlice(after: KeyHash, keys: number): { readonly next: KeyHash | null; readonly rows: number } {
    const statement = this.#statement(
      'SELECT DISTINCT hash FROM message WHERE hash > ? ORDER BY hash LIMIT ?',
    );
    statement.bind([after, keys]);
    let last: KeyHash | null = null;
    let count = 0;
    for (; statement.step(); count++) last = Number(statement.get()[0]);
    statement.reset();
    if (last === null) return { next: null, rows: 0 };
    const range = { '?1': after, '?2': last };
    this.transaction(() => {
      this.#statement(
        `INSERT INTO compacted_rollup
          SELECT epoch_ms / 900000, dimension_set, ${measureSums} FROM message
            WHERE counted = 1 AND ${compactableBetween} GROUP BY 1, 2
          ON CONFLICT DO UPDATE SET ${measureColumns.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
      ).run(range);
      this.#statement(
        `INSERT OR IGNORE INTO compacted_key SELECT DISTINCT hash FROM message WHERE ${compactableBetween}`,
      ).run(range);
      this.#statement(`DELETE FROM message WHERE ${compactableBetween}`).run(range);
    });
    const rows = this.#db.getRowsModified();
    this.#anyCompacted ||= rows > 0;
    return { next: count < keys ? null : last, rows };
  }

  /** Gives back the room that compacted messages have left. */
  shrink(): void {
    this.#db.exec('DELETE FROM origin WHERE id NOT IN (SELECT origin FROM message)');
    this.#db.exec('VACUUM');
    this.#names.loadOrigins();
  }

  /**
   * The reverse: puts rows back that an archive kept, all rows of a key together. The sums of the month stay as they are.
   * Throws `invalid`, and changes nothing, if the rows are not those that the sums were made of.
   */
  restore(rows: readonly Row[]): void {
    this.transaction(() => {
      const forget = this.#statement('DELETE FROM compacted_key WHERE hash = ?');
      const values = new Float64Array(measureCount);
      for (const row of rows) {
        forget.run([row.hash]);
        this.putRow(row);
        if (!row.counted) continue;
        writeMeasures(row, values);
        const negative = Array.from(values, (value) => -value);
        this.addCompacted(quarterHourOf(row.epochMs), row.dimensions, negative);
      }
      this.#db.exec(
        `DELETE FROM compacted_rollup WHERE ${measureColumns.map((name) => `${name} = 0`).join(' AND ')}`,
      );
      const wrong = this.#all(
        `SELECT 1 FROM compacted_rollup WHERE messages <= 0 OR NOT EXISTS (SELECT 1 FROM compacted_key) LIMIT 1`,
      );
      if (wrong.length > 0)
        throw new LedgerError(
          'invalid',
          'the messages are not those that the sums of the month were made of',
        );
    });
    this.#names.loadOrigins();
    this.#noteCompacted();
  }

  addCompactedKey(hash: KeyHash): void {
    this.#statement('INSERT OR IGNORE INTO compacted_key VALUES (?)').run([hash]);
    this.#anyCompacted = true;
  }

  addCompacted(quarter: QuarterHour, dimensions: DimensionSet, values: readonly number[]): void {
    const set = this.#names.idOfSet(dimensions);
    this.#statement(upsertInto('compacted_rollup')).run([quarter, set, ...values]);
  }

  export(generation: number): Uint8Array {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
    return exportDatabase(this.#db, generation);
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
    this.#db.close();
  }

  #noteCompacted(): void {
    this.#anyCompacted = this.#all('SELECT 1 FROM compacted_key LIMIT 1').length > 0;
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  #all(sql: string): SqlValue[][] {
    return this.#db.exec(sql)[0]?.values ?? [];
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
