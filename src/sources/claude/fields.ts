import { BadLineError } from './badLine';

export type JsonObject = Readonly<Record<string, unknown>>;

/** More than any model call can use: a number above it is damage, not usage. */
export const mostTokens = 1e12;
export const mostDollars = 1e9;
export const longestName = 4096;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In all of these, null is absent; a value of another type makes the line bad. */
export function objectField(owner: JsonObject, name: string): JsonObject | null {
  const value = owner[name] ?? null;
  if (value !== null && !isObject(value)) throw new BadLineError('wrong-type');
  return value;
}

export function listField(owner: JsonObject, name: string): readonly unknown[] {
  const value = owner[name] ?? [];
  if (!Array.isArray(value)) throw new BadLineError('wrong-type');
  return value;
}

/** null if absent. An empty name names nothing, and would make one message of many. */
export function nameField(owner: JsonObject, name: string): string | null {
  const value = owner[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'string') throw new BadLineError('wrong-type');
  if (value === '') throw new BadLineError('empty-name');
  if (value.length > longestName) throw new BadLineError('name-too-long');
  return value;
}

/** For names that only describe: what is not usable is absent. */
export function labelField(owner: JsonObject, name: string): string | null {
  const value = owner[name];
  return typeof value === 'string' && value !== '' && value.length <= longestName ? value : null;
}

export function flagField(owner: JsonObject, name: string): boolean {
  const value = owner[name] ?? false;
  if (typeof value !== 'boolean') throw new BadLineError('wrong-type');
  return value;
}

/** A count of tokens or calls: a non-negative integer; null if absent. */
export function countField(owner: JsonObject, name: string): number | null {
  const value = owner[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number') throw new BadLineError('wrong-type');
  if (!Number.isInteger(value) || value < 0 || value > mostTokens) throw new BadLineError('bad-number');
  return value;
}

/** An amount in US dollars; null if absent. */
export function dollarsField(owner: JsonObject, name: string): number | null {
  const value = owner[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number') throw new BadLineError('wrong-type');
  if (!Number.isFinite(value) || value < 0 || value > mostDollars) throw new BadLineError('bad-number');
  return value;
}
