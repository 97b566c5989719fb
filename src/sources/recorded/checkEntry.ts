import type { UsageEntry } from '../../api';
import {
  earliestEpochMs,
  latestAheadMs,
  maxCostUsd,
  maxMetadataCharacters,
  maxMetadataFields,
  maxModelCharacters,
  maxTextCharacters,
  maxTokens,
  maxWebSearches,
} from './entryBounds';

type Check = (value: unknown, field: string, nowEpochMs: number) => void;

function fail(Kind: new (message: string) => Error, field: string, problem: string): never {
  // The value itself may be anything, also private: only the field is named.
  throw new Kind(`${field} ${problem}`);
}

function text(longest: number, mayBeEmpty: boolean): Check {
  return (value, field) => {
    if (typeof value !== 'string') fail(TypeError, field, 'must be a string');
    if (value.length > longest) fail(RangeError, field, `must have at most ${longest} characters`);
    if (!mayBeEmpty && value.trim() === '') fail(RangeError, field, 'must not be empty');
  };
}

function count(largest: number): Check {
  return (value, field) => {
    if (typeof value !== 'number') fail(TypeError, field, 'must be a number');
    if (!Number.isInteger(value) || value < 0 || value > largest) {
      fail(RangeError, field, `must be a whole number from 0 to ${largest}`);
    }
  };
}

const flag: Check = (value, field) => {
  if (typeof value !== 'boolean') fail(TypeError, field, 'must be true or false');
};

const cost: Check = (value, field) => {
  if (typeof value !== 'number') fail(TypeError, field, 'must be a number');
  if (!(value >= 0 && value <= maxCostUsd))
    fail(RangeError, field, `must be from 0 to ${maxCostUsd} US dollars`);
};

const time: Check = (value, field, nowEpochMs) => {
  if (typeof value !== 'number' && !(value instanceof Date)) {
    fail(TypeError, field, 'must be a Date or a number of milliseconds since 1970');
  }
  const epochMs = Number(value);
  if (!(epochMs >= earliestEpochMs && epochMs <= nowEpochMs + latestAheadMs)) {
    fail(RangeError, field, 'must be between the year 2000 and tomorrow');
  }
};

const metadata: Check = (value, field) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(TypeError, field, 'must be an object');
  }
  const entries = Object.entries(value);
  if (entries.length > maxMetadataFields) {
    fail(RangeError, field, `must have at most ${maxMetadataFields} fields`);
  }
  let characters = 0;
  for (const [name, item] of entries as [string, unknown][]) {
    const isPlain = item === null || ['string', 'number', 'boolean'].includes(typeof item);
    if (!isPlain)
      fail(TypeError, `${field}.${name.slice(0, 40)}`, 'must be a string, number, boolean or null');
    if (typeof item === 'number' && !Number.isFinite(item)) {
      fail(RangeError, `${field}.${name.slice(0, 40)}`, 'must be finite');
    }
    characters += name.length + String(item).length;
  }
  if (characters > maxMetadataCharacters) {
    fail(RangeError, field, `must have at most ${maxMetadataCharacters} characters in all`);
  }
};

const tokens = count(maxTokens);
const name = text(maxTextCharacters, true);

const checks: Readonly<Record<keyof UsageEntry, Check>> = {
  model: text(maxModelCharacters, false),
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadInputTokens: tokens,
  cacheCreationInputTokens: tokens,
  cacheCreation1hInputTokens: tokens,
  webSearchRequests: count(maxWebSearches),
  providerName: text(maxModelCharacters, false),
  costUsd: cost,
  time,
  id: text(maxTextCharacters, false),
  conversationId: name,
  project: name,
  branch: name,
  user: name,
  source: text(maxModelCharacters, false),
  fast: flag,
  usOnly: flag,
  metadata,
};
const required = ['model', 'inputTokens', 'outputTokens'] as const;
const checkOf: ReadonlyMap<string, Check> = new Map(Object.entries(checks));

/**
 * Checks what somebody recorded. A field that is `undefined` is absent; one that is not known is an error, because it
 * is most likely a known one misspelt, and its tokens would be missing from the bill.
 * @returns a copy with the known fields, so that what the caller does to its object later changes nothing.
 * @throws {TypeError} naming the field that has the wrong type, is missing or unknown.
 * @throws {RangeError} naming the field whose value cannot be.
 */
export function checkEntry(entry: unknown, nowEpochMs: number = Date.now()): UsageEntry {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new TypeError('entry must be an object');
  }
  // Copied before it is looked at: what is checked is what is kept.
  const checked: Record<string, unknown> = { ...entry };
  for (const field in checked) {
    const value = checked[field];
    if (value === undefined) {
      Reflect.deleteProperty(checked, field);
      continue;
    }
    const check = checkOf.get(field);
    if (check === undefined) fail(TypeError, field.slice(0, 40), 'is not a field of an entry');
    check(value, field, nowEpochMs);
  }
  for (const field of required) {
    if (checked[field] === undefined) fail(TypeError, field, 'is missing');
  }
  const complete = checked as unknown as UsageEntry;
  checkParts(complete);
  return complete.metadata === undefined ? complete : { ...complete, metadata: { ...complete.metadata } };
}

function checkParts(entry: UsageEntry): void {
  const { inputTokens, cacheReadInputTokens = 0, cacheCreationInputTokens = 0 } = entry;
  if (cacheReadInputTokens + cacheCreationInputTokens > inputTokens) {
    fail(
      RangeError,
      'inputTokens',
      'must include the tokens read from and written to the cache, and so be at least their sum',
    );
  }
  if ((entry.cacheCreation1hInputTokens ?? 0) > cacheCreationInputTokens) {
    fail(
      RangeError,
      'cacheCreation1hInputTokens',
      'is a part of cacheCreationInputTokens and cannot exceed it',
    );
  }
}
