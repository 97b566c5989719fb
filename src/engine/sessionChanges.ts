import { randomUUID } from 'node:crypto';
import { measureNames } from '../model/measures';
import { packSessions, type SessionsAnswer } from '../model/packedSessions';
import type { SessionRow, UsageFilter } from '../model/query';
import { sessionKey } from '../model/sessionOrder';

/** Fewer are told whole: that costs nothing. */
const leastRows = 100;
/** As many as pages are likely to show at a time. */
const mostLists = 3;
/** Of all lists together, about 600 bytes each. */
const mostRows = 50_000;

interface List {
  readonly id: string;
  /** Grows with every change. */
  generation: number;
  readonly rows: Map<string, { readonly row: SessionRow; readonly since: number }>;
  readonly gone: Map<string, number>;
}

/**
 * The sessions that pages were told, by what they had asked for: whoever asks again, and says what it was told, hears
 * only of those that have become different. Whoever says nothing, or what is not known any more, hears of all of them.
 */
export class SessionChanges {
  /** The one asked for last at the end. */
  readonly #lists = new Map<string, List>();

  answer(filter: UsageFilter, rows: readonly SessionRow[], since: string | undefined): SessionsAnswer {
    const whole = (token: string): SessionsAnswer => ({
      ...packSessions(rows),
      token,
      whole: true,
      gone: [],
    });
    const name = JSON.stringify(filter);
    if (rows.length < leastRows || rows.length > mostRows) {
      this.#lists.delete(name);
      return whole('');
    }
    const list = this.#lists.get(name) ?? emptyList();
    this.#lists.delete(name);
    this.#lists.set(name, list);
    const known = generationIn(list, since);
    const changed = update(list, rows, known ?? Infinity);
    this.#forgetOldest();
    const token = `${list.id} ${list.generation}`;
    if (known === null) return whole(token);
    const gone = [...list.gone].filter(([, at]) => at > known).map(([key]) => key);
    return { ...packSessions(changed), token, whole: false, gone };
  }

  clear(): void {
    this.#lists.clear();
  }

  #forgetOldest(): void {
    let count = 0;
    for (const { rows } of this.#lists.values()) count += rows.size;
    for (const [name, { rows }] of this.#lists) {
      if (this.#lists.size <= mostLists && count <= mostRows) return;
      this.#lists.delete(name);
      count -= rows.size;
    }
  }
}

function emptyList(): List {
  return { id: randomUUID(), generation: 0, rows: new Map(), gone: new Map() };
}

/** null: what this list was at that time is not known. */
function generationIn(list: List, since: string | undefined): number | null {
  const [id, generation] = (since ?? '').split(' ');
  return id === list.id ? Number(generation) : null;
}

/** Brings a list up to date. Returns the rows that have become different since a generation. */
function update(list: List, rows: readonly SessionRow[], since: number): SessionRow[] {
  const now = list.generation + 1;
  const changed: SessionRow[] = [];
  const present = new Set<string>();
  for (const row of rows) {
    const key = sessionKey(row);
    present.add(key);
    let known = list.rows.get(key);
    if (known === undefined || !isSame(known.row, row)) {
      list.generation = now;
      list.rows.set(key, (known = { row, since: now }));
      list.gone.delete(key);
    }
    if (known.since > since) changed.push(row);
  }
  for (const key of list.rows.keys())
    if (!present.has(key)) {
      list.generation = now;
      list.rows.delete(key);
      list.gone.set(key, now);
    }
  return changed;
}

function isSame(one: SessionRow, other: SessionRow): boolean {
  return (
    one.endEpochMs === other.endEpochMs &&
    one.startEpochMs === other.startEpochMs &&
    one.transcriptPath === other.transcriptPath &&
    one.claudeCodeCostNanoDollars === other.claudeCodeCostNanoDollars &&
    measureNames.every((name) => one.total[name] === other.total[name]) &&
    areSame(one.models, other.models) &&
    areSame(one.projects, other.projects) &&
    areSame(one.branches, other.branches)
  );
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, at) => each === others[at]);
}
