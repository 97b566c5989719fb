import { nanoDollars } from '../../model/cost';
import type { EpochMs } from '../../model/time';
import type { TokenCounts } from '../../model/tokens';
import type { UsageRecord } from '../../model/usageRecord';
import { BadLineError } from './badLine';
import { countField, dollarsField, flagField, isObject, labelField, listField } from './fields';
import { nameField, objectField } from './fields';
import type { JsonObject } from './fields';
import type { MessageCarry } from './parseState';
import { parseTimestamp } from './timestamp';
import type { TranscriptPath } from './transcriptPath';

/** What a record needs to know beside its line. */
export interface LineSurroundings {
  readonly file: TranscriptPath;
  readonly path: string;
  readonly user: string;
  readonly host: string;
  /** First timestamp of the file; null while this line is the first with one. */
  readonly beganEpochMs: EpochMs | null;
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

/** Null if the line holds no billed response. Throws `BadLineError` if it holds one that cannot be read. */
export function readUsageLine(line: JsonObject, around: LineSurroundings): UsageLine | null {
  const response = findResponse(line);
  if (response === null) return null;
  const { message, usage, envelope } = response;
  const model = nameField(message, 'model');
  if (model === synthetic) return null;
  if (model === null) throw new BadLineError('no-model');
  const version = nameField(line, 'version');
  if (version !== null && !/^\d+\.\d+\.\d/.test(version)) throw new BadLineError('bad-version');
  const epochMs = parseTimestamp(envelope['timestamp'] ?? line['timestamp']);
  if (epochMs === null) throw new BadLineError('bad-timestamp');
  const id = nameField(message, 'id');
  const session = nameField(line, 'sessionId') ?? around.file.session;
  const reported = dollarsField(envelope, 'costUSD');
  const tokens = readTokens(usage);
  const sidechain = flagField(envelope, 'isSidechain') || response.progress || around.file.agent;
  const shared = {
    requestId: nameField(envelope, 'requestId') ?? '',
    sidechain,
    epochMs,
    provider: 'anthropic',
    project: labelField(line, 'cwd') ?? around.firstCwd ?? around.file.projectFolder,
    branch: labelField(line, 'gitBranch') ?? '',
    source: 'claude-code',
    user: around.user,
    host: around.host,
    origin: { path: around.path, beganEpochMs: around.beganEpochMs ?? epochMs, session },
  };
  const key = id ?? around.lineKey();
  const fast = readFast(usage);
  const record: UsageRecord = {
    ...shared,
    key,
    model: speedName(model, fast),
    tokens,
    fast,
    usOnly: labelField(usage, 'inference_geo') === 'us',
    reportedCost: reported === null ? null : nanoDollars(reported),
    ...readProgress(response, id, tokens.output, around.carry),
  };
  const extra = readIterations(usage, record, model);
  return { records: [record, ...extra.records], badIterations: extra.bad };
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

function readTokens(usage: JsonObject): TokenCounts {
  const input = countField(usage, 'input_tokens');
  const output = countField(usage, 'output_tokens');
  if (input === null || output === null) throw new BadLineError('no-tokens');
  const total = countField(usage, 'cache_creation_input_tokens') ?? 0;
  const split = objectField(usage, 'cache_creation') ?? {};
  const fiveMinutes = countField(split, 'ephemeral_5m_input_tokens') ?? 0;
  const oneHour = countField(split, 'ephemeral_1h_input_tokens') ?? 0;
  const tools = objectField(usage, 'server_tool_use') ?? {};
  return {
    input,
    output,
    cacheRead: countField(usage, 'cache_read_input_tokens') ?? 0,
    // What the split leaves open was written for 5 minutes; a split above the total is believed.
    cacheWrite5m: fiveMinutes + Math.max(0, total - fiveMinutes - oneHour),
    cacheWrite1h: oneHour,
    webSearches: countField(tools, 'web_search_requests') ?? 0,
  };
}

function readFast(usage: JsonObject): boolean {
  return nameField(usage, 'speed') === 'fast';
}

/**
 * Whether this copy of the message carries its final usage. Older versions of Claude Code often left `stop_reason` null
 * on every line, also on the one with the final figures, so its absence alone says nothing: the output must also look
 * like the placeholder which a response starts with, and must not have grown since the message's first line. A line
 * without content gives nothing to estimate from and is taken as it is.
 */
function readProgress(
  { message, envelope }: Response,
  id: string | null,
  output: number,
  carry: MessageCarry,
): Pick<UsageRecord, 'unfinished' | 'contentCharacters'> {
  const content = message['content'];
  const written = contentCharacters(content);
  const { characters, firstOutput } =
    id === null
      ? { characters: written, firstOutput: output }
      : carry.add(id, labelField(envelope, 'uuid'), written, output);
  const unfinished =
    (message['stop_reason'] ?? null) === null &&
    (typeof content === 'string' || Array.isArray(content)) &&
    content.length > 0 &&
    output <= firstOutput &&
    output <= largestPlaceholder;
  return { unfinished, contentCharacters: characters };
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
      tokens: readTokens(iteration),
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
