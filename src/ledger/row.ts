import { LedgerError } from '../model/errors';
import type { NanoDollars } from '../model/cost';
import { type MeasureName, measureNames, type Measures } from '../model/measures';
import type { EpochMs, QuarterHour } from '../model/time';
import { tokenSum } from '../model/tokens';
import type { Origin, Price, PricedRecord } from '../model/usageRecord';
import { type DimensionSet, type Interning, storableText } from './interning';
import { hashKey, type KeyHash, type MonthNumber } from './keyIndex';

/** What a row adds to the rollups of its month's file. */
export interface Contribution {
  readonly counted: boolean;
  readonly quarter: QuarterHour;
  readonly dimensions: DimensionSet;
  readonly measures: Float64Array;
}

/**
 * All copies of one message that share key, request and sidechain, merged into one. Each part is merged by its own
 * rule, and each rule is a maximum or minimum of a total order, so neither order nor repetition of copies matters:
 * - usage (tokens, time, model, price): the copy with the largest token sum, then the earliest;
 * - missing output: the largest estimate among the copies with that token sum (content is counted up line by line);
 * - attribution (session, project, branch, source, user, host): the copy whose file begins earliest, then the path;
 * - unfinished: only if every copy is; content characters: the most, and none once it is finished.
 */
export interface Row {
  key: string;
  hash: KeyHash;
  requestId: string;
  sidechain: boolean;
  epochMs: EpochMs;
  /** Calls that the row stands for. */
  requests: number;
  tokenSum: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  webSearches: number;
  fast: boolean;
  usOnly: boolean;
  reportedCost: NanoDollars | null;
  cost: NanoDollars | null;
  assumed: boolean;
  cacheReadSaved: NanoDollars;
  cacheWriteExtra: NanoDollars;
  /** Of a copy; they count only while the row is unfinished. */
  missingOutputTokens: number;
  missingCost: NanoDollars;
  unfinished: boolean;
  contentCharacters: number;
  dimensions: DimensionSet;
  origin: Origin;
  /** This row stands for the message in every sum. */
  counted: boolean;
  month: MonthNumber;
  /** Its place in a month's file; −1 if it has none. */
  storedMonth: MonthNumber;
  slot: number;
  /** What the file's rollups hold of it, from the first change until the file's database is told; else null. */
  before: Contribution | null;
  /** No other row has its hash, so its slot is known without asking. */
  alone: boolean;
  /** The month whose database still has to be told of it; −1 if none. */
  pendingMonth: MonthNumber;
  /** It differs from what is stored. */
  changed: boolean;
}

/** Last instant that the ledger takes: the end of the year 2999. */
export const latestEpochMs: EpochMs = Date.UTC(3000, 0) - 1;

let cachedFrom = 0;
let cachedTo = 0;
let cachedMonth: MonthNumber = 0;

