import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface CorpusOptions {
  /** Folder to fill: it becomes a Claude config folder (`projects/` inside). */
  readonly folder: string;
  /** About how much to write. */
  readonly bytes: number;
  /** About how large a main transcript is; 500,000 by default. */
  readonly bytesPerSession?: number;
  /** End of the time that the sessions spread over, epoch milliseconds. */
  readonly until: number;
  /** How long that time is; 30 days by default. */
  readonly days?: number;
  readonly projects?: number;
  readonly seed?: number;
}

export interface Corpus {
  readonly folder: string;
  readonly files: string[];
  readonly bytes: number;
  readonly lines: number;
}

const models = [
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-haiku-4-5-20251001',
  'claude-opus-4-8',
  'claude-sonnet-4-5-20250929',
];

/** A small, fast, seeded generator (a linear congruential one), so that a corpus is the same every time. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  id(): string {
    return (
      this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0') +
      this.below(2 ** 32)
        .toString(16)
        .padStart(8, '0')
    );
  }

  /** Long-tailed: mostly around `typical`, now and then forty times that. */
  size(typical: number): number {
    const draw = this.next();
    return Math.floor(typical * (draw < 0.9 ? 0.2 + draw : draw < 0.99 ? 4 : 40));
  }
}

/** Text as it stands inside a JSON string, some of it escaped, to be cut anywhere between its words. */
function makeText(random: Random, length: number): string {
  const words = [
    'const',
    'await',
    'the',
    'ledger',
    'é',
    '\\"usage\\"',
    'tokens',
    '\\n',
    '\\t',
    'return',
    '\\\\',
    'für',
    '日本',
  ];
  const parts: string[] = [];
  for (let size = 0; size < length;) {
    const word = words[random.below(words.length)]!;
    parts.push(word);
    size += word.length + 1;
  }
  return parts.join(' ');
}

class Text {
  readonly #pool: string;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#pool = makeText(random, 1_000_000);
  }

  take(length: number): string {
    const from = this.#pool.indexOf(' ', this.#random.below(this.#pool.length - 1)) + 1;
    const to = this.#pool.lastIndexOf(' ', Math.min(from + length, this.#pool.length));
    return to > from ? this.#pool.slice(from, to) : 'ok';
  }
}

interface Session {
  readonly id: string;
  readonly cwd: string;
  readonly branch: string;
  readonly model: string;
  readonly lines: string[];
  time: number;
}

/**
 * Writes a tree of transcripts shaped like real ones: most bytes (three of five) are tool results, a fifth are answers,
 * a fifth is progress; answers stream over several lines with growing output, so that half of their lines repeat a
 * message; subagents have files of their own (some echoed as progress), some sessions are forks of others.
 */
export function writeCorpus(options: CorpusOptions): Corpus {
  const random = new Random(options.seed ?? 1);
  const text = new Text(random);
  const { bytesPerSession = 500_000, days = 30, projects = 12, until } = options;
  const files: string[] = [];
  let bytes = 0;
  let lines = 0;
  let fork: string[] = [];

  const write = (path: string, content: string[], time: number): void => {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'w');
    const buffer = Buffer.from(content.join(''));
    writeSync(file, buffer);
    closeSync(file);
    utimesSync(path, time / 1000, time / 1000);
    files.push(path);
    bytes += buffer.length;
    lines += content.length;
  };

  while (bytes < options.bytes) {
    const project = random.below(projects);
    const folder = join(options.folder, 'projects', `-home-dev-project-${project}`);
    const session: Session = {
      id: `${random.id()}-${random.id()}`,
      cwd: `/home/dev/project-${project}`,
      branch: random.next() < 0.6 ? 'main' : `feature-${random.below(5)}`,
      model: models[random.below(models.length)]!,
      lines: [],
      time: until - (1 + random.below(days * 24 * 60)) * 60_000 + random.below(60_000),
    };
    // One session in twelve takes up where an earlier one stopped: its lines come along under a new session id.
    if (fork.length > 0 && random.next() < 0.08) {
      session.lines.push(
        ...fork.map((line) => line.replace(/"sessionId":"[^"]*"/, `"sessionId":"${session.id}"`)),
      );
    }
    const goal = Math.min(random.size(bytesPerSession), Math.max(options.bytes - bytes, 2_000));
    let size = 0;
    const subagents: { id: string; lines: string[] }[] = [];
    while (size < goal && session.time < until - 120_000) {
      const before = session.lines.length;
      writeTurn(session, random, text);
      if (random.next() < 0.03) subagents.push(writeSubagent(session, random, text));
      for (let index = before; index < session.lines.length; index++) size += session.lines[index]!.length;
    }
    if (session.lines.length === 0) continue;
    write(join(folder, `${session.id}.jsonl`), session.lines, session.time);
    for (const agent of subagents) {
      write(join(folder, session.id, 'subagents', `agent-${agent.id}.jsonl`), agent.lines, session.time);
    }
    fork = session.lines.slice(0, 60);
  }
  return { folder: options.folder, files, bytes, lines };
}

