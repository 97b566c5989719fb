import initSqlJs, { type Database, type SqlJsStatic, type SqlValue } from 'sql.js';
import { readFile } from 'node:fs/promises';
import { LedgerError } from '../model/errors';
import { measureNames } from '../model/measures';
import { dimensionNames } from '../model/usageRecord';

export type SqlEngine = SqlJsStatic;

const engines = new Map<string, Promise<SqlEngine>>();

/** SQLite, loaded once a thread; `wasmPath` is the file `sql-wasm.wasm`. */
export function loadSqlEngine(wasmPath: string): Promise<SqlEngine> {
  let engine = engines.get(wasmPath);
  if (engine === undefined) {
    engine = readFile(wasmPath).then((bytes) => initSqlJs({ wasmBinary: new Uint8Array(bytes).buffer }));
    engines.set(wasmPath, engine);
    engine.catch(() => engines.delete(wasmPath));
  }
  return engine;
}

/** A kind of database file: its mark in the header, and how each schema version becomes the next. */
export interface SchemaKind {
  readonly name: string;
  /** Upper 24 bits of SQLite's application id; the schema version is in the lower 8. */
  readonly mark: number;
  /** `migrations[n]` brings version n to n + 1; a new file starts at 0. */
  readonly migrations: readonly ((db: Database) => void)[];
}

/** SQL names of the measures: `inputTokens` is `input_tokens`. */
export const measureColumns = measureNames.map((name) =>
  name.replaceAll(/[A-Z]|(?<=[a-z])\d/g, (part) => `_${part.toLowerCase()}`),
);

/** Columns of a message after its place (`hash`, `slot`), in the order in which rows are written and read. */
export const messageColumns = [
  'key',
  'request',
  'sidechain',
  'epoch_ms',
  'counted',
  'dimension_set',
  'origin',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'web_searches',
  'cost_nano_dollars',
  'reported_cost_nano_dollars',
  /** 1 assumed price, 2 unfinished, 4 fast, 8 United States only. */
  'flags',
  'missing_output_tokens',
  'missing_cost_nano_dollars',
  'cache_read_saved_nano_dollars',
  'cache_write_extra_nano_dollars',
  'content_characters',
  'requests',
] as const;

const nullableColumns = new Set<string>(['cost_nano_dollars', 'reported_cost_nano_dollars']);
const textColumns = new Set<string>(['key', 'request']);

function columnSql(name: string): string {
  const type = textColumns.has(name) ? 'TEXT' : 'INTEGER';
  return `${name} ${type}${nullableColumns.has(name) ? '' : ' NOT NULL'}`;
}

/** Messages with their names, for people who open a file: what the columns number is spelt out. */
function createNamedMessageView(db: Database, columns: readonly string[]): void {
  db.exec(`
    CREATE VIEW named_message AS
      SELECT ${columns.map((name) => `m.${name}`).join(', ')},
        ${dimensionNames.map((name) => `${name}_name.text AS ${name}`).join(', ')},
        o.session AS session, o.path AS origin_path
      FROM message m JOIN dimension_set d ON d.id = m.dimension_set JOIN origin o ON o.id = m.origin
        ${dimensionNames.map((name) => `JOIN name ${name}_name ON ${name}_name.id = d.${name}`).join(' ')};`);
}

const firstMessageColumns = messageColumns.filter((name) => name !== 'requests');

export const monthSchema: SchemaKind = {
  name: 'month',
  mark: 0x554c4d,
  migrations: [
    (db) => {
      db.exec(`
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE name (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, text));
        CREATE TABLE dimension_set (
          id INTEGER PRIMARY KEY, ${dimensionNames.map((name) => `${name} INTEGER NOT NULL REFERENCES name`).join(', ')});
        CREATE TABLE origin (
          id INTEGER PRIMARY KEY, path TEXT NOT NULL, session TEXT NOT NULL, began_epoch_ms INTEGER NOT NULL);
        CREATE TABLE message (
          hash INTEGER NOT NULL, slot INTEGER NOT NULL, ${firstMessageColumns.map(columnSql).join(', ')},
          PRIMARY KEY (hash, slot)) WITHOUT ROWID;
        CREATE INDEX message_time ON message (epoch_ms);
        CREATE TABLE rollup (
          quarter_hour INTEGER NOT NULL, dimension_set INTEGER NOT NULL REFERENCES dimension_set,
          ${measureColumns.map((name) => `${name} INTEGER NOT NULL`).join(', ')},
          PRIMARY KEY (quarter_hour, dimension_set)) WITHOUT ROWID;
        CREATE TABLE cost_state (
          session TEXT PRIMARY KEY, path TEXT NOT NULL, epoch_ms INTEGER NOT NULL,
          total_cost_nano_dollars INTEGER NOT NULL, models TEXT NOT NULL) WITHOUT ROWID;`);
      createNamedMessageView(db, firstMessageColumns);
    },
    // Rows that stand for several calls, and months of which only sums are kept.
    (db) => {
      db.exec(`
        ALTER TABLE message ADD COLUMN requests INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE compacted_key (hash INTEGER PRIMARY KEY);
        CREATE TABLE compacted_rollup (
          quarter_hour INTEGER NOT NULL, dimension_set INTEGER NOT NULL REFERENCES dimension_set,
          ${measureColumns.map((name) => `${name} INTEGER NOT NULL`).join(', ')},
          PRIMARY KEY (quarter_hour, dimension_set)) WITHOUT ROWID;
        DROP VIEW named_message;`);
      createNamedMessageView(db, messageColumns);
    },
  ],
};