export function monthNumberOf(epochMs: EpochMs): MonthNumber {
  if (epochMs >= cachedFrom && epochMs < cachedTo) return cachedMonth;
  const date = new Date(epochMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  cachedFrom = Date.UTC(year, month);
  cachedTo = Date.UTC(year, month + 1);
  cachedMonth = (year - 1970) * 12 + month;
  return cachedMonth;
}

/** Throws `invalid` for what would spoil exact sums: the sources have checked their input long before. */
export function checkCountable(record: PricedRecord): void {
  const { tokens, price, epochMs } = record;
  const all =
    tokenSum(tokens) +
    tokens.webSearches +
    (price.cost ?? 0) +
    (record.reportedCost ?? 0) +
    price.missingOutputTokens +
    price.missingCost +
    price.cacheReadSaved +
    price.cacheWriteExtra +
    record.contentCharacters +
    record.origin.beganEpochMs;
  const { requests = 1 } = record;
  if (!Number.isSafeInteger(requests) || requests < 1)
    throw new LedgerError('invalid', 'a record that stands for no call');
  if (!Number.isSafeInteger(all) || !Number.isSafeInteger(epochMs) || epochMs < 0 || epochMs > latestEpochMs)
    throw new LedgerError('invalid', 'a record with a time or a number that cannot be counted');
}

/** A row for `readRecord` to write into, again and again. */
export function blankRow(dimensions: DimensionSet, origin: Origin): Row {
  return {
    key: '',
    hash: 0,
    requestId: '',
    sidechain: false,
    epochMs: 0,
    requests: 1,
    tokenSum: 0,
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    webSearches: 0,
    fast: false,
    usOnly: false,
    reportedCost: null,
    cost: null,
    assumed: false,
    cacheReadSaved: 0,
    cacheWriteExtra: 0,
    missingOutputTokens: 0,
    missingCost: 0,
    unfinished: false,
    contentCharacters: 0,
    dimensions,
    origin,
    counted: false,
    month: 0,
    storedMonth: -1,
    slot: 0,
    before: null,
    alone: false,
    pendingMonth: -1,
    changed: true,
  };
}

export function readRecord(record: PricedRecord, into: Row, interning: Interning): void {
  const { tokens, price } = record;
  into.key = storableText(record.key);
  into.hash = hashKey(into.key);
  into.requestId = storableText(record.requestId);
  into.sidechain = record.sidechain;
  into.epochMs = record.epochMs;
  into.requests = record.requests ?? 1;
  into.tokenSum = tokenSum(tokens);
  into.input = tokens.input;
  into.output = tokens.output;
  into.cacheRead = tokens.cacheRead;
  into.cacheWrite5m = tokens.cacheWrite5m;
  into.cacheWrite1h = tokens.cacheWrite1h;
  into.webSearches = tokens.webSearches;
  into.fast = record.fast;
  into.usOnly = record.usOnly;
  into.reportedCost = record.reportedCost;
  into.cost = price.cost;
  into.assumed = price.assumed;
  into.cacheReadSaved = price.cacheReadSaved;
  into.cacheWriteExtra = price.cacheWriteExtra;
  into.missingOutputTokens = price.missingOutputTokens;
  into.missingCost = price.missingCost;
  into.unfinished = record.unfinished;
  into.contentCharacters = record.unfinished ? record.contentCharacters : 0;
  into.dimensions = interning.dimensions(record);
  into.origin = interning.origin(record.origin);
  into.month = monthNumberOf(record.epochMs);
}

/** A row as the record that would make it: folding it is folding all the copies that it was merged from. */
export function recordOf(row: Row): PricedRecord {
  return {
    ...row.dimensions,
    key: row.key,
    requestId: row.requestId,
    sidechain: row.sidechain,
    epochMs: row.epochMs,
    ...(row.requests === 1 ? {} : { requests: row.requests }),
    tokens: {
      input: row.input,
      output: row.output,
      cacheRead: row.cacheRead,
      cacheWrite5m: row.cacheWrite5m,
      cacheWrite1h: row.cacheWrite1h,
      webSearches: row.webSearches,
    },
    fast: row.fast,
    usOnly: row.usOnly,
    reportedCost: row.reportedCost,
    unfinished: row.unfinished,
    contentCharacters: row.contentCharacters,
    origin: row.origin,
    price: {
      cost: row.cost,
      assumed: row.assumed,
      missingOutputTokens: row.missingOutputTokens,
      missingCost: row.missingCost,
      cacheReadSaved: row.cacheReadSaved,
      cacheWriteExtra: row.cacheWriteExtra,
    },
  };
}

/** What a row adds to each measure, in the order of `measureNames`, written into `into`. */
export function writeMeasures(row: Row, into: Float64Array | number[]): void {
  const cost = row.cost ?? 0;
  into[0] = row.requests;
  into[1] = row.cost === null ? row.requests : 0;
  into[2] = row.cost !== null && row.assumed ? row.requests : 0;
  into[3] = row.unfinished ? row.requests : 0;
  into[4] = row.input;
  into[5] = row.output;
  into[6] = row.cacheRead;
  into[7] = row.cacheWrite5m;
  into[8] = row.cacheWrite1h;
  into[9] = row.webSearches;
  into[10] = cost;
  into[11] = row.assumed ? cost : 0;
  into[12] = row.unfinished ? row.missingOutputTokens : 0;
  into[13] = row.unfinished ? row.missingCost : 0;
  into[14] = row.cacheReadSaved;
  into[15] = row.cacheWriteExtra;
}

export const measureCount = measureNames.length;

/** A list in the order of `measureNames` by name. */
export function namedMeasures(values: ArrayLike<number>, offset = 0): Measures {
  const named = {} as Record<MeasureName, number>;
  for (let index = 0; index < measureCount; index++) named[measureNames[index]!] = values[offset + index]!;
  return named;
}

/** Whether merging `copy` (same key, request and sidechain) would change `row`. */
export function wouldChange(row: Row, copy: Row): boolean {
  return (
    (row.unfinished && (!copy.unfinished || copy.contentCharacters > row.contentCharacters)) ||
    compareUsage(copy, row) < 0 ||
    compareMissing(copy, row) < 0 ||
    compareAttribution(copy, row) < 0
  );
}

/** Merges another copy (same key, request and sidechain) into `row`. */
export function mergeInto(row: Row, copy: Row, interning: Interning): void {
  const usage = compareUsage(copy, row) < 0;
  const missing = compareMissing(copy, row) < 0;
  const attribution = compareAttribution(copy, row) < 0;
  if (missing) {
    row.missingOutputTokens = copy.missingOutputTokens;
    row.missingCost = copy.missingCost;
  }
  if (usage || attribution) {
    const { model, provider } = usage ? copy.dimensions : row.dimensions;
    const place = attribution ? copy.dimensions : row.dimensions;
    row.dimensions = interning.dimensions({ ...place, model, provider });
  }
  if (attribution) row.origin = copy.origin;
  row.unfinished = row.unfinished && copy.unfinished;
  row.contentCharacters = row.unfinished ? Math.max(row.contentCharacters, copy.contentCharacters) : 0;
  if (usage) takeUsage(row, copy);
}

function takeUsage(row: Row, copy: Row): void {
  row.epochMs = copy.epochMs;
  row.requests = copy.requests;
  row.month = copy.month;
  row.tokenSum = copy.tokenSum;
  row.input = copy.input;
  row.output = copy.output;
  row.cacheRead = copy.cacheRead;
  row.cacheWrite5m = copy.cacheWrite5m;
  row.cacheWrite1h = copy.cacheWrite1h;
  row.webSearches = copy.webSearches;
  row.fast = copy.fast;
  row.usOnly = copy.usOnly;
  row.reportedCost = copy.reportedCost;
  row.cost = copy.cost;
  row.assumed = copy.assumed;
  row.cacheReadSaved = copy.cacheReadSaved;
  row.cacheWriteExtra = copy.cacheWriteExtra;
}

export function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function falseFirst(one: boolean, other: boolean): number {
  return Number(one) - Number(other);
}

/** null last: a copy with a price repairs one without. */
function largestFirst(one: number | null, other: number | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  return other === null ? -1 : other - one;
}

/** Negative if `one` tells the truth about the usage rather than `other`; 0 only if they say the same. */
export function compareUsage(one: Row, other: Row): number {
  return (
    other.tokenSum - one.tokenSum ||
    one.epochMs - other.epochMs ||
    other.output - one.output ||
    other.input - one.input ||
    other.cacheRead - one.cacheRead ||
    other.cacheWrite5m - one.cacheWrite5m ||
    other.cacheWrite1h - one.cacheWrite1h ||
    other.webSearches - one.webSearches ||
    other.requests - one.requests ||
    compareText(one.dimensions.model, other.dimensions.model) ||
    compareText(one.dimensions.provider, other.dimensions.provider) ||
    falseFirst(other.fast, one.fast) ||
    falseFirst(other.usOnly, one.usOnly) ||
    largestFirst(one.reportedCost, other.reportedCost) ||
    falseFirst(one.cost === null, other.cost === null) ||
    falseFirst(one.assumed, other.assumed) ||
    largestFirst(one.cost, other.cost) ||
    other.cacheReadSaved - one.cacheReadSaved ||
    other.cacheWriteExtra - one.cacheWriteExtra
  );
}

function compareMissing(one: Row, other: Row): number {
  return (
    other.tokenSum - one.tokenSum ||
    other.missingOutputTokens - one.missingOutputTokens ||
    other.missingCost - one.missingCost
  );
}

function compareAttribution(one: Row, other: Row): number {
  const first = one.origin;
  const second = other.origin;
  if (first === second && one.dimensions === other.dimensions) return 0;
  return (
    first.beganEpochMs - second.beganEpochMs ||
    compareText(first.path, second.path) ||
    compareText(first.session, second.session) ||
    compareText(one.dimensions.project, other.dimensions.project) ||
    compareText(one.dimensions.branch, other.dimensions.branch) ||
    compareText(one.dimensions.source, other.dimensions.source) ||
    compareText(one.dimensions.user, other.dimensions.user) ||
    compareText(one.dimensions.host, other.dimensions.host)
  );
}

/** Takes a price that was made anew: the rates have changed, the usage has not. */
export function takePrice(row: Row, price: Price): void {
  row.cost = price.cost;
  row.assumed = price.assumed;
  row.missingOutputTokens = price.missingOutputTokens;
  row.missingCost = price.missingCost;
  row.cacheReadSaved = price.cacheReadSaved;
  row.cacheWriteExtra = price.cacheWriteExtra;
}

export function samePrice(row: Row, price: Price): boolean {
  return (
    row.cost === price.cost &&
    row.assumed === price.assumed &&
    row.missingOutputTokens === price.missingOutputTokens &&
    row.missingCost === price.missingCost &&
    row.cacheReadSaved === price.cacheReadSaved &&
    row.cacheWriteExtra === price.cacheWriteExtra
  );
}