function head(session: Session, random: Random, type: string, sidechain = false): string {
  session.time += 200 + random.below(4_000);
  return (
    `{"parentUuid":"${random.id()}","isSidechain":${sidechain},"userType":"external","cwd":"${session.cwd}",` +
    `"sessionId":"${session.id}","version":"2.1.140","gitBranch":"${session.branch}","type":"${type}",`
  );
}

function tail(session: Session, random: Random): string {
  return `,"uuid":"${random.id()}","timestamp":"${new Date(session.time).toISOString()}"}\n`;
}

function writeTurn(session: Session, random: Random, text: Text): void {
  const toolUse = `toolu_${random.id()}`;
  for (const line of answer(session, random, text, session.model, false)) session.lines.push(line);
  for (let count = random.below(6); count > 0; count--) {
    session.lines.push(
      head(session, random, 'progress') +
        `"data":{"type":"bash_progress","output":"${text.take(random.size(350))}"},"toolUseID":"${toolUse}"` +
        tail(session, random),
    );
  }
  session.lines.push(
    head(session, random, 'user') +
      `"message":{"role":"user","content":[{"tool_use_id":"${toolUse}","type":"tool_result","content":"` +
      `${text.take(random.size(3_500))}"}]},"toolUseResult":{"stdout":"${text.take(random.size(1_600))}"}` +
      tail(session, random),
  );
}

/** One model call: its content blocks on a line each, the usage repeated with growing output. */
function answer(session: Session, random: Random, text: Text, model: string, sidechain: boolean): string[] {
  const message = `msg_${random.id()}`;
  const request = `req_${random.id()}`;
  const blocks = 1 + random.below(3);
  const output = 20 + random.below(2_000);
  const cacheRead = random.next() < 0.02 ? 230_000 + random.below(50_000) : random.below(150_000);
  const cacheWrite = random.below(8_000);
  const lines: string[] = [];
  for (let block = 1; block <= blocks; block++) {
    const last = block === blocks;
    const content =
      block === 1
        ? `{"type":"text","text":"${text.take(random.size(300))}"}`
        : `{"type":"tool_use","id":"toolu_${random.id()}","name":"Bash","input":{"command":"${text.take(random.size(250))}"}}`;
    lines.push(
      head(session, random, 'assistant', sidechain) +
        `"message":{"model":"${model}","id":"${message}","type":"message","role":"assistant","content":[${content}],` +
        `"stop_reason":${last ? '"tool_use"' : 'null'},"stop_sequence":null,"usage":{"input_tokens":${3 + (output % 7)},` +
        `"cache_creation_input_tokens":${cacheWrite},"cache_read_input_tokens":${cacheRead},` +
        `"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":${cacheWrite}},` +
        `"output_tokens":${last ? output : Math.min(output, block * 8)},"service_tier":"standard"}},"requestId":"${request}"` +
        tail(session, random),
    );
  }
  return lines;
}

function writeSubagent(session: Session, random: Random, text: Text): { id: string; lines: string[] } {
  const lines: string[] = [];
  for (let turn = 2 + random.below(8); turn > 0; turn--) {
    const said = answer(session, random, text, 'claude-haiku-4-5-20251001', true);
    lines.push(...said);
    // Older versions repeat a subagent's messages as progress of the main session.
    if (random.next() < 0.3) {
      const inner = said[0]!.trimEnd();
      session.lines.push(
        head(session, random, 'progress') +
          `"data":{"type":"agent_progress","message":${inner}},"toolUseID":"toolu_${random.id()}"` +
          tail(session, random),
      );
    }
    lines.push(
      head(session, random, 'user', true) +
        `"message":{"role":"user","content":"${text.take(random.size(1_500))}"}` +
        tail(session, random),
    );
  }
  return { id: random.id(), lines };
}
