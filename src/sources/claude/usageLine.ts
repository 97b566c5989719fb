import { nanoDollars } from '../../model/cost';
import type { EpochMs } from '../../model/time';
import type { TokenCounts } from '../../model/tokens';
import type { Origin, UsageRecord } from '../../model/usageRecord';
import { BadLineError } from './badLine';
import { countField, dollarsField, flagField, isObject, labelField, listField } from './fields';
import { nameField, objectField } from './fields';
import type { JsonObject } from './fields';
import { hashText } from './parseState';
import type { MessageCarry } from './parseState';
import { parseTimestamp } from './timestamp';
import type { TranscriptPath } from './transcriptPath';

/** What a record needs to know beside its line. */
export interface LineSurroundings {
  readonly file: TranscriptPath;
  readonly user: string;
  readonly host: string;
  /** First timestamp of the file; null while this line is the first with one. */
  readonly beganEpochMs: EpochMs | null;
  readonly origin: (session: string, beganEpochMs: EpochMs) => Origin;
  /** First working folder of the file. */
  readonly firstCwd: string | null;
  readonly carry: MessageCarry;
  /** Key of a message without an id. */
  readonly lineKey: () => string;
}

export interface UsageLine {
  readonly records: readonly UsageRecord[];
  /** Iterations that were billed on top but cannot be read: the message itself still counts. */
  readonly badIterations: number;
}

/** A model's response on a line, wherever the line keeps it. */
interface Response {
  readonly message: JsonObject;
  readonly usage: JsonObject;
  /** Where time, request and cost are written. */
  readonly envelope: JsonObject;
  /** A subagent's response, repeated in the parent's transcript while it works. */
  readonly progress: boolean;
}

/** Not a model: what Claude Code writes in its own name. */
const synthetic = '<synthetic>';

/**
 * The largest output that was ever seen as the placeholder of a response that had only begun is about 40 tokens
 * (600 messages of real transcripts that were completed later: 30 at most).
 */
const largestPlaceholder = 64;

/** Only of such a line it matters how much content it has: the output it states may be no more than a placeholder. */
export function mayBePlaceholder({ stopped, output }: Pick<Billed, 'stopped' | 'output'>): boolean {
  return !stopped && output <= largestPlaceholder;
}

/** What a line says of a billed response, checked but not yet interpreted. Token counts that are absent are 0. */
export interface Billed {
  id: string | null;
  requestId: string | null;
  model: string;
  fast: boolean;
  usOnly: boolean;
  epochMs: EpochMs;
  session: string | null;
  cwd: string | null;
  branch: string | null;
  sidechain: boolean;
  reportedDollars: number | null;
  input: number;
  output: number;
  cacheRead: number;
  /** All of what was written into the cache, and how much of it the split gives to each duration. */
  cacheWrite: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  webSearches: number;
  /** Hash of the line's own id. */
  line: number | null;
  /** Characters of content on this line, if it may be one with a placeholder. */
  characters: number;
  hasContent: boolean;
  /** A reason to stop is given. */
  stopped: boolean;
}

/** Null if the line holds no billed response. Throws `BadLineError` if it holds one that cannot be read. */
export function readUsageLine(line: JsonObject, around: LineSurroundings): UsageLine | null {
  const response = findResponse(line);
  if (response === null) return null;
  const billed = readBilled(line, response);
  if (billed === null) return null;
  const record = makeRecord(billed, around);
  const extra = readIterations(response.usage, record, billed.model);
  return { records: [record, ...extra.records], badIterations: extra.bad };
}

