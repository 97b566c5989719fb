// Which transcripts `npm start` shows: the given ones, else one's own, else a made-up set.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeSampleTranscripts } from '../sampleTranscripts.mjs';
import { cacheFolder } from './cacheFolder.mjs';

function expandHome(path) {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

/** Where Claude Code itself keeps them. */
function ownRoots(env) {
  const named = (env.CLAUDE_CONFIG_DIR ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (named.length > 0) return named.map((path) => resolve(expandHome(path)));
  return [join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'claude'), join(homedir(), '.claude')];
}

/** Whether there is a transcript below a config folder, or below a folder that is its `projects` already. */
export function hasTranscripts(root) {
  return [join(root, 'projects'), ...(/[\\/]projects$/.test(root) ? [root] : [])].some((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) =>
        name.endsWith('.jsonl'),
      );
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    }
  });
}

/**
 * `profile` names a VS Code profile of its own for each set: a ledger keeps what it has counted,
 * so made-up sessions must never enter the one that counts real ones.
 * @param {string[]} given the folders named with --root
 * @returns {{ profile: string, claudeConfigDir: string | undefined, description: string }}
 */
export function chooseTranscripts(given, env = process.env) {
  if (given.length > 0) {
    // npm changes into the project's folder and says here where it was called.
    const roots = given.map((path) => resolve(env.INIT_CWD ?? '', expandHome(path)));
    for (const root of roots) {
      if (!isFolder(root)) throw new Error(`--root ${root}: there is no such folder.`);
    }
    const digest = createHash('sha256').update(roots.join('\n')).digest('hex').slice(0, 12);
    return { profile: digest, claudeConfigDir: roots.join(','), description: roots.join(', ') };
  }
  const own = ownRoots(env).filter((root) => hasTranscripts(root));
  if (own.length > 0) {
    return { profile: 'own', claudeConfigDir: own.join(','), description: `your own (${own.join(', ')})` };
  }
  const sample = join(cacheFolder(env), 'sample');
  writeSampleTranscripts(sample);
  return {
    profile: 'sample',
    claudeConfigDir: sample,
    description: `a made-up set, as you have none of your own (${sample})`,
  };
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
