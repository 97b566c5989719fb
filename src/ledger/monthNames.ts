import type { SqlValue, Statement } from 'sql.js';
import { LedgerError } from '../model/errors';
import { type DimensionName, dimensionNames, type Dimensions, type Origin } from '../model/usageRecord';
import type { DimensionSet, Interning } from './interning';

/** How the names' owner is asked: of the same database. */
export interface NameTables {
  all(sql: string): SqlValue[][];
  statement(sql: string): Statement;
}

/** The ids by which one month's rows refer to names and origins. */
export class MonthNames {
  readonly #tables: NameTables;
  readonly #interning: Interning;
  readonly #names = new Map<string, number>();
  readonly #setIds = new Map<DimensionSet, number>();
  readonly #sets: DimensionSet[] = [];
  readonly #originIds = new Map<Origin, number>();
  readonly #origins: Origin[] = [];

  /** Throws `corrupt`, or what SQLite throws. */
  constructor(tables: NameTables, interning: Interning) {
    this.#tables = tables;
    this.#interning = interning;
    this.load();
  }

  /** Again, when some of them may be gone. */
  load(): void {
    this.#names.clear();
    this.#sets.length = 0;
    this.#setIds.clear();
    const texts: string[] = [];
    for (const [id, kind, text] of this.#tables.all('SELECT id, kind, text FROM name')) {
      texts[Number(id)] = String(text);
      this.#names.set(`${String(kind)}\0${String(text)}`, Number(id));
    }
    const columns = dimensionNames.join(', ');
    for (const [id, ...ids] of this.#tables.all(`SELECT id, ${columns} FROM dimension_set`)) {
      const names = Object.fromEntries(
        dimensionNames.map((name, index) => [name, textAt(texts, ids[index])]),
      ) as Record<DimensionName, string>;
      this.#rememberSet(Number(id), this.#interning.dimensions(names));
    }
    this.loadOrigins();
  }

  loadOrigins(): void {
    this.#origins.length = 0;
    this.#originIds.clear();
    const rows = this.#tables.all('SELECT id, path, session, began_epoch_ms FROM origin');
    for (const [id, path, session, began] of rows) {
      const origin = { path: String(path), session: String(session), beganEpochMs: Number(began) };
      this.#rememberOrigin(Number(id), this.#interning.origin(origin));
    }
  }

  set(id: number): DimensionSet {
    const set = this.#sets[id];
    if (set === undefined) throw new LedgerError('corrupt', `month database: no dimension set ${id}`);
    return set;
  }

  origin(id: number): Origin {
    const origin = this.#origins[id];
    if (origin === undefined) throw new LedgerError('corrupt', `month database: no origin ${id}`);
    return origin;
  }

  idOfSet(set: DimensionSet): number {
    return this.#setIds.get(set) ?? this.#newSet(set);
  }

  idOfOrigin(origin: Origin): number {
    return this.#originIds.get(origin) ?? this.#newOrigin(origin);
  }

  setsThat(pass: (set: DimensionSet) => boolean): number[] {
    return idsOf(this.#sets, pass);
  }

  originsThat(pass: (origin: Origin) => boolean): number[] {
    return idsOf(this.#origins, pass);
  }

  #rememberSet(id: number, set: DimensionSet): void {
    this.#sets[id] = set;
    this.#setIds.set(set, id);
  }

  #rememberOrigin(id: number, origin: Origin): void {
    this.#origins[id] = origin;
    this.#originIds.set(origin, id);
  }

  #newSet(set: DimensionSet): number {
    const id = Math.max(1, this.#sets.length);
    const ids = dimensionNames.map((name) => this.#nameId(name, set));
    const places = Array(dimensionNames.length + 1).fill('?');
    this.#tables.statement(`INSERT INTO dimension_set VALUES (${places.join(', ')})`).run([id, ...ids]);
    this.#rememberSet(id, set);
    return id;
  }

  #nameId(kind: DimensionName, of: Dimensions): number {
    const text = of[kind];
    const known = this.#names.get(`${kind}\0${text}`);
    if (known !== undefined) return known;
    const id = this.#names.size + 1;
    this.#tables.statement('INSERT INTO name VALUES (?, ?, ?)').run([id, kind, text]);
    this.#names.set(`${kind}\0${text}`, id);
    return id;
  }

  #newOrigin(origin: Origin): number {
    const id = Math.max(1, this.#origins.length);
    this.#tables
      .statement('INSERT INTO origin VALUES (?, ?, ?, ?)')
      .run([id, origin.path, origin.session, origin.beganEpochMs]);
    this.#rememberOrigin(id, origin);
    return id;
  }
}

function idsOf<Item>(items: readonly Item[], pass: (item: Item) => boolean): number[] {
  const ids: number[] = [];
  // Ids begin at 1: the list has a hole before, and others where origins are gone.
  items.forEach((item, id) => {
    if (pass(item)) ids.push(id);
  });
  return ids;
}

function textAt(texts: readonly string[], id: SqlValue | undefined): string {
  const text = texts[Number(id)];
  if (text === undefined) throw new LedgerError('corrupt', `month database: no name ${String(id)}`);
  return text;
}
