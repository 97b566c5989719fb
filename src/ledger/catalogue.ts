import { isDeepStrictEqual } from 'node:util';
import type { Database } from 'sql.js';
import { LedgerError } from '../model/errors';
import { catalogueSchema, exportDatabase, openDatabase, scalar, type SqlEngine } from './schema';

/** Any JSON; the scanner knows what is in it. */
export type CursorState = unknown;

/** Of a cursor on the disk. */
const bytesPerCursor = 1500;
/** With less to come, the file in memory grows as it has to. */
const roomyBytes = 1 << 20;

/** Where each transcript was left, and a few settings: nothing in it grows with history. */
export class Catalogue {
  readonly #sql: SqlEngine;
  #db: Database;
  readonly #cursors = new Map<string, CursorState>();
  readonly #changed = new Set<string>();
  readonly #metaChanged = new Set<string>();
  readonly #meta = new Map<string, string>();
  #generation: number;
  #dirty: boolean;

  /** Throws `corrupt` or `newer-schema`. */
  constructor(sql: SqlEngine, bytes: Uint8Array | null) {
    const { db, migrated } = openDatabase(sql, catalogueSchema, bytes);
    this.#sql = sql;
    this.#db = db;
    this.#dirty = migrated && bytes !== null;
    this.#generation = Number(scalar(db, 'PRAGMA user_version'));
    try {
      for (const [path, state] of db.exec('SELECT path, state FROM cursor')[0]?.values ?? [])
        this.#cursors.set(String(path), JSON.parse(String(state)));
      for (const [key, value] of db.exec('SELECT key, value FROM meta')[0]?.values ?? [])
        this.#meta.set(String(key), String(value));
    } catch (error) {
      db.close();
      throw new LedgerError('corrupt', `catalogue: ${(error as Error).message}`, { cause: error });
    }
  }

  get dirty(): boolean {
    return this.#dirty || this.#changed.size > 0 || this.#metaChanged.size > 0;
  }

  get generation(): number {
    return this.#generation;
  }

  /** All of them, by path. */
  cursors(): ReadonlyMap<string, CursorState> {
    return this.#cursors;
  }

  cursor(path: string): CursorState {
    return this.#cursors.get(path);
  }

  putCursor(path: string, state: CursorState): void {
    if (this.#cursors.has(path) && isDeepStrictEqual(this.#cursors.get(path), state)) return;
    this.#cursors.set(path, state);
    this.#changed.add(path);
  }

  dropCursors(paths: Iterable<string>): void {
    for (const path of paths) if (this.#cursors.delete(path)) this.#changed.add(path);
  }

  meta(key: string): string | undefined {
    return this.#meta.get(key);
  }

  putMeta(key: string, value: string): void {
    if (this.#meta.get(key) === value) return;
    this.#meta.set(key, value);
    this.#metaChanged.add(key);
  }

  /** Bytes of the catalogue as it is now; it stays dirty until `saved` says that they are on the disk. */
  export(): Uint8Array {
    this.#dirty = true;
    this.#makeRoom();
    this.#db.exec('BEGIN');
    const put = this.#db.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?)');
    const drop = this.#db.prepare('DELETE FROM cursor WHERE path = ?');
    const putMeta = this.#db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
    try {
      // In the order of the file, whose pages become full that way.
      for (const path of [...this.#changed].sort()) {
        if (this.#cursors.has(path)) put.run([path, JSON.stringify(this.#cursors.get(path))]);
        else drop.run([path]);
      }
      for (const key of this.#metaChanged) putMeta.run([key, this.#meta.get(key) ?? '']);
    } finally {
      put.free();
      drop.free();
      putMeta.free();
    }
    this.#db.exec('COMMIT');
    this.#shrink();
    this.#changed.clear();
    this.#metaChanged.clear();
    return exportDatabase(this.#db, ++this.#generation);
  }

  /** For thousands of transcripts that a first scan has found. */
  #makeRoom(): void {
    const bytesToCome = this.#changed.size * bytesPerCursor;
    if (bytesToCome < roomyBytes) return;
    const bytes = this.#db.export();
    this.#db.close();
    this.#db = openDatabase(this.#sql, catalogueSchema, bytes, bytesToCome).db;
  }

  /** Gives room back once most of the file is empty: transcripts are deleted by the thousand. */
  #shrink(): void {
    const free = Number(scalar(this.#db, 'PRAGMA freelist_count'));
    if (free * 2 > Number(scalar(this.#db, 'PRAGMA page_count'))) this.#db.exec('VACUUM');
  }

  saved(): void {
    this.#dirty = false;
  }

  close(): void {
    this.#db.close();
  }
}
