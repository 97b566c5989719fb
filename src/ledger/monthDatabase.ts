import type { Database, SqlValue, Statement } from 'sql.js';
import type { QuarterHour } from '../model/time';
import type { DimensionSet, Interning } from './interning';
import { MonthNames } from './monthNames';
import { exportDatabase } from './schema';

/** The sums of one quarter hour and one combination of names. */
export interface Rollup {
  readonly quarter: QuarterHour;
  readonly dimensions: DimensionSet;
  readonly values: readonly number[];
}

/** A month's database with its names, its prepared statements and its transactions: what its tables are asked through. */
export class MonthDatabase {
  readonly names: MonthNames;
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();

  /** Throws `corrupt`, or what SQLite throws. */
  constructor(db: Database, interning: Interning) {
    this.#db = db;
    this.names = new MonthNames(this, interning);
  }

  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /** One of its own, for whoever leaves it half read: to be freed. */
  prepare(sql: string): Statement {
    return this.#db.prepare(sql);
  }

  all(sql: string): SqlValue[][] {
    return this.#db.exec(sql)[0]?.values ?? [];
  }

  /** What a query tells whose columns are quarter hour, dimension set and the measures. */
  *rollups(sql: string): Generator<Rollup> {
    for (const [quarter, set, ...values] of this.all(sql))
      yield {
        quarter: Number(quarter),
        dimensions: this.names.set(Number(set)),
        values: values.map(Number),
      };
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** By the last statement that changed any. */
  get rowsModified(): number {
    return this.#db.getRowsModified();
  }

  begin(): void {
    this.#db.exec('BEGIN');
  }

  commit(): void {
    this.#db.exec('COMMIT');
  }

  rollback(): void {
    this.#db.exec('ROLLBACK');
    this.names.load();
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

  export(generation: number): Uint8Array {
    this.#freeStatements();
    return exportDatabase(this.#db, generation);
  }

  close(): void {
    this.#freeStatements();
    this.#db.close();
  }

  #freeStatements(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
  }
}
