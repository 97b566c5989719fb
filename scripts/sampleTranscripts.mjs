// Made-up transcripts for a first look at a machine that has none: node sampleTranscripts.mjs FOLDER.
// What happened in an hour depends on that hour and the seed alone: making the set again later adds what is new
// and changes nothing else, so a ledger that has counted the old set stays right.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const hourMs = 3_600_000;
const projects = ['/home/sample/atlas-api', '/home/sample/harbor-web', '/home/sample/field-notes'];
const branches = ['main', 'search', 'fix/retry'];
const mainModels = ['claude-opus-4-8', 'claude-sonnet-4-6'];
const agentModel = 'claude-haiku-4-5-20251001';
const claudeCodeVersion = '2.1.220';

/**
 * Writes `projects/**` below `root`, as Claude Code would have from `days` ago until now.
 * @param {string} root a Claude config folder
 * @param {{ nowEpochMs?: number, days?: number, seed?: string }} [options]
 * @returns {{ files: number, lines: number, sessions: number }}
 */
export function writeSampleTranscripts(root, { nowEpochMs = Date.now(), days = 40, seed = 'usage' } = {}) {
  const files = new Map();
  let sessions = 0;
  const lastHour = Math.floor(nowEpochMs / hourMs);
  for (let hour = lastHour - days * 24; hour <= lastHour; hour += 1) {
    const random = randomFrom(`${seed}/${hour}`);
    const happens = random() < likelihood(new Date(hour * hourMs));
    // Somebody who looks at a ticker for the first time should see a cost: the present always has a session.
    if (!happens && hour < lastHour - 1) continue;
    sessions += 1;
    for (const [path, entries] of session(hour * hourMs + random() * 600_000, random)) {
      const past = entries.filter((entry) => Date.parse(entry.timestamp) <= nowEpochMs);
      if (past.length > 0) files.set(path, past.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    }
  }
  let lines = 0;
  for (const [path, text] of files) {
    writeIfChanged(join(root, 'projects', path), text);
    lines += text.split('\n').length - 1;
  }
  return { files: files.size, lines, sessions };
}

/** How likely a session starts in the hour, for a person with working days, evenings and some weekends. */
function likelihood(date) {
  const weekend = date.getDay() === 0 || date.getDay() === 6;
  const hour = date.getHours();
  const working = hour >= 9 && hour < 18 ? 0.34 : hour >= 20 && hour < 23 ? 0.14 : 0.005;
  return weekend ? working / 4 : working;
}

/** The files of one session: its own, and one for each of its subagents. */
function* session(startEpochMs, random) {
  const project = pick(projects, random);
  const sessionId = uuid(random);
  const folder = project.replaceAll('/', '-');
  const common = {
    userType: 'external',
    cwd: project,
    sessionId,
    version: claudeCodeVersion,
    gitBranch: pick(branches, random),
  };
  const model = pick(mainModels, random);
  const turns = 6 + Math.floor(random() * 22);
  yield [
    `${folder}/${sessionId}.jsonl`,
    conversation(startEpochMs, turns, model, { ...common, isSidechain: false }, random),
  ];
  for (let left = Math.floor(random() * 3); left > 0; left -= 1) {
    const agentId = hex(7, random);
    const start = startEpochMs + 120_000 + random() * turns * 40_000;
    yield [
      `${folder}/${sessionId}/subagents/agent-${agentId}.jsonl`,
      conversation(
        start,
        3 + Math.floor(random() * 8),
        agentModel,
        { ...common, isSidechain: true, agentId },
        random,
      ),
    ];
  }
}

/** Prompts and responses in turn. The prompt is read from the cache and grows; a response is written while it streams. */
function conversation(startEpochMs, turns, model, common, random) {
  const entries = [];
  let epochMs = startEpochMs;
  let parentUuid = null;
  let cachedTokens = 0;
  const add = (entry) => {
    const timestamp = new Date(Math.floor(epochMs)).toISOString();
    entries.push({ parentUuid, ...common, ...entry, uuid: uuid(random), timestamp });
    parentUuid = entries.at(-1).uuid;
  };
  for (let turn = 0; turn < turns; turn += 1) {
    add({ type: 'user', message: { role: 'user', content: 'A made-up prompt.' } });
    epochMs += 2_000 + random() * 8_000;
    const written =
      turn === 0 ? 14_000 + Math.floor(random() * 9_000) : 200 + Math.floor(random() ** 3 * 12_000);
    const outputTokens = 40 + Math.floor(random() ** 3 * 4_000);
    const usage = {
      input_tokens: 3 + Math.floor(random() * 9),
      cache_creation_input_tokens: written,
      cache_read_input_tokens: cachedTokens,
      cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
      service_tier: 'standard',
    };
    const message = { id: `msg_01${hex(22, random)}`, type: 'message', role: 'assistant', model };
    const requestId = `req_011${hex(21, random)}`;
    const copies = 1 + Math.floor(random() * 3);
    for (let copy = 1; copy <= copies; copy += 1) {
      const last = copy === copies;
      epochMs += 1_000 + random() * 6_000;
      add({
        type: 'assistant',
        requestId,
        message: {
          ...message,
          content: [{ type: 'text', text: 'A made-up answer.' }],
          stop_reason: last ? (turn === turns - 1 ? 'end_turn' : 'tool_use') : null,
          stop_sequence: null,
          usage: { ...usage, output_tokens: last ? outputTokens : Math.min(outputTokens, copy) },
        },
      });
    }
    cachedTokens += written;
    epochMs += 5_000 + random() ** 2 * 90_000;
  }
  return entries;
}

function writeIfChanged(path, text) {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Numbers from 0 to 1 that depend on `text` alone. */
function randomFrom(text) {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 0x01000193);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

function hex(length, random) {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

function uuid(random) {
  return `${hex(8, random)}-${hex(4, random)}-4${hex(3, random)}-a${hex(3, random)}-${hex(12, random)}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const folder = process.argv[2];
  if (folder === undefined) {
    console.error('Usage: node sampleTranscripts.mjs FOLDER');
    process.exit(1);
  }
  const { files, lines, sessions } = writeSampleTranscripts(resolve(folder));
  console.log(`${sessions} sessions, ${files} files, ${lines} lines`);
}
