import { LedgerError } from '../model/errors';
import { type QuarterHour, quarterHourOf } from '../model/time';
import type { DimensionSet } from './interning';
import type { KeyHash } from './keyIndex';
import { compactableBetween, measureSums, notUnpriced, upsertInto } from './measureSql';
import type { MonthDatabase, Rollup } from './monthDatabase';
import { measureCount, type Row, writeMeasures } from './row';
import { measureColumns } from './schema';

/** Messages of a month that were made sums of: their share of its rollups, and the hashes of their keys. */
export class CompactedMessages {
  readonly #database: MonthDatabase;
  #any: boolean;

  /** Throws what SQLite throws. */
  constructor(database: MonthDatabase) {
    this.#database = database;
    this.#any = this.#anyStored();
  }

  /** The message of this key was counted here and has been compacted: only its share of the sums is left. */
  has(hash: KeyHash): boolean {
    if (!this.#any) return false;
    const statement = this.#database.statement('SELECT 1 FROM compacted_key WHERE hash = ?');
    statement.bind([hash]);
    const found = statement.step();
    statement.reset();
    return found;
  }

  keys(): Float64Array {
    return Float64Array.from(
      this.#database.all('SELECT hash FROM compacted_key').map(([hash]) => Number(hash)),
    );
  }

  rollups(): Iterable<Rollup> {
    return this.#database.rollups(
      `SELECT quarter_hour, dimension_set, ${measureColumns.join(', ')} FROM compacted_rollup`,
    );
  }

  /** Messages that `compactSlice` would take, of all the month. */
  compactable(): number {
    return Number(this.#database.all(`SELECT count(*) FROM message WHERE ${notUnpriced}`)[0]?.[0] ?? 0);
  }

  /**
   * Makes sums of the messages of some keys, those that come after one: what stays of each is its key's hash, so that it
   * is never counted again. Those without a price, and others of their keys, stay as they are, for a price may yet come.
   * After each slice the month's sums are those of what is left and of what was made sums of; `next` is null at the end.
   */
  compactSlice(after: KeyHash, keys: number): { readonly next: KeyHash | null; readonly rows: number } {
    const database = this.#database;
    const statement = database.statement(
      'SELECT DISTINCT hash FROM message WHERE hash > ? ORDER BY hash LIMIT ?',
    );
    statement.bind([after, keys]);
    let last: KeyHash | null = null;
    let count = 0;
    for (; statement.step(); count++) last = Number(statement.get()[0]);
    statement.reset();
    if (last === null) return { next: null, rows: 0 };
    const range = { '?1': after, '?2': last };
    database.transaction(() => {
      database
        .statement(
          `INSERT INTO compacted_rollup
            SELECT epoch_ms / 900000, dimension_set, ${measureSums} FROM message
              WHERE counted = 1 AND ${compactableBetween} GROUP BY 1, 2
            ON CONFLICT DO UPDATE SET ${measureColumns.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
        )
        .run(range);
      database
        .statement(
          `INSERT OR IGNORE INTO compacted_key SELECT DISTINCT hash FROM message WHERE ${compactableBetween}`,
        )
        .run(range);
      database.statement(`DELETE FROM message WHERE ${compactableBetween}`).run(range);
    });
    const rows = database.rowsModified;
    this.#any ||= rows > 0;
    return { next: count < keys ? null : last, rows };
  }

  /** Gives back the room that compacted messages have left. */
  shrink(): void {
    this.#database.exec('DELETE FROM origin WHERE id NOT IN (SELECT origin FROM message)');
    this.#database.exec('VACUUM');
    this.#database.names.loadOrigins();
  }

  /**
   * The reverse, for rows that are messages again, all rows of a key together: within the transaction that puts them
   * back. Throws `invalid` if they are not those that the sums were made of; then that transaction is not to be completed.
   */
  takeOut(rows: readonly Row[]): void {
    const database = this.#database;
    const forget = database.statement('DELETE FROM compacted_key WHERE hash = ?');
    const values = new Float64Array(measureCount);
    for (const row of rows) {
      forget.run([row.hash]);
      if (!row.counted) continue;
      writeMeasures(row, values);
      const negative = Array.from(values, (value) => -value);
      this.add(quarterHourOf(row.epochMs), row.dimensions, negative);
    }
    database.exec(
      `DELETE FROM compacted_rollup WHERE ${measureColumns.map((name) => `${name} = 0`).join(' AND ')}`,
    );
    const wrong = database.all(
      `SELECT 1 FROM compacted_rollup WHERE messages <= 0 OR NOT EXISTS (SELECT 1 FROM compacted_key) LIMIT 1`,
    );
    if (wrong.length > 0)
      throw new LedgerError('invalid', 'the messages are not those that the sums of the month were made of');
    this.#any = this.#anyStored();
  }

  addKey(hash: KeyHash): void {
    this.#database.statement('INSERT OR IGNORE INTO compacted_key VALUES (?)').run([hash]);
    this.#any = true;
  }

  add(quarter: QuarterHour, dimensions: DimensionSet, values: readonly number[]): void {
    const set = this.#database.names.idOfSet(dimensions);
    this.#database.statement(upsertInto('compacted_rollup')).run([quarter, set, ...values]);
  }

  #anyStored(): boolean {
    return this.#database.all('SELECT 1 FROM compacted_key LIMIT 1').length > 0;
  }
}
