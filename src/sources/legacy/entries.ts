import { readFile } from 'node:fs/promises';
import type { BadEntry } from '../../model/importReport';
import type { CivilDay, EpochMs, Month } from '../../model/time';
import { BadEntryError, type Fields, fieldsOf, isObject, plainName, text } from './fields';
import { type JsonEntry, type JsonPath, type Look, readJsonEntries } from './jsonEntries';
import { type LegacySource, partitionFiles } from './locate';
import { dayIn, instantIn, type LocalTime, monthIn } from './time';
import { readSplit, readSum, type Split, type Usage } from './usage';

/** One thing that an old file tells. */
export type LegacyEntry =
  | {
      readonly kind: 'session';
      /** null: the file does not say. */
      readonly user: string | null;
      /** null: the entry has none. */
      readonly id: string | null;
      readonly epochMs: EpochMs;
      readonly project: string;
      readonly split: Split;
    }
  | {
      readonly kind: 'day';
      readonly user: string | null;
      readonly day: CivilDay;
      readonly split: Split;
    }
  | {
      readonly kind: 'month';
      readonly user: string | null;
      readonly month: Month;
      readonly split: Split;
    }
  /** A total over the sessions of a file: it has no time, and is held against them. */
  | {
      readonly kind: 'breakdown';
      readonly of: 'model' | 'provider';
      readonly name: string;
      readonly usage: Usage;
    }
  | ({ readonly kind: 'bad' } & Omit<BadEntry, 'file'>);

export interface EntryChunk {
  readonly entries: readonly LegacyEntry[];
  /** Read of the source so far. */
  readonly bytes: number;
}

/** Larger than any sum of a day or month. */
const largestPartitionBytes = 4 * 1024 * 1024;
const partitionsAChunk = 100;

/** Everything a source tells, in pieces. Throws `corrupt` for a file that is no JSON, and the system's reasons. */
export function readEntries(source: LegacySource, local: LocalTime): AsyncGenerator<EntryChunk> {
  switch (source.kind) {
    case 'usage':
      return readFileEntries(source, lookIntoUsage, (entry) => usageEntry(entry, local));
    case 'daily-usage':
      return readFileEntries(source, lookIntoUsers, ({ path, value }) => dayEntry(path, value));
    case 'monthly-usage':
      return readFileEntries(source, lookIntoUsers, ({ path, value }) => userEntry(path, value));
    case 'partitioned-days':
      return readPartitions(source, 'day');
    case 'partitioned-months':
      return readPartitions(source, 'month');
  }
}

async function* readFileEntries(
  source: LegacySource,
  look: (path: JsonPath) => Look,
  understand: (entry: JsonEntry) => LegacyEntry | null,
): AsyncGenerator<EntryChunk> {
  for await (const { entries, bytes } of readJsonEntries(source.path, look))
    yield {
      entries: entries.flatMap((entry) => tolerant(entry.path.join(' › '), () => understand(entry))),
      bytes,
    };
}

async function* readPartitions(source: LegacySource, of: 'day' | 'month'): AsyncGenerator<EntryChunk> {
  let entries: LegacyEntry[] = [];
  let bytes = 0;
  for await (const { path, name, user, period } of partitionFiles(source.path, of)) {
    const content = await readFile(path, 'utf8');
    bytes += Buffer.byteLength(content);
    entries.push(
      ...tolerant(name, () => {
        if (content.length > largestPartitionBytes) throw new BadEntryError('too-large');
        return userEntry([user, period], unwrapped(parsed(content), period));
      }),
    );
    if (entries.length < partitionsAChunk) continue;
    yield { entries, bytes };
    entries = [];
  }
  yield { entries, bytes };
}

/** What cannot be understood is told as such, and harms nothing else. */
function tolerant(place: string, understand: () => LegacyEntry | null): LegacyEntry[] {
  try {
    const entry = understand();
    return entry === null ? [] : [entry];
  } catch (error) {
    if (error instanceof BadEntryError) {
      const { reason, field } = error;
      return [{ kind: 'bad', place, reason, field }];
    }
    throw error;
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    throw new BadEntryError('not-json');
  }
}

/** The sum itself, where a file wraps it by its period or a name. */
function unwrapped(value: unknown, period: string): unknown {
  if (!isObject(value)) return value;
  for (const name of [period, 'data', 'aggregate', 'usage', 'stats']) {
    const inner = value[name];
    if (isObject(inner) && Object.keys(value).every((key) => key === name || !isObject(value[key])))
      return { ...value, [name]: undefined, ...inner };
  }
  return value;
}

const sections = new Set(['sessions', 'dailytotals', 'modelbreakdown', 'providerbreakdown']);

function lookIntoUsage(path: JsonPath): Look {
  if (path.length === 0) return 'inside';
  if (!sections.has(plainName(String(path[0])))) return 'skip';
  return path.length === 1 ? 'inside' : 'entry';
}