function readBilled(line: JsonObject, { message, usage, envelope, progress }: Response): Billed | null {
  const model = nameField(message, 'model');
  if (model === synthetic) return null;
  if (model === null) throw new BadLineError('no-model');
  const version = nameField(line, 'version');
  if (version !== null && !/^\d+\.\d+\.\d/.test(version)) throw new BadLineError('bad-version');
  const epochMs = parseTimestamp(envelope['timestamp'] ?? line['timestamp']);
  if (epochMs === null) throw new BadLineError('bad-timestamp');
  const content = message['content'];
  const uuid = labelField(envelope, 'uuid');
  const id = nameField(message, 'id');
  const session = nameField(line, 'sessionId');
  const reportedDollars = dollarsField(envelope, 'costUSD');
  const counts = readCounts(usage);
  const stopped = (message['stop_reason'] ?? null) !== null;
  return {
    id,
    session,
    reportedDollars,
    ...counts,
    sidechain: flagField(envelope, 'isSidechain') || progress,
    requestId: nameField(envelope, 'requestId'),
    model,
    fast: readFast(usage),
    usOnly: labelField(usage, 'inference_geo') === 'us',
    epochMs,
    cwd: labelField(line, 'cwd'),
    branch: labelField(line, 'gitBranch'),
    line: uuid === null ? null : hashText(uuid),
    characters: mayBePlaceholder({ stopped, output: counts.output }) ? contentCharacters(content) : 0,
    hasContent: (typeof content === 'string' || Array.isArray(content)) && content.length > 0,
    stopped,
  };
}

/** Names that every record of one file shares. */
const provider = 'anthropic';
const source = 'claude-code';

/** The record of a line's response, as its file and the lines before it make it. */
export function makeRecord(billed: Billed, around: LineSurroundings): UsageRecord {
  const { id, epochMs, model, fast, output } = billed;
  const carried = id === null ? null : around.carry.add(id, billed.line, billed.characters, output);
  const unfinished = isUnfinished(billed, carried?.firstOutput ?? output);
  return {
    key: id ?? around.lineKey(),
    requestId: billed.requestId ?? '',
    sidechain: billed.sidechain || around.file.agent,
    epochMs,
    tokens: tokensOf(billed),
    model: fast ? speedName(model, fast) : model,
    provider,
    project: billed.cwd ?? around.firstCwd ?? around.file.projectFolder,
    branch: billed.branch ?? '',
    source,
    user: around.user,
    host: around.host,
    fast,
    usOnly: billed.usOnly,
    reportedCost: billed.reportedDollars === null ? null : nanoDollars(billed.reportedDollars),
    unfinished,
    contentCharacters: unfinished ? (carried?.characters ?? billed.characters) : 0,
    origin: around.origin(billed.session ?? around.file.session, around.beganEpochMs ?? epochMs),
  };
}

/**
 * Whether this copy of the message lacks its final usage. Older versions of Claude Code often left `stop_reason` null
 * on every line, also on the one with the final figures, so its absence alone says nothing: the output must also look
 * like the placeholder which a response starts with, and must not have grown since the message's first line. A line
 * without content gives nothing to estimate from and is taken as it is.
 */
function isUnfinished(billed: Billed, firstOutput: number): boolean {
  return mayBePlaceholder(billed) && billed.hasContent && billed.output <= firstOutput;
}

function findResponse(line: JsonObject): Response | null {
  const type = line['type'] ?? 'assistant';
  if (type === 'assistant') return asResponse(line, false);
  if (type !== 'progress' || !isObject(line['data'])) return null;
  const envelope = line['data']['message'];
  return isObject(envelope) ? asResponse(envelope, true) : null;
}

function asResponse(envelope: JsonObject, progress: boolean): Response | null {
  const message = envelope['message'];
  if (!isObject(message)) return null;
  const usage = objectField(message, 'usage');
  return usage === null ? null : { message, usage, envelope, progress };
}

type Counts = Pick<
  Billed,
  'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'cacheWrite5m' | 'cacheWrite1h' | 'webSearches'
>;

