import { isDigit, newline, openBrace, quote, skipSpace } from './bytes';
import { NameTable } from './names';
import * as reader from './reader';
import { characters, startTally, tallyString, tallyValue } from './tally';
import { timeAt } from './timestamp';
import { isVersion, readHash, wordIs } from './words';

const lineNames = new NameTable([
  'message',
  'type',
  'timestamp',
  'sessionId',
  'requestId',
  'cwd',
  'gitBranch',
  'version',
  'isSidechain',
  'costUSD',
  'uuid',
]);
const messageNames = new NameTable(['usage', 'content', 'model', 'id', 'stop_reason']);
const blockNames = new NameTable(['text', 'thinking', 'input']);
const usageNames = new NameTable([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'server_tool_use',
  'speed',
  'inference_geo',
  'iterations',
]);
const splitNames = new NameTable(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']);
const toolNames = new NameTable(['web_search_requests']);
const iterationNames = new NameTable(['type']);

/** Placeholders of responses that had only begun are smaller: see `mayBePlaceholder` in usageLine.ts. */
const largestPlaceholder: f64 = 64;

/** A text of the line, as a piece of its bytes; from 0: there is none. */
export class Piece {
  from: usize = 0;
  to: usize = 0;

  clear(): void {
    this.from = this.to = 0;
  }

  take(): void {
    this.from = reader.nameFrom;
    this.to = reader.nameTo;
  }

  get isEmpty(): bool {
    return this.from == this.to;
  }
}

// What the line that was read last says.

/** NaN: it has no time. */
export let epochMs: f64 = NaN;
export const session = new Piece();
export const request = new Piece();
export const cwd = new Piece();
export const branch = new Piece();
export const id = new Piece();
export const model = new Piece();
export const dollars = new Piece();
export let hasUsage: bool = false;
export let isSidechain: bool = false;
export let hasContent: bool = false;
export let isStopped: bool = false;
export let isFast: bool = false;
export let isUsOnly: bool = false;
/** Hash of the line's own id, if `hasLineHash`. */
export let lineHash: u32 = 0;
export let hasLineHash: bool = false;
/** Characters of content, if the output may be a placeholder. */
export let contentCharacters: i32 = 0;
export let input: f64 = 0;
export let output: f64 = 0;
export let cacheRead: f64 = 0;
export let cacheWrite: f64 = 0;
export let cacheWrite5m: f64 = 0;
export let cacheWrite1h: f64 = 0;
export let webSearches: f64 = 0;

/**
 * Reads an assistant's line straight from its bytes. It takes what Claude Code writes day by day, and gives up (0) on
 * anything else (escapes in names, a member that comes twice, numbers that are no counts, broken JSON), for the caller
 * to read it by `JSON.parse`. Otherwise it returns the place of the line's end, and `hasUsage` tells a billed response.
 */
export function readAnswer(from: usize): usize {
  session.clear();
  request.clear();
  branch.clear();
  cwd.clear();
  dollars.clear();
  id.clear();
  model.clear();
  epochMs = NaN;
  hasUsage = isSidechain = hasLineHash = false;
  reader.begin(from);
  readLine();
  const end = skipSpace(reader.at);
  return reader.failed || load<u8>(end) != newline ? 0 : end;
}

function readLine(): void {
  let isTyped = false;
  let isAssistant = false;
  let hasVersion = false;
  let versionIsGood = true;
  const outer = reader.enter();
  for (let name = reader.member(lineNames); name != reader.ended; name = reader.member(lineNames)) {
    switch (name) {
      case 0:
        if (reader.peek() == openBrace) readMessage();
        else reader.fail();
        break;
      case 1:
        reader.readName();
        isTyped = reader.nameFrom != 0;
        isAssistant = wordIs('assistant');
        break;
      case 2:
        reader.readLabel();
        if (reader.nameFrom == 0) break;
        epochMs = timeAt(reader.nameFrom, reader.nameTo);
        if (isNaN(epochMs)) reader.fail();
        break;
      case 3:
        reader.readName();
        session.take();
        break;
      case 4:
        reader.readName();
        request.take();
        break;
      case 5:
        reader.readLabel();
        cwd.take();
        break;
      case 6:
        reader.readLabel();
        branch.take();
        break;
      case 7:
        reader.readName();
        hasVersion = reader.nameFrom != 0;
        versionIsGood = isVersion();
        break;
      case 8:
        isSidechain = reader.readFlag();
        break;
      case 9:
        readDollars();
        break;
      case 10:
        lineHash = readHash();
        hasLineHash = reader.nameFrom != reader.nameTo;
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  if (!isTyped) reader.fail();
  hasUsage = hasUsage && isAssistant;
  if (!hasUsage) return;
  // What makes a response a bad line is for the slow way to say.
  const isUsual = !isNaN(epochMs) && !model.isEmpty && !isSynthetic() && (!hasVersion || versionIsGood);
  if (!isUsual) reader.fail();
}

/** Not a model: what Claude Code writes in its own name. */
function isSynthetic(): bool {
  return load<u8>(model.from) == 0x3c;
}

/** An amount without a sign or an exponent, and of no more than nine digits before the point. */
function readDollars(): void {
  if (reader.isNull()) return;
  dollars.from = reader.at;
  reader.skip();
  dollars.to = reader.at;
  let digits = 0;
  while (isDigit(load<u8>(dollars.from + digits))) digits++;
  if (digits < 1 || digits > 9) reader.fail();
  for (let at = dollars.from; at < dollars.to; at++) if ((load<u8>(at) | 0x20) == 0x65) reader.fail();
}

function readMessage(): void {
  hasContent = isStopped = false;
  contentCharacters = 0;
  let content: usize = 0;
  const outer = reader.enter();
  for (let name = reader.member(messageNames); name != reader.ended; name = reader.member(messageNames)) {
    switch (name) {
      case 0:
        hasUsage = !reader.isNull();
        if (hasUsage) readUsage();
        break;
      case 1:
        content = reader.at;
        hasContent = reader.skipContent();
        break;
      case 2:
        reader.readName();
        model.take();
        break;
      case 3:
        reader.readName();
        id.take();
        break;
      case 4:
        if (reader.isNull()) break;
        isStopped = true;
        reader.skip();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  if (reader.failed || !hasUsage || !hasContent || isStopped || output > largestPlaceholder) return;
  const behind = reader.at;
  reader.moveTo(content);
  tallyContent();
  reader.moveTo(behind);
}

function tallyContent(): void {
  startTally();
  if (reader.peek() == quote) reader.moveTo(tallyString(reader.at + 1));
  else if (reader.openList()) {
    do {
      if (reader.peek() == openBrace) tallyBlock();
      else reader.skip();
    } while (reader.goesOn());
  }
  contentCharacters = characters;
}

function tallyBlock(): void {
  const outer = reader.enter();
  for (let name = reader.member(blockNames); name != reader.ended; name = reader.member(blockNames)) {
    if (name == 2) reader.moveTo(tallyValue(reader.at));
    else if (name >= 0 && reader.peek() == quote) reader.moveTo(tallyString(reader.at + 1));
    else reader.skip();
  }
  reader.leave(outer);
}

function readUsage(): void {
  input = output = -1;
  cacheRead = cacheWrite = cacheWrite5m = cacheWrite1h = webSearches = 0;
  isFast = isUsOnly = false;
  const outer = reader.enter();
  for (let name = reader.member(usageNames); name != reader.ended; name = reader.member(usageNames)) {
    switch (name) {
      case 0:
        input = reader.isNull() ? -1 : reader.readCount();
        break;
      case 1:
        output = reader.isNull() ? -1 : reader.readCount();
        break;
      case 2:
        cacheRead = reader.readCount();
        break;
      case 3:
        cacheWrite = reader.readCount();
        break;
      case 4:
        if (!reader.isNull()) readSplit();
        break;
      case 5:
        if (!reader.isNull()) readTools();
        break;
      case 6:
        reader.readName();
        isFast = wordIs('fast');
        break;
      case 7:
        reader.readLabel();
        isUsOnly = wordIs('us');
        break;
      case 8:
        if (!reader.isNull()) readIterations();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  if (input < 0 || output < 0) reader.fail();
}

function readSplit(): void {
  const outer = reader.enter();
  for (let name = reader.member(splitNames); name != reader.ended; name = reader.member(splitNames)) {
    if (name == 0) cacheWrite5m = reader.readCount();
    else if (name == 1) cacheWrite1h = reader.readCount();
    else reader.skip();
  }
  reader.leave(outer);
}

function readTools(): void {
  const outer = reader.enter();
  for (let name = reader.member(toolNames); name != reader.ended; name = reader.member(toolNames)) {
    if (name == 0) webSearches = reader.readCount();
    else reader.skip();
  }
  reader.leave(outer);
}

/** Iterations that only repeat the totals; one that is billed by itself is read the slow way. */
function readIterations(): void {
  if (!reader.openList()) return;
  do {
    let isTyped = false;
    const outer = reader.enter();
    for (
      let name = reader.member(iterationNames);
      name != reader.ended;
      name = reader.member(iterationNames)
    ) {
      if (name < 0) reader.skip();
      else {
        reader.readName();
        isTyped = reader.nameFrom != 0 && !wordIs('advisor_message') && !wordIs('compaction');
      }
    }
    reader.leave(outer);
    if (!isTyped) reader.fail();
  } while (reader.goesOn());
}