function usageEntry({ path, value }: JsonEntry, local: LocalTime): LegacyEntry | null {
  // Beside the sections there are only things that are no usage, such as the time of the last change.
  if (path.length !== 2) return null;
  const key = String(path[1]);
  switch (plainName(String(path[0]))) {
    case 'sessions':
      return sessionEntry(typeof path[1] === 'string' ? key : null, value, local);
    case 'dailytotals':
      return totalEntry(path[1], value);
    case 'modelbreakdown':
      return { kind: 'breakdown', of: 'model', name: nameOf(path[1], value), usage: sum(value) };
    case 'providerbreakdown':
      return { kind: 'breakdown', of: 'provider', name: nameOf(path[1], value), usage: sum(value) };
    default:
      return null;
  }
}

const userNames = ['user', 'userid', 'username', 'useremail'];

function sessionEntry(key: string | null, value: unknown, local: LocalTime): LegacyEntry {
  if (!isObject(value)) throw new BadEntryError('no-session');
  const fields = fieldsOf(value);
  const epochMs = instantIn(
    fields,
    [
      'starttime',
      'startedat',
      'start',
      'timestamp',
      'createdat',
      'firstseen',
      'date',
      'time',
      'endtime',
      'lastactivity',
      'updatedat',
    ],
    local,
  );
  if (epochMs === null) throw new BadEntryError('no-time');
  return {
    kind: 'session',
    user: text(fields, userNames),
    id: text(fields, ['sessionid', 'id', 'conversationid', 'uuid']) ?? key,
    epochMs,
    project: text(fields, ['project', 'projectpath', 'projectname', 'cwd', 'workspace']) ?? '',
    split: readSplit(fields),
  };
}

/** One of `daily_totals`: by its key, or by the day that it names itself. */
function totalEntry(key: string | number | undefined, value: unknown): LegacyEntry {
  const fields = isObject(value) ? fieldsOf(value) : new Map<string, unknown>([['cost', value]]);
  const day = dayIn(key) ?? dayIn(text(fields, ['date', 'day']));
  if (day === null) throw new BadEntryError('no-period');
  if (readSum(value) === null) throw new BadEntryError('no-total');
  return { kind: 'day', user: text(fields, userNames), day, split: readSplit(fields) };
}

function nameOf(key: string | number | undefined, value: unknown): string {
  if (typeof key === 'string') return key;
  const name = isObject(value) ? text(fieldsOf(value), ['model', 'provider', 'name']) : null;
  if (name === null) throw new BadEntryError('no-name');
  return name;
}

function sum(value: unknown): Usage {
  const usage = readSum(value);
  if (usage === null) throw new BadEntryError('no-total');
  return usage;
}

/** Keys that hold the users rather than name one. */
const wrappers = new Set(['users', 'data', 'dailyusage', 'monthlyusage', 'usage']);

function inWrapper(path: JsonPath): boolean {
  return typeof path[0] === 'string' && wrappers.has(plainName(path[0]));
}

/** User, then day or month (or the other way round), then a sum; or a list of sums that name both. */
function lookIntoUsers(path: JsonPath): Look {
  const depth = inWrapper(path) ? path.length - 1 : path.length;
  const inList = typeof path.at(-1) === 'number' && depth === 1;
  return depth >= 2 || inList ? 'entry' : 'inside';
}

function dayEntry(path: JsonPath, value: unknown): LegacyEntry | null {
  const entry = userEntry(path, value);
  if (entry?.kind === 'month') throw new BadEntryError('month-among-days');
  return entry;
}

function userEntry(path: JsonPath, value: unknown): LegacyEntry | null {
  const keys = inWrapper(path) ? path.slice(1) : path;
  if (!isObject(value)) {
    // Beside the users: a version, a time.
    if (keys.length < 2) return null;
    throw new BadEntryError('no-total');
  }
  const fields = fieldsOf(value);
  // What the keys say goes before what stands inside.
  const inside = [text(fields, ['date', 'day']), text(fields, ['month', 'yearmonth', 'period'])];
  const of = (told: readonly unknown[]): Period =>
    told.map(dayIn).find((day) => day !== null) ?? told.map(monthIn).find((month) => month !== null) ?? null;
  const period = of(keys) ?? of(inside);
  const user =
    text(fields, userNames) ??
    keys.find(
      (key): key is string => typeof key === 'string' && dayIn(key) === null && monthIn(key) === null,
    ) ??
    null;
  return periodEntry(fields, user, period);
}

/** A day or a month. */
type Period = string | null;

function periodEntry(fields: Fields, user: string | null, period: Period): LegacyEntry {
  if (period === null) throw new BadEntryError('no-period');
  const split = readSplit(fields);
  return dayIn(period) === null
    ? { kind: 'month', user, month: period, split }
    : { kind: 'day', user, day: period, split };
}
