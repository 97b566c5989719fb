import type { BadEntryReason } from '../../model/importReport';

/** Fields of one object by their names in small letters without `_`, `-` and spaces: `inputTokens` is `input_tokens`. */
export type Fields = ReadonlyMap<string, unknown>;

/** What cannot be taken over. */
export class BadEntryError extends Error {
  override readonly name = 'BadEntryError';
  readonly reason: BadEntryReason;
  readonly field: string;

  /** @param field the name of what is wrong; '' for the entry as such. */
  constructor(reason: BadEntryReason, field = '') {
    super(`${reason} ${field}`.trimEnd());
    this.reason = reason;
    this.field = field;
  }
}

/** More than anybody has used: a number above it is damage. */
const mostTokens = 1e12;
const mostDollars = 1e6;
const longestName = 1024;

export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: Readonly<Record<string, unknown>>): Fields {
  return new Map(Object.entries(value).map(([name, field]) => [plainName(name), field]));
}

/** The first of the names that has a value; null is no value. */
export function pick(fields: Fields, names: readonly string[]): unknown {
  for (const name of names) {
    const value = fields.get(name) ?? undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A name, or the number that somebody used for one; null if there is none. */
export function text(fields: Fields, names: readonly string[]): string | null {
  const value = pick(fields, names);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  if (value.length > longestName) throw new BadEntryError('name-too-long');
  return value.trim();
}

/** A number, also one that is written as text; null for anything else. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const digits = value.trim().replace(/^\$\s*/, '');
  return /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(digits) ? Number(digits) : null;
}

/** Tokens or calls; null if nothing is said. Lists and objects under the name are somebody else's. */
export function count(fields: Fields, names: readonly string[]): number | null {
  for (const name of names) {
    const value = numberIn(fields.get(name));
    if (value === null) continue;
    if (!Number.isInteger(value) || value < 0 || value > mostTokens)
      throw new BadEntryError('bad-count', name);
    return value;
  }
  return null;
}

/** US dollars; null if nothing is said. */
export function dollars(fields: Fields, names: readonly string[]): number | null {
  for (const name of names) {
    const field = fields.get(name);
    const value = numberIn(isObject(field) ? pick(fieldsOf(field), ['total', 'usd', 'amount']) : field);
    if (value === null) continue;
    if (!Number.isFinite(value) || value < 0 || value > mostDollars)
      throw new BadEntryError('bad-amount', name);
    return value;
  }
  return null;
}