export const catalogueSchema: SchemaKind = {
  name: 'catalogue',
  mark: 0x554c43,
  migrations: [
    (db) => {
      db.exec(`
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE cursor (path TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;`);
    },
  ],
};

export interface FileHead {
  readonly generation: number;
  readonly schema: number;
}

export const fileHeadBytes = 100;
const sqliteMagic = 'SQLite format 3\0';

/** What a database's first 100 bytes tell; null if they are not those of a whole file of this kind. */
export function readFileHead(kind: SchemaKind, head: Uint8Array, size: number): FileHead | null {
  if (head.length < fileHeadBytes) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let index = 0; index < sqliteMagic.length; index++)
    if (view.getUint8(index) !== sqliteMagic.charCodeAt(index)) return null;
  const id = view.getUint32(68);
  if (id >>> 8 !== kind.mark || databaseBytes(view) !== size) return null;
  return { generation: view.getUint32(60), schema: id & 0xff };
}

/** Settings that live in the connection; `export()` makes a new one. */
export function configure(db: Database): void {
  db.exec(
    'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;' +
      // The file is memory too, so that a larger cache would only hold it twice.
      'PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096;',
  );
}

export function scalar(db: Database, sql: string): SqlValue {
  return db.exec(sql)[0]?.values[0]?.[0] ?? null;
}

/** Less than that is not worth the trouble. */
const leastReserve = 1 << 18;

/** sql.js copies the bytes that it is given; these it gets as they are, and memory that nobody writes to costs nothing but room. */
class HandedOver extends Uint8Array {
  override slice(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.byteOffset, this.length);
  }
}

const emptyDatabases = new WeakMap<SchemaKind, Uint8Array>();

function emptyDatabase(sql: SqlEngine, kind: SchemaKind): Uint8Array {
  let bytes = emptyDatabases.get(kind);
  if (bytes === undefined) {
    const db = new sql.Database();
    migrate(db, kind);
    bytes = db.export();
    db.close();
    emptyDatabases.set(kind, bytes);
  }
  return bytes;
}

/**
 * A database whose file in memory has room for what is about to come. Otherwise it would grow by an eighth at a time,
 * each time into new memory, ten times what it needs in the end.
 */
function withReserve(sql: SqlEngine, kind: SchemaKind, bytes: Uint8Array | null, reserve: number): Database {
  if (reserve < leastReserve) return new sql.Database(bytes);
  const whole = bytes ?? emptyDatabase(sql, kind);
  const roomy = new HandedOver(whole.length + reserve);
  roomy.set(whole);
  return new sql.Database(roomy);
}

/**
 * Opens a database of this kind, checks it, and brings its schema forward. `migrated` tells that the file on the disk
 * is now older than what is in memory. Throws `corrupt`, or `newer-schema` for a file of a later version.
 * @param reserveBytes about how much the file is going to grow at once.
 */
export function openDatabase(
  sql: SqlEngine,
  kind: SchemaKind,
  bytes: Uint8Array | null,
  reserveBytes = 0,
): { readonly db: Database; readonly migrated: boolean } {
  if (bytes !== null) {
    const head = readFileHead(kind, bytes.subarray(0, fileHeadBytes), bytes.length);
    if (head === null) throw new LedgerError('corrupt', `not a whole ${kind.name} database`);
    refuseNewer(kind, head.schema);
  }
  let db: Database | null = null;
  try {
    db = withReserve(sql, kind, bytes, reserveBytes);
    configure(db);
    if (bytes !== null) {
      const found = scalar(db, 'PRAGMA quick_check(1)');
      if (found !== 'ok') throw new LedgerError('corrupt', `${kind.name} database: ${String(found)}`);
    }
    return { db, migrated: migrate(db, kind) };
  } catch (error) {
    db?.close();
    if (LedgerError.is(error)) throw error;
    throw new LedgerError('corrupt', `${kind.name} database: ${(error as Error).message}`, { cause: error });
  }
}

function migrate(db: Database, kind: SchemaKind): boolean {
  const id = Number(scalar(db, 'PRAGMA application_id'));
  const from = id === 0 ? 0 : id & 0xff;
  refuseNewer(kind, from);
  const to = kind.migrations.length;
  if (from === to) return false;
  db.exec('BEGIN');
  for (const migration of kind.migrations.slice(from)) migration(db);
  db.exec(`PRAGMA application_id = ${kind.mark * 256 + to}; COMMIT`);
  return true;
}

/** A later version may count differently: a file of it is left alone. */
export function refuseNewer(kind: SchemaKind, schema: number): void {
  if (schema > kind.migrations.length)
    throw new LedgerError(
      'newer-schema',
      `a ${kind.name} file has schema ${schema}; this version knows ${kind.migrations.length}`,
    );
}

/** The whole database with its new generation; every prepared statement is gone afterwards. */
export function exportDatabase(db: Database, generation: number): Uint8Array {
  db.exec(`PRAGMA user_version = ${generation}`);
  const bytes = db.export();
  configure(db);
  // Room that was kept for more and is not needed.
  return bytes.subarray(0, databaseBytes(new DataView(bytes.buffer, bytes.byteOffset)));
}

function databaseBytes(head: DataView): number {
  const pageBytes = head.getUint16(16) === 1 ? 65_536 : head.getUint16(16);
  return head.getUint32(28) * pageBytes;
}