function readCounts(usage: JsonObject): Counts {
  const input = countField(usage, 'input_tokens');
  const output = countField(usage, 'output_tokens');
  if (input === null || output === null) throw new BadLineError('no-tokens');
  const cacheWrite = countField(usage, 'cache_creation_input_tokens') ?? 0;
  const split = objectField(usage, 'cache_creation') ?? {};
  const cacheWrite5m = countField(split, 'ephemeral_5m_input_tokens') ?? 0;
  const cacheWrite1h = countField(split, 'ephemeral_1h_input_tokens') ?? 0;
  const tools = objectField(usage, 'server_tool_use') ?? {};
  return {
    input,
    output,
    cacheRead: countField(usage, 'cache_read_input_tokens') ?? 0,
    cacheWrite,
    cacheWrite5m,
    cacheWrite1h,
    webSearches: countField(tools, 'web_search_requests') ?? 0,
  };
}

function tokensOf(counts: Counts): TokenCounts {
  const { input, output, cacheRead, webSearches, cacheWrite, cacheWrite5m, cacheWrite1h } = counts;
  return {
    input,
    output,
    cacheRead,
    // What the split leaves open was written for 5 minutes; a split above the total is believed.
    cacheWrite5m: cacheWrite5m + Math.max(0, cacheWrite - cacheWrite5m - cacheWrite1h),
    cacheWrite1h,
    webSearches,
  };
}

function readFast(usage: JsonObject): boolean {
  return nameField(usage, 'speed') === 'fast';
}

/** Characters that the model wrote: text, thinking, and the input of tools as JSON. */
function contentCharacters(content: unknown): number {
  if (typeof content === 'string') return content.length;
  if (!Array.isArray(content)) return 0;
  let sum = 0;
  for (const block of content) {
    if (!isObject(block)) continue;
    if (typeof block['text'] === 'string') sum += block['text'].length;
    if (typeof block['thinking'] === 'string') sum += block['thinking'].length;
    if (block['input'] !== undefined) sum += JSON.stringify(block['input']).length;
  }
  return sum;
}

/** Fast mode costs a multiple: it is listed as a model of its own, as others list it. Prices see through the name. */
function speedName(model: string, fast: boolean): string {
  return fast ? `${model}-fast` : model;
}

/**
 * Iterations that are billed on top of a message's totals become messages of their own. `message` and
 * `fallback_message` repeat what is in the totals, or (an attempt that another model declined) are not billed.
 */
function readIterations(
  usage: JsonObject,
  parent: UsageRecord,
  parentModel: string,
): { records: UsageRecord[]; bad: number } {
  const records: UsageRecord[] = [];
  let bad = 0;
  let advisors = 0;
  let compactions = 0;
  for (const iteration of iterationsOf(usage)) {
    const type = isObject(iteration) ? iteration['type'] : undefined;
    if (type !== 'advisor_message' && type !== 'compaction') {
      if (typeof type !== 'string') bad++;
      continue;
    }
    // Numbered by place, also past one that cannot be read: a key must not depend on its neighbours.
    const name = type === 'compaction' ? `compaction-${compactions++}` : `advisor-${advisors++}`;
    const record = readIteration(iteration as JsonObject, `${parent.key}#${name}`, parent, parentModel);
    if (record === null) bad++;
    else records.push(record);
  }
  return { records, bad };
}

function iterationsOf(usage: JsonObject): readonly unknown[] {
  try {
    return listField(usage, 'iterations');
  } catch (error) {
    if (error instanceof BadLineError) return [null];
    throw error;
  }
}

/** Null if it cannot be read. An advisor always names its model; a compaction is the parent's unless it does. */
function readIteration(
  iteration: JsonObject,
  key: string,
  parent: UsageRecord,
  parentModel: string,
): UsageRecord | null {
  try {
    const compaction = iteration['type'] === 'compaction';
    const named = nameField(iteration, 'model') ?? (compaction ? parentModel : null);
    if (named === null) return null;
    const fast = readFast(iteration);
    return {
      ...parent,
      key,
      model: compaction ? speedName(named, fast) : named,
      tokens: tokensOf(readCounts(iteration)),
      fast,
      reportedCost: null,
      unfinished: false,
      contentCharacters: 0,
    };
  } catch (error) {
    if (error instanceof BadLineError) return null;
    throw error;
  }
}
