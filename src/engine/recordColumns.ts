import type { CostState, Dimensions, Origin, UsageRecord } from '../model/usageRecord';

/** Records as they travel between threads: columns of numbers are handed over, what is left to copy is small. */
export interface RecordColumns {
  /** `numbersPerRecord` a record, in the order in which `encodeRecords` writes them. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Positions in `dimensions` and `origins`, and flags. */
  readonly references: Uint32Array<ArrayBuffer>;
  readonly keys: Texts;
  readonly requestIds: Texts;
  readonly dimensions: readonly Dimensions[];
  readonly origins: readonly Origin[];
  readonly costStates: readonly CostState[];
}

/** Many short texts as one: copying it from thread to thread costs next to nothing. */
interface Texts {
  readonly joined: string;
  readonly ends: Uint32Array<ArrayBuffer>;
}

const numbersPerRecord = 9;
const referencesPerRecord = 3;
const isSidechain = 1;
const isFast = 2;
const isUsOnly = 4;
const isUnfinished = 8;

export function encodeRecords(
  records: readonly UsageRecord[],
  costStates: readonly CostState[],
): RecordColumns {
  const numbers = new Float64Array(records.length * numbersPerRecord);
  const references = new Uint32Array(records.length * referencesPerRecord);
  const dimensions = new DimensionTable();
  const origins = new Map<Origin, number>();
  for (const [index, record] of records.entries()) {
    const { tokens, origin } = record;
    let at = index * numbersPerRecord;
    numbers[at++] = record.epochMs;
    numbers[at++] = tokens.input;
    numbers[at++] = tokens.output;
    numbers[at++] = tokens.cacheRead;
    numbers[at++] = tokens.cacheWrite5m;
    numbers[at++] = tokens.cacheWrite1h;
    numbers[at++] = tokens.webSearches;
    numbers[at++] = record.reportedCost ?? NaN;
    numbers[at++] = record.contentCharacters;
    let originNumber = origins.get(origin);
    if (originNumber === undefined) origins.set(origin, (originNumber = origins.size));
    at = index * referencesPerRecord;
    references[at++] = dimensions.numberOf(record);
    references[at++] = originNumber;
    references[at++] =
      (record.sidechain ? isSidechain : 0) |
      (record.fast ? isFast : 0) |
      (record.usOnly ? isUsOnly : 0) |
      (record.unfinished ? isUnfinished : 0);
  }
  return {
    numbers,
    references,
    keys: joinTexts(records.map(({ key }) => key)),
    requestIds: joinTexts(records.map(({ requestId }) => requestId)),
    dimensions: dimensions.all,
    origins: [...origins.keys()],
    costStates,
  };
}

/** Memory that is handed over rather than copied. */
export function transferable({ numbers, references, keys, requestIds }: RecordColumns): ArrayBuffer[] {
  return [numbers.buffer, references.buffer, keys.ends.buffer, requestIds.ends.buffer];
}

function joinTexts(texts: readonly string[]): Texts {
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (const [index, text] of texts.entries()) ends[index] = end += text.length;
  return { joined: texts.join(''), ends };
}

function textAt({ joined, ends }: Texts, index: number): string {
  return joined.slice(index === 0 ? 0 : ends[index - 1], ends[index]);
}

export function recordCount({ keys }: RecordColumns): number {
  return keys.ends.length;
}

export function decodeRecords(columns: RecordColumns, from: number, to: number): UsageRecord[] {
  const { numbers, references, keys, requestIds } = columns;
  const records: UsageRecord[] = [];
  for (let index = from; index < Math.min(to, recordCount(columns)); index++) {
    const at = index * numbersPerRecord;
    const reference = index * referencesPerRecord;
    const { model, provider, project, branch, source, user, host } =
      columns.dimensions[references[reference]!]!;
    const flags = references[reference + 2]!;
    const reportedCost = numbers[at + 7]!;
    records.push({
      key: textAt(keys, index),
      requestId: textAt(requestIds, index),
      sidechain: (flags & isSidechain) !== 0,
      epochMs: numbers[at]!,
      tokens: {
        input: numbers[at + 1]!,
        output: numbers[at + 2]!,
        cacheRead: numbers[at + 3]!,
        cacheWrite5m: numbers[at + 4]!,
        cacheWrite1h: numbers[at + 5]!,
        webSearches: numbers[at + 6]!,
      },
      model,
      provider,
      project,
      branch,
      source,
      user,
      host,
      fast: (flags & isFast) !== 0,
      usOnly: (flags & isUsOnly) !== 0,
      reportedCost: Number.isNaN(reportedCost) ? null : reportedCost,
      unfinished: (flags & isUnfinished) !== 0,
      contentCharacters: numbers[at + 8]!,
      origin: columns.origins[references[reference + 1]!]!,
    });
  }
  return records;
}

/** Numbers combinations of names; neighbouring records nearly always have the same. */
class DimensionTable {
  readonly all: Dimensions[] = [];
  readonly #numbers = new Map<string, number>();
  #lastNumber = -1;

  numberOf({ model, provider, project, branch, source, user, host }: Dimensions): number {
    const last = this.all[this.#lastNumber];
    if (
      last !== undefined &&
      last.model === model &&
      last.project === project &&
      last.branch === branch &&
      last.provider === provider &&
      last.source === source &&
      last.user === user &&
      last.host === host
    )
      return this.#lastNumber;
    const id = JSON.stringify([model, provider, project, branch, source, user, host]);
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.all.push({ model, provider, project, branch, source, user, host }) - 1;
      this.#numbers.set(id, number);
    }
    this.#lastNumber = number;
    return number;
  }
}
